package import IR
package import Support

/// Two-dimensional convolution of an int8 NHWC image with int8 weights [output channels, height, width, input channels].
///
/// Inputs: image, weights, and optionally an int32 bias. When the weights have fewer input channels than the image, the
/// convolution is grouped. Source: `tensorflow/lite/kernels/internal/reference/integer_ops/conv.h`.
package struct Conv2D: QuantizedOperator {
  package static let mnemonic = "conv_2d"
  package let stride: Extent
  package let dilation: Extent
  package let padding: Padding
  package let activation: Activation

  package init(stride: Extent, dilation: Extent, padding: Padding, activation: Activation) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.activation = activation
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    stride = try attributes.extent("stride")
    dilation = try attributes.extent("dilation")
    padding = try attributes.padding()
    activation = try attributes.activation()
  }

  package var attributes: Attributes {
    Attributes([
      ("stride", .ints(stride.list)), ("dilation", .ints(dilation.list)), ("padding", .string(padding.rawValue)),
      ("activation", .string(activation.rawValue)),
    ])
  }

  private func window(_ weights: Shape) throws(Diagnostic) -> Window {
    try Window(filter: Extent(weights[1], weights[2]), stride: stride, dilation: dilation)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...3)
    try requireImage(inputs[0].type, "input")
    try requireImage(inputs[1].type, "weights")
    let image = inputs[0].type.shape
    let weights = inputs[1].type.shape
    guard weights[3] > 0, weights[0] > 0, image[3] % weights[3] == 0, weights[0] % (image[3] / weights[3]) == 0 else {
      throw failure("channels", "weights \(weights) do not fit an input with \(image[3]) channels")
    }
    guard inputs.count < 3 || inputs[2].type.shape.elementCount == weights[0] else {
      throw failure("bias", "the bias has \(inputs[2].type.shape.elementCount) values for \(weights[0]) channels")
    }
    let output = try window(weights).positions(padding, over: Extent(image[1], image[2])).output
    return [try Shape([image[0], output.height, output.width, weights[0]])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWeightedTypes(inputs, outputs)
    _ = try scales(inputs, outputs)
    _ = try activation.clamp(outputs[0])
  }

  private func scales(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> AccumulatorScales {
    try AccumulatorScales(
      input: inputs[0].type, weights: inputs[1].type, output: outputs[0], channels: inputs[1].type.shape[0],
      channelAxis: 0)
  }

  /// Sums (input − zero point) × weight over the taps inside of the image, tap by tap.
  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let operands = inputs.map { Operand($0.type) }
    let scales = try scales(operands, outputs).perChannel
    let stage = OutputStage(
      zeroPoint: try outputs[0].affine("output").zeroPoint, clamp: try activation.clamp(outputs[0]))
    let zeroPoint = try inputs[0].type.affine("input").zeroPoint
    let image = inputs[0].type.shape
    let weightShape = inputs[1].type.shape
    let before = try window(weightShape).positions(padding, over: Extent(image[1], image[2])).before
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let bias = inputs.count > 2 ? try inputs[2].ints("bias") : nil
    let out = outputs[0].shape
    let depth = weightShape[3]
    let groupSize = out[3] / (image[3] / depth)
    var result = [Int32](repeating: 0, count: out.elementCount)
    x.withUnsafeBufferPointer { x in
      w.withUnsafeBufferPointer { w in
        var position = 0
        for n in 0..<out[0] {
          for oy in 0..<out[1] {
            for ox in 0..<out[2] {
              for oc in 0..<out[3] {
                var sum: Int32 = bias?[oc] ?? 0
                for ky in 0..<weightShape[1] {
                  let iy = oy * stride.height - before.height + ky * dilation.height
                  guard iy >= 0, iy < image[1] else { continue }
                  for kx in 0..<weightShape[2] {
                    let ix = ox * stride.width - before.width + kx * dilation.width
                    guard ix >= 0, ix < image[2] else { continue }
                    let xs = ((n * image[1] + iy) * image[2] + ix) * image[3] + oc / groupSize * depth
                    let ws = ((oc * weightShape[1] + ky) * weightShape[2] + kx) * depth
                    for c in 0..<depth { sum &+= (x[xs + c] - zeroPoint) &* w[ws + c] }
                  }
                }
                result[position] = stage.apply(sum, scales[oc])
                position += 1
              }
            }
          }
        }
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    let weights = inputs[1].type.shape
    return outputs[0].shape.elementCount * weights[1] * weights[2] * weights[3]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let image = inputs[0].type.shape
    let weights = inputs[1].type.shape
    let zeroPoint = try inputs[0].type.affine("input").zeroPoint
    let before = try window(weights).positions(padding, over: Extent(image[1], image[2])).before
    let op = IntegerConv2D(
      stride: stride, dilation: dilation, padBefore: before, padValue: zeroPoint,
      output: Extent(outputs[0].shape[1], outputs[0].shape[2]),
      stage: OutputStage(
        zeroPoint: try outputs[0].affine("output").zeroPoint, clamp: try activation.clamp(outputs[0])))
    let perChannel = weights.elementCount / weights[0]
    let bias = try foldedBias(
      inputs.count > 2 ? try inputs[2].constantInts("the bias") : nil,
      weights: try inputs[1].constantInts("the weights"), channels: weights[0], inputZeroPoint: zeroPoint
    ) { $0 / perChannel }
    return FoldedOperator(op, [.input(0), .input(1), bias] + (try scales(inputs, outputs).constants()))
  }
}

extension Operator {
  /// Checks the element types of an operator with int8 data, constant int8 weights and an optional int32 bias.
  func checkWeightedTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(inputs[1].type, "weights tensor", is: [.int8])
    try require(outputs[0], "output", is: [.int8])
    guard inputs[1].constant != nil else { throw failure("weights", "the weights must be constant") }
    if inputs.count > 2 {
      try require(inputs[2].type, "bias", is: [.int32])
      guard inputs[2].constant != nil else { throw failure("bias", "the bias must be constant") }
    }
  }
}
