import IR
import Support

extension TransposeConv {
  /// Source: `tensorflow/lite/kernels/internal/reference/transpose_conv.h`.
  func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let x = try inputs[0].floats("input")
    let w = try inputs[1].floats("weights")
    let channels = inputs[1].type.shape[0]
    let bias = inputs.count > 2 ? try inputs[2].floats("bias") : nil
    var sums = [Float](repeating: 0, count: outputs[0].shape.elementCount)
    try scatter(inputs[0].type.shape, inputs[1].type.shape) { sums[$0] += x[$1] * w[$2] }
    let values = sums.enumerated().map { index, sum in
      activation.apply(bias.map { sum + $0[index % channels] } ?? sum)
    }
    return [Tensor(outputs[0], floats: values)]
  }
}
