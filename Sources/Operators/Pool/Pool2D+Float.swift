import IR
import Support

extension Pool2D {
  /// Source: `tensorflow/lite/kernels/internal/reference/pooling.h`.
  func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (image, out) = (inputs[0].type.shape, outputs[0].shape)
    let before = try positions(image).before
    let x = try inputs[0].floats("input")
    var result: [Float] = []
    result.reserveCapacity(out.elementCount)
    for n in 0..<out[0] {
      for oy in 0..<out[1] {
        let top = oy * stride.height - before.height
        for ox in 0..<out[2] {
          let left = ox * stride.width - before.width
          for channel in 0..<out[3] {
            var value: Float = Self.kind == .max ? -Float.greatestFiniteMagnitude : 0
            var count: Float = 0
            for row in max(0, top)..<max(0, top, min(image[1], top + filter.height)) {
              for column in max(0, left)..<max(0, left, min(image[2], left + filter.width)) {
                let element = x[((n * image[1] + row) * image[2] + column) * image[3] + channel]
                value = Self.kind == .average ? value + element : value < element ? element : value
                count += 1
              }
            }
            result.append(activation.apply(Self.kind == .average ? value / count : value))
          }
        }
      }
    }
    return [Tensor(outputs[0], floats: result)]
  }
}
