package import IR
package import Support

/// Two-dimensional convolution with weights [output channels, height, width, input channels].
///
/// When the weights have fewer input channels than the image, the convolution is grouped.
/// Source: `tensorflow/lite/kernels/internal/reference/integer_ops/conv.h`.
package struct Conv2D: Convolution {
  package static let mnemonic = "conv_2d"
  package static let channelAxis = 0
  package let options: ConvolutionOptions

  package init(_ options: ConvolutionOptions) { self.options = options }

  package func checkChannels(image: Shape, weights: Shape) throws(Diagnostic) {
    guard image[3] % weights[3] == 0, weights[0] % (image[3] / weights[3]) == 0 else {
      throw failure("channels", "weights \(weights) do not fit an input with \(image[3]) channels")
    }
  }

  package func integerOperator(_ geometry: ConvolutionGeometry) -> any Operator { IntegerConv2D(geometry: geometry) }

  package func wideOperator(_ geometry: ConvolutionGeometry, accumulatorBits: Int) -> any Operator {
    WideConv2D(geometry: geometry, accumulatorBits: accumulatorBits)
  }

  package static let wideBiases: [ElementType] = [.int64, .int32]

  package func channel(of weight: Int, in weights: Shape) -> Int { weight / (weights.elementCount / weights[0]) }

  /// Sums (input − zero point) × weight over the taps inside of the image, tap by tap.
  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if [.int16, .int32].contains(outputs[0].element) { return try evaluateFolded(inputs, as: outputs) }
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    let types = inputs.map(\.type)
    let scales = try scales(types, outputs[0]).perChannel
    let geometry = try geometry(types, outputs[0])
    let zeroPoint = geometry.padValue
    let image = types[0].shape
    let weights = types[1].shape
    let x = try inputs[0].ints("input")
    let w = try SymmetricWeights.values(inputs[1], axis: Self.channelAxis) { channel(of: $0, in: weights) }
    let bias = inputs.count > 2 ? try inputs[2].ints("bias") : nil
    let out = outputs[0].shape
    let depth = weights[3]
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
                for ky in 0..<weights[1] {
                  let iy = oy * geometry.stride.height - geometry.padBefore.height + ky * geometry.dilation.height
                  guard iy >= 0, iy < image[1] else { continue }
                  for kx in 0..<weights[2] {
                    let ix = ox * geometry.stride.width - geometry.padBefore.width + kx * geometry.dilation.width
                    guard ix >= 0, ix < image[2] else { continue }
                    let xs = ((n * image[1] + iy) * image[2] + ix) * image[3] + oc / groupSize * depth
                    let ws = ((oc * weights[1] + ky) * weights[2] + kx) * depth
                    for c in 0..<depth { sum &+= (x[xs + c] - zeroPoint) &* w[ws + c] }
                  }
                }
                result[position] = geometry.stage.apply(sum, scales[oc])
                position += 1
              }
            }
          }
        }
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }
}
