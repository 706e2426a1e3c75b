import IR
import Support

// Convolutions and dense layers whose output is int32: the sums themselves, as ConvInteger and MatMulInteger of ONNX give them.
// Input and weights may have zero points; their scales mean nothing.

extension ActivatedOperator where Self: QuantizedOperator {
  func checkSums(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(inputs[1].type, "weights tensor", is: [.int8])
    guard inputs[1].constant != nil else { throw failure("weights", "the weights must be constant") }
    if inputs.count > 2 {
      try require(inputs[2].type, "bias", is: [.int32])
      guard inputs[2].constant != nil else { throw failure("bias", "the bias must be constant") }
    }
    guard activation == .none else { throw failure("activation", "sums of int32 take no activation") }
    _ = try inputs[0].type.affine("the input")
    try checkFolded(inputs, outputs)
  }
}

/// What is the same for all layers of sums.
///
/// - Parameter channelOf: the output channel to which the weight at an index belongs.
private func constants(
  _ inputs: [Operand], channels: Int, axis: Int, channelOf: (Int) -> Int
) throws(Diagnostic) -> (weights: SymmetricWeights, bias: FoldedOperator.Input) {
  let weights = try SymmetricWeights(inputs[1], axis: axis, channelOf: channelOf)
  let bias = try foldedBias(
    inputs.count > 2 ? try inputs[2].constantInts("the bias") : nil, weights: weights.values, channels: channels,
    inputZeroPoint: try inputs[0].type.affine("the input").zeroPoint, channelOf: channelOf)
  return (weights, bias)
}

extension Convolution {
  func foldedSums(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let (image, weights) = (inputs[0].type.shape, inputs[1].type.shape)
    let channels = weights[Self.channelAxis]
    let (symmetric, bias) = try constants(inputs, channels: channels, axis: Self.channelAxis) {
      channel(of: $0, in: weights)
    }
    let (output, before) = try positions(image, weights)
    // Filters one after the other, each with its taps in order.
    var dims = weights.dims
    var values = symmetric.values
    if Self.channelAxis == 3 {
      let taps = weights[1] * weights[2]
      dims = [channels, weights[1], weights[2], 1]
      values = (0..<channels * taps).map { symmetric.values[$0 % taps * channels + $0 / taps] }
    }
    let op = IntegerSums(
      image: image.dims, stride: options.stride, dilation: options.dilation, padBefore: before,
      padValue: try inputs[0].type.affine("the input").zeroPoint, output: output, shape: outputs[0].shape.dims)
    let filters = Tensor(try plainType(symmetric.isNarrow ? .int8 : .int16, dims), ints: values)
    return FoldedOperator(op, [.input(0), .constant(filters, "weights"), bias])
  }
}

extension FullyConnected {
  func foldedSums(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let (units, depth) = (inputs[1].type.shape[0], inputs[1].type.shape[1])
    let (symmetric, bias) = try constants(inputs, channels: units, axis: 0) { $0 / depth }
    let rows = inputs[0].type.shape.elementCount / depth
    let op = IntegerSums(
      image: [1, rows, 1, depth], stride: Extent(1, 1), dilation: Extent(1, 1), padBefore: Extent(0, 0), padValue: 0,
      output: Extent(rows, 1), shape: outputs[0].shape.dims)
    let filters = Tensor(
      try plainType(symmetric.isNarrow ? .int8 : .int16, [units, 1, 1, depth]), ints: symmetric.values)
    return FoldedOperator(op, [.input(0), .constant(filters, "weights"), bias])
  }
}
