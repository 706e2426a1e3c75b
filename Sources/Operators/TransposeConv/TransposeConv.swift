package import IR
package import Support

/// TRANSPOSE_CONV: every pixel of the input adds its products with a whole filter to the output, `stride` apart.
///
/// Inputs: image [batch, height, width, channels], weights [output channels, height, width, channels], and optionally a bias.
/// The output has the height and width `output`; what the filters leave of it untouched is the bias alone.
/// Source: `tensorflow/lite/kernels/internal/reference/integer_ops/transpose_conv.h`.
package struct TransposeConv: SourceOperator {
  package static let mnemonic = "transpose_conv"
  package var quantizationRule: QuantizationRule { .weighted(channelAxis: Self.channelAxis) }
  static let channelAxis = 0
  package let stride: Extent
  package let padding: Padding
  package let activation: Activation
  package let output: Extent

  package init(stride: Extent, padding: Padding, activation: Activation, output: Extent) {
    self.stride = stride
    self.padding = padding
    self.activation = activation
    self.output = output
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    stride = try attributes.extent("stride")
    padding = try attributes.padding()
    activation = try attributes.activation()
    output = try attributes.extent("output")
  }

  package var attributes: Attributes {
    Attributes([
      ("stride", .ints(stride.list)), ("padding", padding.value),
      ("activation", .string(activation.rawValue)), ("output", .ints(output.list)),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...3)
    try requireImage(inputs[0].type, "input")
    try requireImage(inputs[1].type, "weights")
    let (image, weights) = (inputs[0].type.shape, inputs[1].type.shape)
    guard image[3] == weights[3] else {
      throw failure("channels", "weights \(weights) do not fit an input with \(image[3]) channels")
    }
    guard inputs.count < 3 || inputs[2].type.shape.elementCount == weights[0] else {
      throw failure("bias", "the bias has \(inputs[2].type.shape.elementCount) values for \(weights[0]) channels")
    }
    guard output.height > 0, output.width > 0 else { throw failure("output", "the output \(output.list) is empty") }
    _ = try padBefore(weights)
    return [try Shape([image[0], output.height, output.width, weights[0]])]
  }

  /// Rows above and columns to the left of the output to which the first filter reaches: the padding of the convolution that
  /// would make the input of the output.
  func padBefore(_ weights: Shape) throws(Diagnostic) -> Extent {
    try Window(filter: Extent(weights[1], weights[2]), stride: stride, dilation: Extent(1, 1))
      .positions(padding, over: output).before
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int16 {
      try checkWideTypes(inputs, outputs, biases: [.int64, .int16])
      _ = try WideScales(wideOperator(inputs.map(\.type), outputs[0]), try wideParameters(inputs, outputs))
    } else {
      try checkWeightedTypes(inputs, outputs)
    }
    guard stride.height * stride.width <= Self.maximumPhases else {
      throw failure("stride", "a stride of \(stride.list) makes more than \(Self.maximumPhases) convolutions")
    }
    _ = try scales(inputs.map(\.type), outputs[0])
    _ = try stage(outputs[0])
  }

  /// Convolutions that it may become.
  private static let maximumPhases = 256

  func scales(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> AccumulatorScales {
    try AccumulatorScales(
      input: inputs[0], weights: inputs[1], output: output, channels: inputs[1].shape[Self.channelAxis],
      channelAxis: Self.channelAxis)
  }

  func stage(_ output: TensorType) throws(Diagnostic) -> OutputStage {
    OutputStage(zeroPoint: try output.affine("the output").zeroPoint, clamp: try activation.clamp(output))
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    inputs[0].type.shape.elementCount * (inputs[1].type.shape.elementCount / inputs[1].type.shape[3])
  }

  /// Adds products where they belong, pixel by pixel of the input.
  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    let types = inputs.map(\.type)
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let zeroPoint = try types[0].affine("the input").zeroPoint
    var sums = [Int64](repeating: 0, count: outputs[0].shape.elementCount)
    try scatter(types[0].shape, types[1].shape) { sums[$0] += Int64((x[$1] - zeroPoint) * w[$2]) }
    let channels = types[1].shape[0]
    if outputs[0].element == .int16 {
      let operands = inputs.map { Operand($0.type, constant: $0) }
      let scales = try WideScales(wideOperator(types, outputs[0]), try wideParameters(operands, outputs))
      return [Tensor(outputs[0], ints: sums.enumerated().map { scales.apply($1, channel: $0 % channels) })]
    }
    let bias = inputs.count > 2 ? try inputs[2].ints("bias") : [Int32](repeating: 0, count: channels)
    let (scales, stage) = (try scales(types, outputs[0]).perChannel, try stage(outputs[0]))
    let values = sums.enumerated().map { index, sum in
      stage.apply(Int32(truncatingIfNeeded: sum) &+ bias[index % channels], scales[index % channels])
    }
    return [Tensor(outputs[0], ints: values)]
  }

  /// Calls `body` with the indices of output, input and weight for each product, in the reference's order.
  func scatter(
    _ image: Shape, _ weights: Shape, _ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void
  ) throws(Diagnostic) {
    let before = try padBefore(weights)
    for n in 0..<image[0] {
      for iy in 0..<image[1] {
        for ix in 0..<image[2] {
          for c in 0..<image[3] {
            let input = ((n * image[1] + iy) * image[2] + ix) * image[3] + c
            for ky in 0..<weights[1] {
              let oy = iy * stride.height - before.height + ky
              guard oy >= 0, oy < output.height else { continue }
              for kx in 0..<weights[2] {
                let ox = ix * stride.width - before.width + kx
                guard ox >= 0, ox < output.width else { continue }
                let position = ((n * output.height + oy) * output.width + ox) * weights[0]
                for filter in 0..<weights[0] {
                  body(position + filter, input, ((filter * weights[1] + ky) * weights[2] + kx) * image[3] + c)
                }
              }
            }
          }
        }
      }
    }
  }

  // MARK: 16 bits

  /// The layer that knows how 16-bit sums are rounded.
  private func wideOperator(_ inputs: [TensorType], _ output: TensorType) throws(Diagnostic) -> WideConv2D {
    WideConv2D(
      geometry: ConvolutionGeometry(
        stride: Extent(1, 1), dilation: Extent(1, 1), padBefore: Extent(0, 0), padValue: 0, output: self.output,
        stage: try stage(output)),
      accumulatorBits: 64)
  }

  private func wideParameters(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> [Operand] {
    var operands = [inputs[0], inputs[1]]
    let added = [try wideBias(inputs, channels: inputs[1].type.shape[0])]
    for input in added + (try scales(inputs.map(\.type), outputs[0]).constants()) {
      switch input {
      case .input(let position): operands.append(inputs[position])
      case .constant(let value, _): operands.append(Operand(value.type, constant: value))
      }
    }
    return operands
  }
}
