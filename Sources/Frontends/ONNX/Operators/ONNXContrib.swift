import IR
import Operators
import Support

/// Operators of ONNX Runtime that its optimizer and its exporters write.
///
/// Source: `docs/ContribOperators.md` of ONNX Runtime.
extension ONNXCall {
  static let contrib: [String: Builder] = [
    "com.microsoft.Gelu": activated { (call, x) throws(Diagnostic) in try call.function(.gelu, x) },
    "com.microsoft.BiasGelu": activated { (call, x) throws(Diagnostic) in
      try call.function(.gelu, try call.sum(x, try call.float(1)))
    },
    "com.microsoft.FastGelu": activated { (call, x) throws(Diagnostic) in
      try call.function(.geluTanh, call.has(1) ? try call.sum(x, try call.float(1)) : x)
    },
    "com.microsoft.QuickGelu": activated { (call, x) throws(Diagnostic) in
      try call.function(.swish, x, try call.float("alpha", default: 1.702))
    },
    "com.microsoft.FusedConv": { (call) throws(Diagnostic) in
      var result = try call.convolution(try call.float(0))
      if call.has(3) { result = try call.sum(result, try call.float(3)) }
      return [.tensor(try call.fusedActivation(result, try call.floats("activation_params") ?? []), .float32)]
    },
    "com.microsoft.NhwcConv": { (call) throws(Diagnostic) in
      let x = try call.channelsFirst(try call.float(0), rank: 4)
      return [.tensor(try call.channelsLast(try call.convolution(x)), .float32)]
    },
    "com.microsoft.FusedGemm": { (call) throws(Diagnostic) in
      let parameters = [
        try call.float("activation_alpha", default: 0), try call.float("activation_beta", default: 0),
      ]
      return [.tensor(try call.fusedActivation(try call.gemm(), parameters), .float32)]
    },
    "com.microsoft.NhwcMaxPool": { (call) throws(Diagnostic) in [try call.nhwcMaxPool()] },
    "com.microsoft.SkipLayerNormalization": { (call) throws(Diagnostic) in
      let sum = try call.skipSum(bias: 4)
      let axis = call.graph[sum].type.shape.rank - 1
      let parts = try call.normalization(sum, axes: [axis], try call.float("epsilon", default: 1e-12))
      var result = try call.product(parts.result, try call.float(2))
      if call.has(3) { result = try call.sum(result, try call.float(3)) }
      return [result, parts.mean, parts.factor, sum].map { .tensor($0, .float32) }
    },
    "com.microsoft.SkipSimplifiedLayerNormalization": { (call) throws(Diagnostic) in
      let sum = try call.skipSum(bias: 3)
      let axis = call.graph[sum].type.shape.rank - 1
      let parts = try call.overLength(sum, axes: [axis], try call.float("epsilon", default: 1e-12))
      let result = try call.product(parts.result, try call.float(2))
      return [result, parts.mean, parts.factor, sum].map { .tensor($0, .float32) }
    },
    "SimplifiedLayerNormalization": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let axis = try shape.normalized(axis: try call.int("axis", default: -1))
      let parts = try call.overLength(
        try call.float(0), axes: Array(axis..<shape.rank), try call.float("epsilon", default: 1e-5))
      return [.tensor(try call.product(parts.result, try call.float(1)), .float32), .tensor(parts.factor, .float32)]
    },
  ]

  private static func activated(
    _ function: @escaping @Sendable (inout ONNXCall, TensorID) throws(Diagnostic) -> TensorID
  ) -> Builder {
    { (call) throws(Diagnostic) in [.tensor(try function(&call, try call.float(0)), .float32)] }
  }

  /// The convolution of `x` with the weights and the bias of the node.
  private mutating func convolution(_ x: TensorID) throws(Diagnostic) -> TensorID {
    let bias = has(2) ? try parameter(try constant(2, "the bias"), "bias") : nil
    return try convolution(x, try constant(1, "the weights"), bias, .float32, nil)
  }

  /// The activation that an attribute names.
  private mutating func fusedActivation(_ x: TensorID, _ parameters: [Float]) throws(Diagnostic) -> TensorID {
    func parameter(_ index: Int, _ value: Float) -> Float {
      parameters.indices.contains(index) ? parameters[index] : value
    }
    switch try string("activation", default: "") {
    case "": return x
    case "Relu": return try emit(Relu(), [x], .float32)
    case "Tanh": return try emit(Tanh(), [x], .float32)
    case "Sigmoid": return try emit(Logistic(), [x], .float32)
    case "HardSwish": return try emit(HardSwish(), [x], .float32)
    case "LeakyRelu": return try emit(LeakyRelu(alpha: parameter(0, 0.01)), [x], .float32)
    case "Clip": return try function(.clip, x, parameter(0, -.infinity), parameter(1, .infinity))
    case "HardSigmoid": return try function(.hardSigmoid, x, parameter(0, 0.2), parameter(1, 0.5))
    case let name: throw failure("activation", "the activation `\(name)` is not supported")
    }
  }

  /// Input, skip connection, and bias.
  private mutating func skipSum(bias: Int) throws(Diagnostic) -> TensorID {
    var sum = try sum(try float(0), try float(1))
    if has(bias) { sum = try self.sum(sum, try float(bias)) }
    return sum
  }

  /// The largest values of windows of an image of integers whose channels are last.
  private mutating func nhwcMaxPool() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    guard shape.rank == 4 else { throw failure("rank", "the input of the shape \(shape) is no image") }
    let element = try element(0)
    let image = try channelsFirst(try pooled(try data(0)), rank: 4)
    guard try isPlainPool(shape) else { return .tensor(try channelsLast(try maxima(image)), element) }
    let geometry = try poolGeometry(graph[image].type.shape)
    let op = MaxPool2D(
      filter: geometry.filter, stride: geometry.stride, padding: geometry.padding, activation: .none)
    return .tensor(try channelsLast(try pool(op, image)), element)
  }
}
