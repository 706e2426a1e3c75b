import IR
import Support

extension DepthwiseConv2D {
  /// Source: `tensorflow/lite/kernels/internal/reference/depthwiseconv_float.h`.
  func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (image, weights, out) = (inputs[0].type.shape, inputs[1].type.shape, outputs[0].shape)
    let before = try positions(image, weights).before
    let x = try inputs[0].floats("input")
    let w = try inputs[1].floats("weights")
    let bias = inputs.count > 2 ? try inputs[2].floats("bias") : nil
    let multiplier = out[3] / image[3]
    var result: [Float] = []
    result.reserveCapacity(out.elementCount)
    var sums = [Float](repeating: 0, count: out[3])
    for n in 0..<out[0] {
      for oy in 0..<out[1] {
        for ox in 0..<out[2] {
          for oc in 0..<out[3] { sums[oc] = 0 }
          for ky in 0..<weights[1] {
            let iy = oy * options.stride.height - before.height + ky * options.dilation.height
            guard iy >= 0, iy < image[1] else { continue }
            for kx in 0..<weights[2] {
              let ix = ox * options.stride.width - before.width + kx * options.dilation.width
              guard ix >= 0, ix < image[2] else { continue }
              let source = ((n * image[1] + iy) * image[2] + ix) * image[3]
              let tap = (ky * weights[2] + kx) * out[3]
              if multiplier == 1 {
                for oc in 0..<out[3] { sums[oc] += x[source + oc] * w[tap + oc] }
              } else {
                for oc in 0..<out[3] { sums[oc] += x[source + oc / multiplier] * w[tap + oc] }
              }
            }
          }
          for oc in 0..<out[3] { result.append(options.activation.apply(bias.map { sums[oc] + $0[oc] } ?? sums[oc])) }
        }
      }
    }
    return [Tensor(outputs[0], floats: result)]
  }
}
