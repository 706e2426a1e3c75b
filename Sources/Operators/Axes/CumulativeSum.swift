package import IR
import Machine
package import Support

/// Sums of all elements up to each one along an axis.
///
/// Source: `CalculateOpData` in `tensorflow/lite/micro/kernels/cumsum.cc` and `CumSum` in
/// `tensorflow/lite/kernels/internal/reference/cumsum.h`. The factor of the input is always 1/2, so elements are added as they
/// are; the sum starts with the negative zero point.
package struct CumulativeSum: QuantizedOperator {
  package static let mnemonic = "cumsum"
  /// Counted from the front.
  package let axis: Int
  /// Without the element itself.
  package let isExclusive: Bool
  /// From the end on.
  package let isReverse: Bool

  package init(axis: Int, isExclusive: Bool, isReverse: Bool) {
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReverse = isReverse
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axis = try attributes.int("axis")
    isExclusive = try attributes.bool("exclusive")
    isReverse = try attributes.bool("reverse")
  }

  package var attributes: Attributes {
    Attributes([("axis", .int(axis)), ("exclusive", .bool(isExclusive)), ("reverse", .bool(isReverse))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard axis >= 0, axis < shape.rank else { throw failure("axis", "there is no axis \(axis) in the shape \(shape)") }
    return [shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    if outputs[0].element == .int8 { _ = try folded(inputs, outputs) }
  }

  /// The sums, starting with `start`.
  func sums<Value>(_ x: [Value], _ shape: Shape, start: Value, _ add: (Value, Value) -> Value) -> [Value] {
    var result = x
    let (size, inner) = (shape[axis], shape.strides[axis])
    for row in 0..<x.count / size {
      let first = row / inner * size * inner + row % inner
      var sum = start
      for step in 0..<size {
        let position = first + (isReverse ? size - 1 - step : step) * inner
        let next = add(sum, x[position])
        result[position] = isExclusive ? sum : next
        sum = next
      }
    }
    return result
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if case .floats(let values) = inputs[0].elements {
      return [Tensor(outputs[0], floats: sums(values, inputs[0].type.shape, start: 0, +))]
    }
    return try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let (scale, zeroPoint) = try inputs[0].type.affine("the input")
    let (outputScale, outputZeroPoint) = try outputs[0].affine("the output")
    let op = IntegerCumulativeSum(
      sum: self, zeroPoint: zeroPoint,
      scale: try Requantization(scaleBelowOne: 2 * Double(scale) / (0x1p20 * Double(outputScale))),
      stage: OutputStage(zeroPoint: outputZeroPoint, clamp: -128...127))
    return FoldedOperator(op, [.input(0)])
  }
}

/// Cumulative sum in integer normal form.
package struct IntegerCumulativeSum: EmittableOperator {
  package static let mnemonic = "integer.cumsum"
  package static let kernels: [any Kernel] = [CumulativeSumKernel()]

  package let sum: CumulativeSum
  package let zeroPoint: Int32
  package let scale: Requantization
  package let stage: OutputStage

  package var attributes: Attributes {
    Attributes(
      sum.attributes.members + [
        ("zero_point", .int(Int(zeroPoint))), ("multiplier", .int(Int(scale.multiplier))),
        ("shift", .int(scale.shift)),
      ] + stage.attributes)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] { try sum.outputShapes(inputs) }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in inputs.map(\.type) + outputs { try require(type, "operand", is: [.int8]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let values = try inputs[0].ints("input").map { $0 - zeroPoint }
    let sums = sum.sums(values, inputs[0].type.shape, start: -zeroPoint, &+)
    return [Tensor(outputs[0], ints: sums.map { stage.apply($0 &<< 19, scale) })]
  }
}

/// Cumulative sums, one row after the other. Function `cumulative_sum`.
package struct CumulativeSumKernel: Kernel {
  package let name = "cumulative_sum"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerCumulativeSum else { return nil }
    let shape = layer.inputs[0].type.shape
    return Work([WorkItem("element", shape.elementCount), WorkItem("row", shape.elementCount / shape[op.sum.axis])])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerCumulativeSum else { throw unsuitable(layer) }
    let shape = layer.inputs[0].type.shape
    let (size, inner) = (shape[op.sum.axis], shape.strides[op.sum.axis])
    _ = code.requantizeFunction()
    code.call(
      code.function("cumulative_sum"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* outer */ \(shape.elementCount / size / inner), /* values */ \(size), /* inner */ \(inner)",
        "/* exclusive */ \(op.sum.isExclusive ? 1 : 0), /* reverse */ \(op.sum.isReverse ? 1 : 0)",
        "/* zero point of the input */ \(op.zeroPoint)",
        "/* multiplier, shift */ \(op.scale.multiplier), \(op.scale.shift)", op.stage.cArguments,
      ])
  }
}
