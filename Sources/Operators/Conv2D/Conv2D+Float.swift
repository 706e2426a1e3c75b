import IR
import Support

extension Conv2D {
  /// Source: the float `Conv` in `tensorflow/lite/kernels/internal/reference/conv.h`.
  func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (image, weights, out) = (inputs[0].type.shape, inputs[1].type.shape, outputs[0].shape)
    let before = try positions(image, weights).before
    let depth = weights[3]
    let groupSize = out[3] / (image[3] / depth)
    let filter = try FloatFilter(
      inputs[1], channels: out[3], bias: inputs.count > 2 ? inputs[2] : nil, options.activation)
    let x = try inputs[0].floats("input")
    var result: [Float] = []
    result.reserveCapacity(out.elementCount)
    var sums = [Float](repeating: 0, count: out[3])
    sums.withUnsafeMutableBufferPointer { sums in
      x.withUnsafeBufferPointer { x in
        for n in 0..<out[0] {
          for oy in 0..<out[1] {
            for ox in 0..<out[2] {
              sums.update(repeating: 0)
              for ky in 0..<weights[1] {
                let iy = oy * options.stride.height - before.height + ky * options.dilation.height
                guard iy >= 0, iy < image[1] else { continue }
                for kx in 0..<weights[2] {
                  let ix = ox * options.stride.width - before.width + kx * options.dilation.width
                  guard ix >= 0, ix < image[2] else { continue }
                  let start = ((n * image[1] + iy) * image[2] + ix) * image[3]
                  for group in 0..<out[3] / groupSize {
                    filter.add(
                      x, from: start + group * depth, count: depth, tap: (ky * weights[2] + kx) * depth,
                      to: group * groupSize..<(group + 1) * groupSize, sums)
                  }
                }
              }
              filter.results(sums, into: &result)
            }
          }
        }
      }
    }
    return [Tensor(outputs[0], floats: result)]
  }
}
