import IR
import Operators
import Support

/// Operators on single values.
extension RandomModels {
  static let unary: [String: Generator] = [
    "relu": { try $0.unary("relu") },
    "relu6": { try $0.unary("relu6") },
    "leaky_relu": { try $0.unary("leaky_relu") },
    "hard_swish": { try $0.unary("hard_swish") },
    "logistic": { try $0.unary("logistic") },
    "tanh": { try $0.unary("tanh") },
    "quantize": { try $0.unary("quantize") },
    "dequantize": { try $0.unary("dequantize") },
  ]

  mutating func unary(_ mnemonic: String) throws -> Model {
    // Shapes with 256 elements and more let the ramp reach every value.
    let dims = [int(256...300)]
    let data = try type(dims)
    switch mnemonic {
    case "relu": return (Relu(), [input(data)], [try type(dims)])
    case "relu6": return (Relu6(), [input(data)], [try type(dims)])
    case "leaky_relu":
      return (LeakyRelu(alpha: pick([0, 0.1, 0.3, 1.5, -0.4])), [input(data)], [try type(dims)])
    case "hard_swish": return (HardSwish(), [input(data)], [try type(dims)])
    case "logistic": return (Logistic(), [input(data)], [try type(dims, scale: 1 / 256, zero: -128)])
    case "tanh": return (Tanh(), [input(data)], [try type(dims, scale: 1 / 128, zero: 0)])
    case "quantize":
      let unsigned = TensorType(.uint8, try Shape(dims), try .perTensor(scale: scale(), zeroPoint: 117))
      return coin() ? (Quantize(), [input(data)], [try type(dims)]) : (Quantize(), [input(unsigned)], [try type(dims)])
    case "dequantize":
      // Alone it leaves floats; the boundary pass turns the output back into the quantized input.
      return (Dequantize(), [input(data)], [TensorType(.float32, try Shape(dims))])
    default: throw Diagnostic("test.operator", .usage, "no generator for \(mnemonic)")
    }
  }
}
