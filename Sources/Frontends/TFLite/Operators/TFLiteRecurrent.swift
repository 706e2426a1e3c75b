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
    }
  ]
}
