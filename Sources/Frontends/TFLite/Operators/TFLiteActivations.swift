import IR
import Operators
import Support

/// Operators on single values, and softmax.
extension TFLiteCall {
  static let activations: [String: Builder] = [
    "RELU": { (call) throws(Diagnostic) in (Relu(), call.inputs) },
    "RELU6": { (call) throws(Diagnostic) in (Relu6(), call.inputs) },
    "LEAKY_RELU": { (call) throws(Diagnostic) in
      (LeakyRelu(alpha: try call.options?.float(0, "alpha") ?? 0), call.inputs)
    },
    "HARD_SWISH": { (call) throws(Diagnostic) in (HardSwish(), call.inputs) },
    "LOGISTIC": { (call) throws(Diagnostic) in (Logistic(), call.inputs) },
    "TANH": { (call) throws(Diagnostic) in (Tanh(), call.inputs) },
    "QUANTIZE": { (call) throws(Diagnostic) in (Quantize(), call.inputs) },
    "DEQUANTIZE": { (call) throws(Diagnostic) in (Dequantize(), call.inputs) },
    "SOFTMAX": { (call) throws(Diagnostic) in
      (Softmax(beta: try call.options?.float(0, "beta") ?? 0), call.inputs)
    },
  ]
}
