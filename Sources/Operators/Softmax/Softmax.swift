package import IR
package import Support

/// Softmax over the last axis of an int8 tensor; the output has scale 1/256 and zero point −128.
///
/// Source: `CalculateSoftmaxParams` in `tensorflow/lite/micro/kernels/softmax_common.cc` and `Softmax` in
/// `tensorflow/lite/kernels/internal/reference/softmax.h`.
package struct Softmax: QuantizedOperator {
  package static let mnemonic = "softmax"
  package var quantizationRule: QuantizationRule { .fixed(scale: 1 / 256, zeroPoint: -128, wide: 1 / 32768) }
  package let beta: Float

  package init(beta: Float) { self.beta = beta }
  package init(_ attributes: Attributes) throws(Diagnostic) { beta = try attributes.float("beta") }
  package var attributes: Attributes { Attributes([("beta", .float(beta))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    guard inputs[0].type.shape.rank > 0 else { throw failure("rank", "the input must have at least one dimension") }
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 { return try checkWide(inputs, outputs) }
    try require(inputs[0].type, "input", is: [.int8])
    try require(outputs[0], "output", is: [.int8])
    let output = try outputs[0].affine("the output")
    guard output.scale == 1 / 256, output.zeroPoint == -128 else {
      throw failure("scale", "the output must have scale 1/256 and zero point -128, as the reference demands")
    }
    _ = try table(inputs[0].type)
  }

  /// e^(−d · scale · beta) in Q0 for d = 0, 1 … up to the largest difference that counts.
  func table(_ input: TensorType) throws(Diagnostic) -> [Int32] {
    try SoftmaxScaling(beta: beta, scale: try input.affine("the input").scale).exponentials
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    if outputs[0].element == .int16 { return try evaluateWide(inputs, as: outputs) }
    let table = try table(inputs[0].type)
    let op = IntegerSoftmax()
    return try op.evaluate([inputs[0], Tensor(try plainType(.int32, [table.count]), ints: table)], as: outputs)
  }

  /// Source: the float `Softmax` in `tensorflow/lite/kernels/internal/reference/softmax.h`.
  private func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let x = try inputs[0].floats("input")
    let depth = inputs[0].type.shape.dims.last ?? 1
    var result: [Float] = []
    result.reserveCapacity(x.count)
    for row in stride(from: 0, to: x.count, by: depth) {
      let values = x[row..<row + depth]
      let maximum = values.reduce(-Float.greatestFiniteMagnitude) { $0 < $1 ? $1 : $0 }
      let exponentials = values.map { RealFunctions.exp(($0 - maximum) * beta) }
      let sum = exponentials.reduce(0 as Float, +)
      result += exponentials.map { $0 / sum }
    }
    return [Tensor(outputs[0], floats: result)]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    if outputs[0].element == .int16 { return try foldedWide(inputs) }
    let table = try table(inputs[0].type)
    return FoldedOperator(
      IntegerSoftmax(),
      [.input(0), .constant(Tensor(try plainType(.int32, [table.count]), ints: table), "exponentials")])
  }
}

/// Softmax in integer normal form.
///
/// Inputs: int8 data, and the constant int32 table of exponentials by distance from the row's maximum; a longer distance
/// counts as 0.
package struct IntegerSoftmax: EmittableOperator {
  package static let mnemonic = "integer.softmax"
  package static let kernels: [any Kernel] = [SoftmaxKernel()]
  package static let dataInputs: Int? = 1

  package init() {}
  package var attributes: Attributes { Attributes() }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(outputs[0], "output", is: [.int8, .int16])
    guard (1...256).contains(try inputs[1].constantInts("the table").count) else {
      throw failure("table", "the table of exponentials must have from 1 to 256 values")
    }
    let depth = inputs[0].type.shape.dims.last ?? 1
    // Each exponential is at most 1 in Q12, 2^19: more than 4095 of them could overflow 32 bits, as in the reference.
    guard depth <= 4095 else {
      throw failure("depth", "more than 4095 classes are not supported, but there are \(depth)")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let table = try inputs[1].ints("table")
    let x = try inputs[0].ints("input")
    let depth = inputs[0].type.shape.dims.last ?? 1
    let range = try outputs[0].allValues()
    // The output has as many fraction bits as its type has bits.
    let bits = outputs[0].element == .int16 ? 15 : 23
    var result: [Int32] = []
    for row in stride(from: 0, to: x.count, by: depth) {
      let values = x[row..<row + depth]
      let maximum = values.max() ?? 0
      let exponentials = values.map { (value: Int32) -> Int32? in
        let difference = Int(maximum - value)
        return difference < table.count ? table[difference] : nil
      }
      let sum = exponentials.reduce(Int32(0)) { $0 &+ ($1.map { roundingShiftRight($0, 12) } ?? 0) }
      let (mantissa, bitsOverUnit) = FixedPoint.reciprocal(sum)
      result += exponentials.map { (exponential: Int32?) -> Int32 in
        guard let exponential else { return range.lowerBound }
        // A sum so large that the shift passes 31 bits leaves nothing; the reference aborts there.
        guard bitsOverUnit <= 31 - bits else { return range.lowerBound }
        let scaled = roundingShiftRight(roundingDoublingHighMultiply(mantissa, exponential), bitsOverUnit + bits)
        return range.clamping(scaled + range.lowerBound)
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }
}
