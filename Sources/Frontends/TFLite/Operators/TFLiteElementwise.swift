import IR
import Operators
import Support

/// Operators on two tensors that broadcast.
extension TFLiteCall {
  static let elementwise: [String: Builder] = [
    "ADD": { (call) throws(Diagnostic) in (Add(activation: try call.activation(0)), call.inputs) },
    "SUB": { (call) throws(Diagnostic) in (Sub(activation: try call.activation(0)), call.inputs) },
    "MUL": { (call) throws(Diagnostic) in (Mul(activation: try call.activation(0)), call.inputs) },
  ]
}
