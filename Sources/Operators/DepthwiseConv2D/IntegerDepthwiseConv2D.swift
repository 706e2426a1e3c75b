package import IR
package import Support

/// ``DepthwiseConv2D`` in integer normal form, with weights [1, height, width, channels × m].
package struct IntegerDepthwiseConv2D: IntegerConvolution {
  package static let mnemonic = "integer.depthwise_conv_2d"
  package static let kernels: [any Kernel] = [
    DepthwiseTapsKernel(), Depthwise3x3Kernel(), DepthwiseRowsKernel(), OffsetKernel(),
  ]
  static let channelAxis = 3

  package var geometry: ConvolutionGeometry

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let image = inputs[0].type.shape
    let weights = inputs[1].type.shape
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let bias = try inputs[2].ints("bias")
    let multiplier = weights[3] / image[3]
    return try self.outputs(inputs, outputs[0]) { n, top, left, channel in
      var sum = bias[channel]
      for ky in 0..<weights[1] {
        let iy = top + ky * geometry.dilation.height
        for kx in 0..<weights[2] {
          let ix = left + kx * geometry.dilation.width
          let inside = iy >= 0 && iy < image[1] && ix >= 0 && ix < image[2]
          let value = inside ? x[((n * image[1] + iy) * image[2] + ix) * image[3] + channel / multiplier] : padValue
          sum &+= value &* w[(ky * weights[2] + kx) * weights[3] + channel]
        }
      }
      return sum
    }
  }
}

extension IntegerDepthwiseConv2D: ChannelOperator {
  private func filters(_ layer: Layer) throws(Diagnostic) -> FilterBank? {
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    guard let patterns = TapPatterns(geometry, image: image, weights: weights) else { return nil }
    return try FilterBank(
      layer, taps: weights[1] * weights[2], multiplier: weights[3] / image[3], patterns: patterns, padValue: padValue,
      stage: geometry.stage)
  }

  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    guard let bank = try? filters(layer), let multiplier = bank.multiplier else { return nil }
    return (0..<bank.outputs).map {
      ChannelLink(input: 0, inputChannel: $0 / multiplier, output: 0, outputChannel: $0)
    }
  }

  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    [try filters(layer)?.ranges(inputs[0]) ?? []]
  }

  package func channelParameters(_ layer: Layer, output: Int) throws(Diagnostic) -> [[Int32]] {
    try filters(layer)?.parameters ?? []
  }

  package func narrowed(_ channels: LayerChannels) throws(Diagnostic) -> NarrowedLayer {
    guard let bank = try filters(channels.layer) else { throw failure("channels", "the channels can't be told apart") }
    let parameters = try bank.parameters(channels.outputs[0].kept, depth: 1) { bank.filter($0, keeping: [0]) }
    return NarrowedLayer(self, parameters: parameters)
  }
}
