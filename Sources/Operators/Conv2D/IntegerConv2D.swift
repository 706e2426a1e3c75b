package import IR
package import Support

/// ``Conv2D`` in integer normal form, with weights [output channels, height, width, input channels].
package struct IntegerConv2D: IntegerConvolution {
  package static let mnemonic = "integer.conv_2d"
  package static let kernels: [any Kernel] = [
    MatrixProductKernel(), Conv2DRowsKernel(), Conv2DTapsKernel(), Conv2DLanesKernel(), Conv2DWinogradKernel(),
    Conv2DSparseKernel(), Conv2DTernaryKernel(), Conv2DPackedKernel(bits: 4), Conv2DPackedKernel(bits: 2),
    DensePackedKernel(), DenseSquaresKernel(),
    DenseSparseKernel(), Dense4BitKernel(), DenseHuffmanKernel(), Conv2DHuffmanKernel(),
    DenseCodedKernel(), Conv2DCodedKernel(), OffsetKernel(),
  ]
  static let channelAxis = 0

  package var geometry: ConvolutionGeometry

  package init(geometry: ConvolutionGeometry) { self.geometry = geometry }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let image = inputs[0].type.shape
    let weights = inputs[1].type.shape
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let bias = try inputs[2].ints("bias")
    let depth = weights[3]
    let groupSize = weights[0] / (image[3] / depth)
    return try self.outputs(inputs, outputs[0]) { n, top, left, channel in
      var sum = bias[channel]
      for ky in 0..<weights[1] {
        let iy = top + ky * geometry.dilation.height
        for kx in 0..<weights[2] {
          let ix = left + kx * geometry.dilation.width
          let inside = iy >= 0 && iy < image[1] && ix >= 0 && ix < image[2]
          let xs = ((n * image[1] + iy) * image[2] + ix) * image[3] + channel / groupSize * depth
          let ws = ((channel * weights[1] + ky) * weights[2] + kx) * depth
          for c in 0..<depth { sum &+= (inside ? x[xs + c] : padValue) &* w[ws + c] }
        }
      }
      return sum
    }
  }
}

extension IntegerConv2D: FilterBankOperator {
  func keeping(outputs: Int) -> IntegerConv2D { self }

  func filters(_ layer: Layer) throws(Diagnostic) -> FilterBank? {
    let (image, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    guard weights[3] == image[3], let patterns = TapPatterns(geometry, image: image, weights: weights) else {
      return nil
    }
    return try FilterBank(
      layer, taps: weights[1] * weights[2], multiplier: nil, patterns: patterns, padValue: padValue,
      stage: geometry.stage)
  }
}
