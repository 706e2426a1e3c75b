import IR
import Operators
import Support

/// Transposed convolutions and products of matrices.
extension TFLiteCall {
  static let matrices: [String: Builder] = [
    // The first input is the output's shape, which stands in the output too.
    "TRANSPOSE_CONV": { (call) throws(Diagnostic) in
      let inputs = try call.data(3)
      guard call.outputShape.count == 4 else { throw call.failure("shape", "the output must have 4 dimensions") }
      let op = TransposeConv(
        stride: try call.extent(2, 1, "stride"), padding: try call.padding(0), activation: try call.activation(3),
        output: Extent(call.outputShape[1], call.outputShape[2]))
      return (op, [inputs[2], inputs[1]] + call.inputs.dropFirst(3))
    },
    "BATCH_MATMUL": { (call) throws(Diagnostic) in
      (
        BatchMatMul(
          adjointX: try call.options?.bool(0, "adj_x") ?? false, adjointY: try call.options?.bool(1, "adj_y") ?? false),
        try call.data(2)
      )
    },
  ]
}
