package import IR
package import Support

/// ``Conv2D`` with 16-bit activations in integer normal form, with weights [output channels, height, width, input channels].
package struct WideConv2D: IntegerConvolution, WideLayer {
  package static let mnemonic = "integer.conv_2d_16"
  package static let kernels: [any Kernel] = [WideConv2DKernel(), ShortWeightsKernel()]
  static let channelAxis = 0

  package var geometry: ConvolutionGeometry
  package let accumulatorBits: Int

  package var attributes: Attributes { wideAttributes }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWideLayer(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (image, weights) = (inputs[0].type.shape, inputs[1].type.shape)
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let depth = weights[3]
    let groupSize = weights[0] / (image[3] / depth)
    return try wideOutputs(inputs, outputs[0]) { n, top, left, channel in
      var sum: Int64 = 0
      for ky in 0..<weights[1] {
        let iy = top + ky * geometry.dilation.height
        guard iy >= 0, iy < image[1] else { continue }
        for kx in 0..<weights[2] {
          let ix = left + kx * geometry.dilation.width
          guard ix >= 0, ix < image[2] else { continue }
          let xs = ((n * image[1] + iy) * image[2] + ix) * image[3] + channel / groupSize * depth
          let ws = ((channel * weights[1] + ky) * weights[2] + kx) * depth
          for c in 0..<depth { sum += Int64(x[xs + c] * w[ws + c]) }
        }
      }
      return sum
    }
  }
}

/// ``DepthwiseConv2D`` with 16-bit activations in integer normal form, with weights [1, height, width, channels × m].
package struct WideDepthwiseConv2D: IntegerConvolution, WideLayer {
  package static let mnemonic = "integer.depthwise_conv_2d_16"
  package static let kernels: [any Kernel] = [WideDepthwiseKernel(), ShortWeightsKernel()]
  static let channelAxis = 3
  /// Columns of a filter whose products are added in 32 bits.
  static let maximumWidth = 256

  package var geometry: ConvolutionGeometry
  package let accumulatorBits: Int

  package var attributes: Attributes { wideAttributes }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWideLayer(inputs, outputs)
    guard inputs[1].type.shape[2] <= Self.maximumWidth else {
      throw failure("filter", "filters of more than \(Self.maximumWidth) columns are not supported for int16")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (image, weights) = (inputs[0].type.shape, inputs[1].type.shape)
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let multiplier = weights[3] / image[3]
    return try wideOutputs(inputs, outputs[0]) { n, top, left, channel in
      var sum: Int64 = 0
      for ky in 0..<weights[1] {
        let iy = top + ky * geometry.dilation.height
        guard iy >= 0, iy < image[1] else { continue }
        for kx in 0..<weights[2] {
          let ix = left + kx * geometry.dilation.width
          guard ix >= 0, ix < image[2] else { continue }
          let value = x[((n * image[1] + iy) * image[2] + ix) * image[3] + channel / multiplier]
          sum += Int64(value * w[(ky * weights[2] + kx) * weights[3] + channel])
        }
      }
      return sum
    }
  }
}

extension IntegerConvolution where Self: WideLayer {
  var wideAttributes: Attributes {
    Attributes(
      [
        ("stride", .ints(geometry.stride.list)), ("dilation", .ints(geometry.dilation.list)),
        ("pad_before", .ints(geometry.padBefore.list)), ("output", .ints(geometry.output.list)),
        ("accumulator_bits", .int(accumulatorBits)),
      ] + geometry.stage.attributes)
  }

  /// The output values, where `sum` gives the products' sum of a channel at a position from image and top left corner.
  func wideOutputs(
    _ inputs: [Tensor], _ type: TensorType, sum: (_ image: Int, _ top: Int, _ left: Int, _ channel: Int) -> Int64
  ) throws(Diagnostic) -> [Tensor] {
    let scales = try WideScales(self, inputs)
    var result: [Int32] = []
    result.reserveCapacity(type.shape.elementCount)
    for n in 0..<type.shape[0] {
      for oy in 0..<geometry.output.height {
        let top = oy * geometry.stride.height - geometry.padBefore.height
        for ox in 0..<geometry.output.width {
          let left = ox * geometry.stride.width - geometry.padBefore.width
          for channel in 0..<type.shape[3] {
            result.append(scales.apply(sum(n, top, left, channel), channel: channel))
          }
        }
      }
    }
    return [Tensor(type, ints: result)]
  }
}
