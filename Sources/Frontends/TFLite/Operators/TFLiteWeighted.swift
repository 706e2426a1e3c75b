import IR
import Operators
import Support

/// Convolutions, dense layers and pooling.
extension TFLiteCall {
  static let weighted: [String: Builder] = [
    "CONV_2D": { (call) throws(Diagnostic) in
      try call.checkSums(6)
      let op = Conv2D(
        stride: try call.extent(2, 1, "stride"), dilation: try call.extent(5, 4, "dilation", default: 1),
        padding: try call.padding(0), activation: try call.activation(3))
      return (op, call.inputs)
    },
    "DEPTHWISE_CONV_2D": { (call) throws(Diagnostic) in
      (
        DepthwiseConv2D(
          stride: try call.extent(2, 1, "stride"), dilation: try call.extent(6, 5, "dilation", default: 1),
          padding: try call.padding(0), activation: try call.activation(4)), call.inputs
      )
    },
    "FULLY_CONNECTED": { (call) throws(Diagnostic) in
      let format = try call.options?.int8(1, "weights_format") ?? 0
      guard format == 0 else { throw call.failure("options", "the weights format \(format) is not supported") }
      try call.checkSums(4)
      return (FullyConnected(activation: try call.activation(0), shape: call.outputShape), call.inputs)
    },
    "AVERAGE_POOL_2D": { (call) throws(Diagnostic) in
      (
        AveragePool2D(
          filter: try call.extent(4, 3, "filter"), stride: try call.extent(2, 1, "stride"),
          padding: try call.padding(0), activation: try call.activation(5)), call.inputs
      )
    },
    "MAX_POOL_2D": { (call) throws(Diagnostic) in
      (
        MaxPool2D(
          filter: try call.extent(4, 3, "filter"), stride: try call.extent(2, 1, "stride"),
          padding: try call.padding(0), activation: try call.activation(5)), call.inputs
      )
    },
  ]

  /// Fails for a layer on 16-bit values without a bias that still asks for 32-bit sums, by the type of bias in the option
  /// `field`.
  private func checkSums(_ field: Int) throws(Diagnostic) {
    guard inputs.count == 2, graph[inputs[0]].type.element == .int16,
      try options?.int8(field, "quantized_bias_type") == 2
    else { return }
    throw failure(
      "options", "32-bit sums of 16-bit values without a bias are not supported; add an int32 bias of zeros")
  }
}
