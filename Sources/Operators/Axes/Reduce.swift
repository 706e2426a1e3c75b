package import IR
import Machine
package import Support

/// The largest or smallest element over some axes, or whether all elements are true; scales stay.
///
/// Source: `EvalMinMaxHelper` and `EvalAllHelper` in `tensorflow/lite/micro/kernels/reduce_common.cc`.
package struct Reduce: SourceOperator, EmittableOperator {
  package static let mnemonic = "reduce"
  package static let kernels: [any Kernel] = [ReduceKernel()]

  package enum Kind: String, CaseIterable, Sendable { case maximum, minimum, all }

  package let kind: Kind
  /// Counted from the front, without repetition, sorted.
  package let axes: [Int]
  package let keepDimensions: Bool

  package init(_ kind: Kind, axes: [Int], keepDimensions: Bool) {
    self.kind = kind
    self.axes = axes
    self.keepDimensions = keepDimensions
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    kind = try attributes.choice("kind")
    axes = try attributes.ints("axes")
    keepDimensions = try attributes.bool("keep_dimensions")
  }

  package var attributes: Attributes {
    Attributes([
      ("kind", .string(kind.rawValue)), ("axes", .ints(axes)), ("keep_dimensions", .bool(keepDimensions)),
    ])
  }
  package var quantizationRule: QuantizationRule { .shared }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    return [try AxisReduction.shape(inputs[0].type.shape, axes: axes, keepDimensions: keepDimensions)]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: kind == .all ? [.bool] : [.int8, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    guard inputs[0].type.element == .int8 else { return }
    guard try inputs[0].type.affine("the input") == outputs[0].affine("the output") else {
      throw failure("scale", "input and output have different scales or zero points, which the reference refuses")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let loops = try AxisReduction(inputs[0].type.shape, axes: axes)
    switch inputs[0].elements {
    case .ints, .wide: return [Tensor(outputs[0], ints: loops.map(try inputs[0].ints("input"), start, next))]
    case .floats(let values):
      let largest = Float.greatestFiniteMagnitude
      return [Tensor(outputs[0], floats: loops.map(values, kind == .minimum ? largest : -largest, next))]
    }
  }

  /// What no element changes.
  var start: Int32 {
    switch kind {
    case .maximum: -128
    case .minimum: 127
    case .all: 1
    }
  }

  private func next<Value: Comparable>(_ value: Value, _ element: Value) -> Value {
    kind == .maximum ? (element > value ? element : value) : (element < value ? element : value)
  }
}

/// Loops over the kept axes around loops that compare.
package struct ReduceKernel: Kernel {
  package let name = "reduce"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? Reduce else { return nil }
    return (try? AxisReduction(layer.inputs[0].type.shape, axes: op.axes)).map { Work($0.work()) }
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? Reduce else { throw unsuitable(layer) }
    let (input, output) = (code.inputs[0], code.outputs[0])
    let sign = op.kind == .maximum ? ">" : "<"
    let type = layer.outputs[0].element.cName
    code.line(
      try AxisReduction(layer.inputs[0].type.shape, axes: op.axes).cText(
        step: { "value = \(input)[\($0)] \(sign) value ? \(input)[\($0)] : value;" },
        { loops, position in
          """
          \(type) value = \(op.start);
          \(loops)\(output)[\(position)] = value;
          """
        }))
  }
}
