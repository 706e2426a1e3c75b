import IR
import Support

extension FullyConnected {
  /// Source: the float `FullyConnected` in `tensorflow/lite/kernels/internal/reference/fully_connected.h`.
  func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (units, depth) = (inputs[1].type.shape[0], inputs[1].type.shape[1])
    let filter = try FloatFilter(inputs[1], channels: units, bias: inputs.count > 2 ? inputs[2] : nil, activation)
    let x = try inputs[0].floats("input")
    var result: [Float] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    var sums = [Float](repeating: 0, count: units)
    sums.withUnsafeMutableBufferPointer { sums in
      x.withUnsafeBufferPointer { x in
        for row in 0..<x.count / depth {
          sums.update(repeating: 0)
          filter.add(x, from: row * depth, count: depth, tap: 0, to: 0..<units, sums)
          filter.results(sums, into: &result)
        }
      }
    }
    return [Tensor(outputs[0], floats: result)]
  }
}
