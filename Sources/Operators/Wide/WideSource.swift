import IR
import Support

/// What source operators do when activations have 16 bits.
///
/// Sources: `tensorflow/lite/micro/kernels/{conv,depthwise_conv,fully_connected}.cc` and the int16 functions of
/// `tensorflow/lite/kernels/internal/reference/integer_ops`.
extension Operator {
  /// Checks the types of a layer with int16 data, constant weights and a bias that is constant and of a type in `biases`.
  func checkWideTypes(_ inputs: [Operand], _ outputs: [TensorType], biases: [ElementType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int16])
    // Weights of 16 bits are no part of TensorFlow Lite: sums of their products are scaled like the others.
    try require(inputs[1].type, "weights tensor", is: [.int8, .int16])
    try require(outputs[0], "output", is: [.int16])
    guard try inputs[0].type.affine("the input").zeroPoint == 0, try outputs[0].affine("the output").zeroPoint == 0
    else { throw failure("zero-point", "int16 inputs and outputs must have the zero point 0") }
    guard inputs[1].constant != nil else { throw failure("weights", "the weights must be constant") }
    if inputs.count > 2 {
      try require(inputs[2].type, "bias of an int16 layer", is: biases)
      guard inputs[2].constant != nil else { throw failure("bias", "the bias must be constant") }
    }
  }

  /// Bits of the reference's accumulators: those of the bias, and 64 without one.
  func accumulatorBits(_ inputs: [Operand]) -> Int { inputs.count > 2 && inputs[2].type.element == .int32 ? 32 : 64 }

  func wideBias(_ inputs: [Operand], channels: Int) throws(Diagnostic) -> FoldedOperator.Input {
    if inputs.count > 2 { return .input(2) }
    return .constant(
      Tensor(try plainType(.int32, [channels]), ints: [Int32](repeating: 0, count: channels)), "bias")
  }
}

extension QuantizedOperator {
  /// The outputs by way of the integer normal form.
  func evaluateFolded(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let folded = try folded(inputs.map { Operand($0.type, constant: $0) }, outputs)
    let operands = folded.inputs.map { input in
      switch input {
      case .input(let position): inputs[position]
      case .constant(let value, _): value
      }
    }
    return try folded.op.evaluate(operands, as: outputs)
  }

  /// Fails when the integer normal form can't be made.
  func checkFolded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    let folded = try folded(inputs, outputs)
    let operands = folded.inputs.map { input in
      switch input {
      case .input(let position): inputs[position]
      case .constant(let value, _): Operand(value.type, constant: value)
      }
    }
    try folded.op.checkTypes(operands, outputs)
  }
}

extension Convolution {
  func checkWide(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWideTypes(inputs, outputs, biases: Self.wideBiases)
    try checkFolded(inputs, outputs)
  }

  func foldedWide(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let types = inputs.map(\.type)
    let op = wideOperator(try geometry(types, outputs[0]), accumulatorBits: accumulatorBits(inputs))
    let bias = try wideBias(inputs, channels: types[1].shape[Self.channelAxis])
    return FoldedOperator(op, [.input(0), .input(1), bias] + (try scales(types, outputs[0]).constants()))
  }
}

extension FullyConnected {
  func checkWide(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWideTypes(inputs, outputs, biases: [.int64, .int32])
    try checkFolded(inputs, outputs)
  }

  func foldedWide(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let op = WideMatrixProduct(
      shape: shape, clamp: try activation.clamp(outputs[0]), accumulatorBits: accumulatorBits(inputs))
    let bias = try wideBias(inputs, channels: inputs[1].type.shape[0])
    return FoldedOperator(op, [.input(0), .input(1), bias] + (try scales(inputs, outputs).constants()))
  }
}
