import IR
import Operators
import Support

/// Recurrent layers; their states are variables of the file.
extension TFLiteCall {
  static let recurrent: [String: Builder] = [
    "SVDF": { (call) throws(Diagnostic) in
      let inputs = try call.inputs(count: 5)
      return (
        Svdf(rank: try call.options?.int32(0, "rank") ?? 0, activation: try call.activation(1)),
        try call.required(inputs, [0, 4, 1, 2]) + [inputs[3]].compactMap(\.self)
      )
    },
    "UNIDIRECTIONAL_SEQUENCE_LSTM": { (call) throws(Diagnostic) in
      let inputs = try call.inputs(count: 24)
      let variants = [("peepholes", 9...11), ("a projection", 16...17), ("layer normalization", 20...23)]
      for (name, positions) in variants where inputs[positions].contains(where: { $0 != nil }) {
        throw call.failure("lstm", "\(name) are not supported, as in the reference")
      }
      let activation = try call.options?.int8(0, "fused_activation_function") ?? 0
      guard activation == 4 else {
        throw call.failure("lstm", "the activation must be TANH, but has the code \(activation)")
      }
      return (
        Lstm(
          isTimeMajor: try call.options?.bool(3, "time_major") ?? false,
          cellClip: try call.options?.float(1, "cell_clip") ?? 0),
        try call.required(inputs, [0, 18, 19] + Array(1...8) + Array(12...15))
      )
    },
  ]
}
