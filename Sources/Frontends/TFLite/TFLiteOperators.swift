import IR
import Operators
import Support

/// One operator of a TensorFlow Lite file with its operands and options, on its way into the graph.
struct TFLiteCall {
  let name: String
  let graph: Graph
  let inputs: [TensorID]
  let outputs: [TensorID]
  let options: FlatTable?

  /// Names of the operators that are supported, for messages.
  static let supported = [
    "ADD", "ARG_MAX", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "DEQUANTIZE", "EXPAND_DIMS",
    "FULLY_CONNECTED", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MAX_POOL_2D", "MEAN", "MUL", "PAD", "PADV2", "QUANTIZE",
    "RELU", "RELU6", "RESHAPE", "SOFTMAX", "SPLIT", "SQUEEZE", "STRIDED_SLICE", "SUB", "TANH", "TRANSPOSE",
  ]

  /// The operator and those of the inputs that hold data; constant parameters become attributes.
  func operation() throws(Diagnostic) -> (op: any SourceOperator, data: [TensorID]) {
    switch name {
    case "CONV_2D":
      return (
        Conv2D(
          stride: try extent(2, 1, "stride"), dilation: try extent(5, 4, "dilation", default: 1),
          padding: try padding(0),
          activation: try activation(3)), inputs
      )
    case "DEPTHWISE_CONV_2D":
      return (
        DepthwiseConv2D(
          stride: try extent(2, 1, "stride"), dilation: try extent(6, 5, "dilation", default: 1),
          padding: try padding(0),
          activation: try activation(4)), inputs
      )
    case "FULLY_CONNECTED":
      let format = try options?.int8(1, "weights_format") ?? 0
      guard format == 0 else { throw failure("options", "the weights format \(format) is not supported") }
      return (FullyConnected(activation: try activation(0), shape: outputShape), inputs)
    case "AVERAGE_POOL_2D":
      return (
        AveragePool2D(
          filter: try extent(4, 3, "filter"), stride: try extent(2, 1, "stride"), padding: try padding(0),
          activation: try activation(5)), inputs
      )
    case "MAX_POOL_2D":
      return (
        MaxPool2D(
          filter: try extent(4, 3, "filter"), stride: try extent(2, 1, "stride"), padding: try padding(0),
          activation: try activation(5)), inputs
      )
    case "ADD": return (Add(activation: try activation(0)), inputs)
    case "SUB": return (Sub(activation: try activation(0)), inputs)
    case "MUL": return (Mul(activation: try activation(0)), inputs)
    case "RELU": return (Relu(), inputs)
    case "RELU6": return (Relu6(), inputs)
    case "LEAKY_RELU": return (LeakyRelu(alpha: try options?.float(0, "alpha") ?? 0), inputs)
    case "HARD_SWISH": return (HardSwish(), inputs)
    case "LOGISTIC": return (Logistic(), inputs)
    case "TANH": return (Tanh(), inputs)
    case "QUANTIZE": return (Quantize(), inputs)
    case "DEQUANTIZE": return (Dequantize(), inputs)
    case "SOFTMAX": return (Softmax(beta: try options?.float(0, "beta") ?? 0), inputs)
    case "RESHAPE", "SQUEEZE", "EXPAND_DIMS": return (Reshape(shape: outputShape), try data(1))
    case "TRANSPOSE": return (Transpose(permutation: try constants(1, "the permutation")), try data(1))
    case "CONCATENATION":
      guard try activation(1) == .none else {
        throw failure("activation", "a fused activation is not supported, as in the reference")
      }
      return (Concatenation(axis: try shape(0).normalized(axis: try options?.int32(0, "axis") ?? 0)), inputs)
    case "PAD", "PADV2": return (try pad(), try data(1))
    case "STRIDED_SLICE": return (try stridedSlice(), try data(1))
    case "SPLIT":
      guard inputs.count == 2 else { throw failure("inputs", "needs an axis and a tensor") }
      let axis = try constants(0, "the axis").first ?? 0
      return (Split(axis: try shape(1).normalized(axis: axis), count: outputs.count), [inputs[1]])
    case "MEAN": return (try mean(), try data(1))
    case "ARG_MAX":
      let axis = try constants(1, "the axis").first ?? 0
      return (ArgMax(axis: try shape(0).normalized(axis: axis)), try data(1))
    default:
      throw Diagnostic(
        "tflite.operator", "\(name) is not supported",
        notes: ["supported are \(Self.supported.joined(separator: ", "))"])
    }
  }

  private func failure(_ id: String, _ message: String) -> Diagnostic {
    Diagnostic("tflite.\(id)", "\(name): \(message)")
  }

  private var outputShape: [Int] { outputs.first.map { graph[$0].type.shape.dims } ?? [] }

  /// The first `count` inputs, which hold data.
  private func data(_ count: Int) throws(Diagnostic) -> [TensorID] {
    guard inputs.count >= count else { throw failure("inputs", "has \(inputs.count) inputs, but needs \(count)") }
    return Array(inputs.prefix(count))
  }

  private func shape(_ input: Int) throws(Diagnostic) -> Shape { graph[try data(input + 1)[input]].type.shape }

  /// The values of an input that must be a constant list of integers.
  private func constants(_ input: Int, _ role: String) throws(Diagnostic) -> [Int] {
    let id = try data(input + 1)[input]
    let count = graph[id].type.shape.elementCount
    guard count <= 2 * Shape.maximumRank else { throw failure("constant", "\(role) has \(count) values") }
    return try graph.operand(id).constantInts(role).map { Int($0) }
  }

  private func extent(
    _ height: Int, _ width: Int, _ label: String, default value: Int32 = 0
  ) throws(Diagnostic) -> Extent {
    guard let options else { throw failure("options", "the options are missing") }
    return Extent(
      try options.int32(height, "\(label) height", default: value),
      try options.int32(width, "\(label) width", default: value))
  }

  private func padding(_ field: Int) throws(Diagnostic) -> Padding {
    let number = try options?.int8(field, "padding") ?? 0
    guard number == 0 || number == 1 else { throw failure("options", "unknown padding \(number)") }
    return number == 0 ? .same : .valid
  }

  private func activation(_ field: Int) throws(Diagnostic) -> Activation {
    switch try options?.int8(field, "fused_activation_function") ?? 0 {
    case 0: return .none
    case 1: return .relu
    case 2: return .reluN1To1
    case 3: return .relu6
    case let number:
      let names: [Int8: String] = [4: "TANH", 5: "SIGN_BIT"]
      throw failure("activation", "the fused activation \(names[number] ?? "\(number)") is not supported")
    }
  }

  private func pad() throws(Diagnostic) -> Pad {
    let amounts = try constants(1, "the paddings")
    guard amounts.count == 2 * (try shape(0).rank) else {
      throw failure("paddings", "\(amounts.count) paddings do not suit the shape \(try shape(0))")
    }
    let value: Int
    if name == "PADV2" {
      value = try constants(2, "the padding value").first ?? 0
    } else if let output = outputs.first, let quantization = graph[output].type.quantization {
      value = Int(quantization.zeroPoints[0])
    } else {
      value = 0
    }
    return Pad(
      before: stride(from: 0, to: amounts.count, by: 2).map { amounts[$0] },
      after: stride(from: 1, to: amounts.count, by: 2).map { amounts[$0] }, value: value)
  }

  private func stridedSlice() throws(Diagnostic) -> StridedSlice {
    let masks = try ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"].enumerated()
      .map { (index, label) throws(Diagnostic) in try options?.int32(index, label) ?? 0 }
    guard masks[2] == 0, masks[3] == 0, try !(options?.bool(5, "offset") ?? false) else {
      throw failure("options", "an ellipsis mask, a new axis mask and `offset` are not supported")
    }
    return try StridedSlice(
      of: try shape(0), begin: try constants(1, "begin"), end: try constants(2, "end"),
      strides: try constants(3, "the strides"), beginMask: masks[0], endMask: masks[1], shrinkMask: masks[4])
  }

  private func mean() throws(Diagnostic) -> Mean {
    var axes: Set<Int> = []
    for axis in try constants(1, "the axes") { axes.insert(try shape(0).normalized(axis: axis)) }
    return Mean(axes: axes.sorted(), keepDimensions: try options?.bool(0, "keep_dims") ?? false)
  }
}
