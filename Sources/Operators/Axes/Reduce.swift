package import IR
import Machine
package import Support

/// The largest or smallest element over some axes, whether all elements are true, or the sum of plain int32; scales stay.
///
/// Source: `EvalMinMaxHelper` and `EvalAllHelper` in `tensorflow/lite/micro/kernels/reduce_common.cc`.
package struct Reduce: SourceOperator, EmittableOperator {
  package static let mnemonic = "reduce"
  package static let kernels: [any Kernel] = [ReduceKernel()]

  package enum Kind: String, CaseIterable, Sendable { case maximum, minimum, all, sum }

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
    let allowed: [ElementType] =
      switch kind {
      case .all: [.bool]
      case .sum: [.int32]
      case .maximum, .minimum: [.int8, .uint8, .int16, .int32, .float32]
      }
    try require(inputs[0].type, "input", is: allowed)
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    guard inputs[0].type.quantization != nil || outputs[0].quantization != nil else { return }
    guard try inputs[0].type.affine("the input") == outputs[0].affine("the output") else {
      throw failure("scale", "input and output have different scales or zero points, which the reference refuses")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let loops = try AxisReduction(inputs[0].type.shape, axes: axes)
    switch inputs[0].elements {
    case .ints, .wide:
      let values = try inputs[0].ints("input")
      let start = start(outputs[0].element)
      return [Tensor(outputs[0], ints: kind == .sum ? loops.map(values, start, &+) : loops.map(values, start, next))]
    case .floats(let values):
      let largest = Float.greatestFiniteMagnitude
      return [Tensor(outputs[0], floats: loops.map(values, kind == .minimum ? largest : -largest, next))]
    }
  }

  /// What no element changes.
  func start(_ element: ElementType) -> Int32 {
    switch kind {
    case .maximum: element.range?.lowerBound ?? Int32.min
    case .minimum: element.range?.upperBound ?? Int32.max
    case .all: 1
    case .sum: 0
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
    let element = layer.outputs[0].element
    let start = op.start(element)
    func step(_ position: String) -> String {
      let value = "\(input)[\(position)]"
      // A sum that leaves 32 bits wraps.
      if op.kind == .sum { return "value = (int32_t)((uint32_t)value + (uint32_t)\(value));" }
      return "value = \(value) \(sign) value ? \(value) : value;"
    }
    code.line(
      try AxisReduction(layer.inputs[0].type.shape, axes: op.axes).cText(
        step: step,
        { loops, position in
          """
          \(element.cName) value = \(start == Int32.min ? "-2147483647 - 1" : "\(start)");
          \(loops)\(output)[\(position)] = value;
          """
        }))
  }
}
