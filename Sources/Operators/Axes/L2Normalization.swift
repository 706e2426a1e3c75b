package import IR
import Machine
package import Support

/// Rows divided by their Euclidean length; the output has scale 1/128 and zero point 0, whatever the file says.
///
/// Source: `tensorflow/lite/micro/kernels/l2norm.cc` and `L2Normalization` in
/// `tensorflow/lite/kernels/internal/reference/integer_ops/l2normalization.h`.
package struct L2Normalization: QuantizedOperator {
  package static let mnemonic = "l2_normalization"

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }
  package var quantizationRule: QuantizationRule { .fixed(scale: 1 / 128, zeroPoint: 0, wide: nil) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard (1...4).contains(shape.rank) else {
      throw failure("rank", "the input must have from 1 to 4 dimensions, but has \(shape.rank)")
    }
    return [shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    if outputs[0].element == .int8 { _ = try folded(inputs, outputs) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard case .floats(let values) = inputs[0].elements else {
      return try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
    }
    let depth = inputs[0].type.shape.dims.last ?? 1
    var result: [Float] = []
    for row in stride(from: 0, to: values.count, by: depth) {
      let x = values[row..<row + depth]
      let length = max(x.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-6)
      result += x.map { $0 / length }
    }
    return [Tensor(outputs[0], floats: result)]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let depth = inputs[0].type.shape.dims.last ?? 1
    // Each square is below 2^16.
    guard depth < 1 << 15 else { throw failure("depth", "rows of \(depth) values may overflow 32 bits") }
    return FoldedOperator(
      IntegerL2Normalization(zeroPoint: try inputs[0].type.affine("the input").zeroPoint), [.input(0)])
  }
}

/// Normalization of rows in integer normal form.
package struct IntegerL2Normalization: EmittableOperator {
  package static let mnemonic = "integer.l2_normalization"
  package static let kernels: [any Kernel] = [L2NormalizationKernel()]

  package let zeroPoint: Int32

  package var attributes: Attributes { Attributes([("zero_point", .int(Int(zeroPoint)))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try L2Normalization().outputShapes(inputs)
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in inputs.map(\.type) + outputs { try require(type, "operand", is: [.int8]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let values = try inputs[0].ints("input").map { $0 - zeroPoint }
    let depth = inputs[0].type.shape.dims.last ?? 1
    var result: [Int32] = []
    for row in stride(from: 0, to: values.count, by: depth) {
      let x = values[row..<row + depth]
      let root = InverseSquareRoot.factor(x.reduce(0) { $0 &+ $1 &* $1 })
      let scale = Requantization(multiplier: root.multiplier, shift: root.shift + 7)
      result += x.map { (-128...127).clamping(scale.apply($0)) }
    }
    return [Tensor(outputs[0], ints: result)]
  }
}

/// Normalization row by row. Function `normalize_rows`.
package struct L2NormalizationKernel: Kernel {
  package let name = "l2_normalization"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is IntegerL2Normalization else { return nil }
    let count = layer.inputs[0].type.shape.elementCount
    return Work([
      WorkItem("element", count), WorkItem("row", count / (layer.inputs[0].type.shape.dims.last ?? 1)),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerL2Normalization else { throw unsuitable(layer) }
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    _ = code.function("scale")
    _ = code.function("clamp")
    _ = code.function("inverse_root_factor")
    code.call(
      code.function("normalize_rows"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(layer.inputs[0].type.shape.elementCount / depth), /* depth */ \(depth)",
        "/* zero point */ \(op.zeroPoint)",
      ])
  }
}
