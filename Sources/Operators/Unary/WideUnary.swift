import IR
import Support

/// A unary operator that, beside 8-bit values as a table, takes wider integers, element by element.
protocol WideUnaryOperator: UnaryOperator, QuantizedOperator {
  /// What it computes of integers that are no bytes; fails when the types do not suit it.
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression
}

extension WideUnaryOperator {
  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    try .elementwise(inputs, outputs[0], try expression(inputs[0].type, outputs[0]))
  }

  func evaluateWide(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
  }

  /// Fails unless input and output are int16.
  func requireInt16(_ input: TensorType, _ output: TensorType) throws(Diagnostic) {
    try require(input, "input", is: [.int8, .int16])
    try require(output, sameElementAs: input, "input and output")
    try require(input, "input of the elementwise form", is: [.int16])
  }
}

extension Relu: WideUnaryOperator {
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try requireInt16(input, output)
    guard try input.affine("the input").zeroPoint == 0, try output.affine("the output").zeroPoint == 0 else {
      throw failure("zero-point", "int16 operands must have zero points of 0, as the reference demands")
    }
    return ElementExpression.input(0).requantized(try scale(input, output), 0, 0...32767)
  }
}

extension Relu6: WideUnaryOperator {
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try requireInt16(input, output)
    let (scale, zeroPoint) = try input.affine("the input")
    // A scale so small that 6 has no 32-bit quantized value can't reach the upper bound either.
    let steps = Int32(exactly: (6 / scale).rounded()) ?? 1 << 24
    let six = min(32767, min(steps, 1 << 24) + zeroPoint)
    return .input(0).clamped(min(zeroPoint, six)...six)
  }
}

extension LeakyRelu: WideUnaryOperator {
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try requireInt16(input, output)
    let scales = try scales(input, output)
    let value = ElementExpression.input(0) - (try input.affine("the input").zeroPoint)
    let sloped = value.scaled(scales.alpha)
    let result = ElementExpression.chosen(
      .compared(.greaterOrEqual, value, .constant(0)), value.scaled(scales.identity),
      alpha < 0 ? .constant(0) - sloped : sloped)
    return (result + (try output.affine("the output").zeroPoint)).clamped(-32768...32767)
  }
}

extension Logistic: WideUnaryOperator {
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try requireInt16(input, output)
    let scale = try SigmoidInput(try input.affine("the input"), try output.affine("the output"), maximumShift: 0)
    return .call(.logistic(multiplier: scale.multiplier, shift: scale.shift), [.input(0)])
  }
}

extension Tanh: WideUnaryOperator {
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    try requireInt16(input, output)
    let scale = try SigmoidInput(try input.affine("the input"), try output.affine("the output"), maximumShift: 1)
    return .call(.tanh(multiplier: scale.multiplier, shift: scale.shift), [.input(0)])
  }
}

extension Quantize: WideUnaryOperator {
  func expression(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> ElementExpression {
    let value = ElementExpression.input(0) - (try input.affine("the input").zeroPoint)
    return value.requantized(
      try scale(input, output), try output.affine("the output").zeroPoint, try output.allValues())
  }
}
