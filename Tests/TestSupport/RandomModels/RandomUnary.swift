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
    if int(0...2) == 0, let model = try wideUnary(mnemonic, dims) { return model }
    let data = try type(dims)
    switch mnemonic {
    case "relu": return (Relu(), [input(data)], [try type(dims)])
    case "relu6": return (Relu6(), [input(data)], [try type(dims)])
    case "leaky_relu":
      return (LeakyRelu(alpha: pick([0, 0.1, 0.3, 1.5, -0.4])), [input(data)], [try type(dims)])
    case "hard_swish":
      // The reference takes no output scale below 1/128 of the input scale.
      let least = (data.quantization?.scales[0] ?? 0) / 100
      return (HardSwish(), [input(data)], [try type(dims, scale: max(scale(), least))])
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
  /// The same with int16; nil where there is none.
  private mutating func wideUnary(_ mnemonic: String, _ dims: [Int]) throws -> Model? {
    let fraction = try TensorType(.int16, Shape(dims), .perTensor(scale: 1 / 32768, zeroPoint: 0))
    switch mnemonic {
    case "relu": return try mapped(Relu(), .int16)
    case "relu6": return try mapped(Relu6(), .int16)
    case "leaky_relu": return try mapped(LeakyRelu(alpha: pick([0.1, 1.5, -0.4])), .int16)
    case "logistic": return (Logistic(), [input(try quantized(.int16, dims))], [fraction])
    case "tanh": return (Tanh(), [input(try quantized(.int16, dims))], [fraction])
    case "quantize":
      let (from, to): (ElementType, ElementType) = pick([
        (.int8, .int16), (.int8, .int32), (.int16, .int8), (.int16, .int16), (.int16, .int32), (.int32, .int8),
        (.int32, .int16),
      ])
      let types = try [from, to].map { element in
        element == .int8
          ? try type(dims) : try TensorType(element, Shape(dims), .perTensor(scale: scale(), zeroPoint: 0))
      }
      return (Quantize(), [input(types[0])], [types[1]])
    default: return nil
    }
  }
}
