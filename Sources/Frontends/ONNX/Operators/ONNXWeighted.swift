import IR
import Operators
import Support

/// Convolutions and matrix products.
extension ONNXCall {
  static let weighted: [String: Builder] = [
    "Conv": { (call) throws(Diagnostic) in
      let x = try call.float(0)
      let bias = call.has(2) ? try call.parameter(try call.constant(2, "the bias"), "bias") : nil
      let weights = try call.constant(1, "the weights")
      return [.tensor(try call.convolution(x, weights, bias, .float32, nil), .float32)]
    },
    "Gemm": { (call) throws(Diagnostic) in [.tensor(try call.gemm(), .float32)] },
  ]

  /// A convolution of the image `x`, whose channels come first.
  ///
  /// - Parameters:
  ///   - weights: [filters, channels of a group, height, width], or without a height.
  ///   - bias: one value for each filter.
  ///   - element: float, int8 for a layer of integers, or int32 for its sums.
  mutating func convolution(
    _ x: TensorID, _ weights: ONNXConstant, _ bias: TensorID?, _ element: ElementType, _ quantization: Quantization?
  ) throws(Diagnostic) -> TensorID {
    let image = graph[x].type.shape
    guard weights.shape.rank == image.rank, image.rank == 3 || image.rank == 4 else {
      throw failure(
        "rank", "an input of the shape \(image) with weights of the shape \(weights.shape) is not supported")
    }
    let geometry = try geometry(image, filter: Array(weights.shape.dims[2...]))
    let groups = try int("group", default: 1)
    guard (1...Shape.maximumElements).contains(groups), image[1] == groups * weights.shape[1],
      weights.shape[0] % groups == 0
    else {
      throw failure(
        "channels", "weights of the shape \(weights.shape) in \(groups) groups do not suit the input \(image)")
    }
    let options = ConvolutionOptions(
      stride: geometry.stride, dilation: geometry.dilation, padding: geometry.padding, activation: .none,
      arithmetic: element == .int8 ? .singlePrecision : .fixedPoint)
    // [filters, channels, height, width], then in the order of the operator.
    let whole = try weights.withHeight()
    let isDepthwise = groups > 1 && weights.shape[1] == 1
    let arranged = try whole.transposed(isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1])
    let op: any SourceOperator = isDepthwise ? DepthwiseConv2D(options) : Conv2D(options)
    let filter =
      element == .float32 ? try parameter(arranged, "weights") : try add(integers: arranged, "weights")
    let result = try emit(
      op, [try channelsLast(x), filter] + (bias.map { [$0] } ?? []), element, quantization)
    return try channelsFirst(result, rank: image.rank)
  }

  /// Weights of a layer of integers.
  mutating func add(integers: ONNXConstant, _ suffix: String) throws(Diagnostic) -> TensorID {
    guard let tensor = try integers.quantized?.tensor(integers.shape), tensor.type.element == .int8 else {
      throw failure("weights", "the weights have more than 8 bits")
    }
    return add(tensor, suffix)
  }

  /// Rows of `a` times the constant matrix `weights` [units, depth], as a dense layer.
  mutating func dense(
    _ a: TensorID, _ weights: ONNXConstant, _ bias: TensorID?, _ element: ElementType = .float32,
    _ quantization: Quantization? = nil
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[a].type.shape
    guard weights.shape.rank == 2, shape.dims.last == weights.shape[1] else {
      throw failure("shape", "an input of the shape \(shape) does not suit weights of the shape \(weights.shape)")
    }
    let filter = element == .float32 ? try parameter(weights, "weights") : try add(integers: weights, "weights")
    let op = FullyConnected(
      activation: .none, shape: shape.dims.dropLast() + [weights.shape[0]],
      arithmetic: element == .int8 ? .singlePrecision : .fixedPoint)
    return try emit(op, [a, filter] + (bias.map { [$0] } ?? []), element, quantization)
  }

  mutating func gemm() throws(Diagnostic) -> TensorID {
    var a = try float(0)
    guard graph[a].type.shape.rank == 2, try shape(1).rank == 2 else {
      throw failure("rank", "the inputs must be matrices")
    }
    guard var weights = try known(1) else { return try computedGemm() }
    if try int("transA", default: 0) != 0 { a = try move(Transpose(permutation: [1, 0]), a) }
    if try int("transB", default: 0) == 0 { weights = try weights.transposed([1, 0]) }
    let alpha = try float("alpha", default: 1)
    if alpha != 1 { weights = try weights.scaled(by: alpha, "the second matrix") }
    let beta = try float("beta", default: 1)
    guard has(2), beta != 0 else { return try dense(a, weights, nil) }
    guard let addend = try known(2) else {
      let product = try dense(a, weights, nil)
      var c = try float(2)
      if beta != 1 { c = try emit(Mul(activation: .none), [c, try add(scalar: beta, "beta")], .float32) }
      return try emit(Add(activation: .none), [product, c], .float32)
    }
    let scaled = beta == 1 ? addend : try addend.scaled(by: beta, "the addend")
    // One value for each unit is a bias; anything else is added.
    guard addend.shape.elementCount == weights.shape[0], addend.shape.dims.last == weights.shape[0] else {
      return try emit(Add(activation: .none), [try dense(a, weights, nil), try add(scaled, "addend")], .float32)
    }
    let bias = try scaled.flattened()
    return try dense(a, weights, try parameter(bias, "bias"))
  }

  /// The same with a second matrix that is computed.
  private mutating func computedGemm() throws(Diagnostic) -> TensorID {
    let product = try matrixProduct(
      0, 1, transposesFirst: try int("transA", default: 0) != 0, transposesSecond: try int("transB", default: 0) != 0)
    let result = try scaled(product, by: try float("alpha", default: 1))
    let beta = try float("beta", default: 1)
    guard has(2), beta != 0 else { return result }
    return try sum(result, try scaled(try float(2), by: beta))
  }
}

extension ONNXConstant {
  /// Weights of a convolution with an axis for the height.
  func withHeight() throws(Diagnostic) -> ONNXConstant {
    guard shape.rank == 3 else { return self }
    var result = reshaped(try Shape([shape[0], shape[1], 1, shape[2]]))
    if var quantized {
      quantized.axis += quantized.axis > 1 ? 1 : 0
      result.quantized = quantized
    }
    return result
  }

  /// The floats times a factor.
  func scaled(by factor: Float, _ role: String) throws(Diagnostic) -> ONNXConstant {
    var result = ONNXConstant(element, shape, .floats(try floats(role).map { $0 * factor }))
    if var quantized, factor > 0 {
      quantized.scales = quantized.scales.map { $0 * factor }
      result.quantized = quantized
    }
    return result
  }

  /// The values as a list; all axes but the last one must have the size 1.
  func flattened() throws(Diagnostic) -> ONNXConstant {
    var result = reshaped(try Shape([shape.elementCount]))
    result.quantized = quantized
    result.quantized?.axis = 0
    return result
  }
}
