import IR
import Operators
import Support

/// Operators on integers with scales among their inputs: the QLinear operators of the standard and of ONNX Runtime.
extension ONNXCall {
  static let quantized: [String: Builder] = [
    "QLinearConv": { (call) throws(Diagnostic) in [try call.qLinearConv()] },
    "QLinearMatMul": { (call) throws(Diagnostic) in [try call.qLinearMatMul()] },
    "com.microsoft.QGemm": { (call) throws(Diagnostic) in [try call.qGemm()] },
    "com.microsoft.QLinearAdd": qLinearBinary { Add(activation: .none) },
    "com.microsoft.QLinearMul": qLinearBinary { Mul(activation: .none) },
    "com.microsoft.QLinearSigmoid": qLinear { (call, x) throws(Diagnostic) in
      try call.emit(Logistic(), [x], .float32)
    },
    "com.microsoft.QLinearLeakyRelu": qLinear { (call, x) throws(Diagnostic) in
      try call.emit(LeakyRelu(alpha: try call.float("alpha", default: 0.01)), [x], .float32)
    },
    "com.microsoft.QLinearAveragePool": { (call) throws(Diagnostic) in
      try call.requireChannelsFirst()
      let (own, target) = try call.affines(1, 2, 3, 4)
      let x = try call.integers(0, own)
      guard own.scale == target.scale, own.zeroPoint == target.zeroPoint else {
        let pooled = try call.averagePool(try call.emit(Dequantize(), [x], .float32))
        return [try call.quantized(pooled, target)]
      }
      return [.tensor(try call.averagePool(x), target.element)]
    },
    "com.microsoft.QLinearGlobalAveragePool": { (call) throws(Diagnostic) in
      try call.requireChannelsFirst()
      let (own, target) = try call.affines(1, 2, 3, 4)
      let rank = try call.shape(0).rank
      guard rank >= 3 else { throw call.failure("rank", "an input of \(rank) dimensions is no image") }
      let op = Mean(axes: Array(2..<rank), keepDimensions: true, arithmetic: .singlePrecision)
      return [
        .tensor(try call.emit(op, [try call.integers(0, own)], .int8, try target.quantization()), target.element)
      ]
    },
    "com.microsoft.QLinearReduceMean": { (call) throws(Diagnostic) in [try call.qLinearReduceMean()] },
    "com.microsoft.QLinearWhere": { (call) throws(Diagnostic) in [try call.qLinearWhere()] },
    "com.microsoft.QLinearConcat": { (call) throws(Diagnostic) in [try call.qLinearConcat()] },
    "com.microsoft.QLinearSoftmax": { (call) throws(Diagnostic) in [try call.qLinearSoftmax()] },
  ]

  private func requireChannelsFirst() throws(Diagnostic) {
    guard try int("channels_last", default: 0) == 0 else {
      throw failure("attribute", "`channels_last` is not supported")
    }
  }

  /// Scales and zero points of the input and of the output.
  private func affines(
    _ scale: Int, _ zeroPoint: Int, _ outputScale: Int, _ outputZeroPoint: Int
  ) throws(Diagnostic) -> (Affine, Affine) {
    let element = try element(0)
    return (
      try affine(scale, zeroPoint: zeroPoint, default: element),
      try affine(outputScale, zeroPoint: outputZeroPoint, default: element)
    )
  }

  /// A function of single floats between a dequantization and a quantization, which become one table.
  private static func qLinear(
    _ function: @escaping @Sendable (inout ONNXCall, TensorID) throws(Diagnostic) -> TensorID
  ) -> Builder {
    { (call) throws(Diagnostic) in
      let (own, target) = try call.affines(1, 2, 3, 4)
      return [try call.quantized(try function(&call, try call.real(0, own)), target)]
    }
  }

  private static func qLinearBinary(_ op: @escaping @Sendable () -> any SourceOperator) -> Builder {
    { (call) throws(Diagnostic) in
      let element = try call.element(0)
      let a = try call.affine(1, zeroPoint: 2, default: element)
      let b = try call.affine(4, zeroPoint: 5, default: try call.element(3))
      let target = try call.affine(6, zeroPoint: 7, default: element)
      let inputs = [try call.integers(0, a), try call.integers(3, b)]
      return [.tensor(try call.emit(op(), inputs, .int8, try target.quantization()), target.element)]
    }
  }

  /// Constant weights of 8 bits without their zero point, with one scale or one for each slice of `axis`.
  ///
  /// - Parameter scale: nil for weights whose scale means nothing.
  func weights(_ input: Int, scale: Int?, zeroPoint: Int, axis: Int) throws(Diagnostic) -> ONNXConstant {
    let constant = try constant(input, "the weights")
    var scales: [Float] = [1]
    if let scale { scales = try self.constant(scale, "the scale of the weights").floats("the scale of the weights") }
    let points = has(zeroPoint) ? try self.constant(zeroPoint, "the zero point").ints("the zero point") : [0]
    let shape = constant.shape
    guard axis < shape.rank, !scales.isEmpty, scales.count == 1 || shape[axis] == scales.count,
      points.count == 1 || points.count == scales.count || points.count == shape[axis]
    else { throw failure("scale", "the scales do not suit the weights of the shape \(shape)") }
    guard [.int8, .uint8, .int4, .uint4].contains(constant.element) else {
      throw failure("type", "weights of the type \(constant.element) are not supported")
    }
    // A zero point for each slice needs a scale for each slice.
    if scales.count == 1, points.count > 1 { scales = [Float](repeating: scales[0], count: shape[axis]) }
    let inner = max(1, shape.strides[axis])
    let ints = try constant.ints("the weights").enumerated().map { (index, value) throws(Diagnostic) -> Int32 in
      let point = points.count == 1 ? points[0] : points[index / inner % shape[axis]]
      let (distance, overflow) = value.subtractingReportingOverflow(point)
      guard !overflow, let steps = Int32(exactly: distance), (-255...255).contains(steps)
      else { throw failure("weights", "the weights and their zero point are no bytes of one kind") }
      return steps
    }
    var result = ONNXConstant(.int8, shape, .ints(ints.map { Int64($0) }))
    result.quantized = .init(ints: ints, scales: scales, axis: scales.count == 1 ? 0 : axis, isNarrow: true)
    return result
  }

  /// An int32 bias, which needs no scale.
  private mutating func bias(_ input: Int) throws(Diagnostic) -> TensorID? {
    guard has(input) else { return nil }
    let constant = try constant(input, "the bias")
    guard constant.element == .int32 else { throw failure("bias", "the bias is \(constant.element), not int32") }
    return try add(try constant.flattened(), "bias")
  }

  private mutating func qLinearConv() throws(Diagnostic) -> ONNXValue {
    let (own, target) = try affines(1, 2, 6, 7)
    let weights = try weights(3, scale: 4, zeroPoint: 5, axis: 0)
    let result = try convolution(
      try integers(0, own), weights, try bias(8), .int8, try target.quantization())
    return .tensor(result, target.element)
  }

  private mutating func qLinearMatMul() throws(Diagnostic) -> ONNXValue {
    let (own, target) = try affines(1, 2, 6, 7)
    guard try shape(3).rank == 2, try known(3) != nil else {
      let other = try affine(4, zeroPoint: 5, default: try element(3))
      let inputs = (try integers(0, own), try integers(3, other))
      return .tensor(try matrixProduct(of: inputs.0, inputs.1, .int8, try target.quantization()), target.element)
    }
    let weights = try weights(3, scale: 4, zeroPoint: 5, axis: 1).transposed([1, 0])
    return .tensor(
      try dense(try integers(0, own), weights, nil, .int8, try target.quantization()), target.element)
  }

  private mutating func qGemm() throws(Diagnostic) -> ONNXValue {
    guard has(7) else { throw failure("outputs", "an output of floats is not supported") }
    guard try float("alpha", default: 1) == 1 else {
      throw failure("attribute", "`alpha` other than 1 is not supported")
    }
    let (own, target) = try affines(1, 2, 7, 8)
    var a = try integers(0, own)
    guard graph[a].type.shape.rank == 2, try shape(3).rank == 2 else {
      throw failure("rank", "the inputs must be matrices")
    }
    if try int("transA", default: 0) != 0 { a = try move(Transpose(permutation: [1, 0]), a) }
    let isTransposed = try int("transB", default: 0) != 0
    var weights = try weights(3, scale: 4, zeroPoint: 5, axis: isTransposed ? 0 : 1)
    if !isTransposed { weights = try weights.transposed([1, 0]) }
    return .tensor(try dense(a, weights, try bias(6), .int8, try target.quantization()), target.element)
  }

  /// Each input is brought to the scale of the output first.
  private mutating func qLinearConcat() throws(Diagnostic) -> ONNXValue {
    let target = try affine(0, zeroPoint: 1, default: .uint8)
    let quantization = try target.quantization()
    guard inputs.count >= 5, inputs.count % 3 == 2 else {
      throw failure("inputs", "has \(inputs.count) inputs, which are not triples behind the output's scale")
    }
    var parts: [TensorID] = []
    for position in stride(from: 2, to: inputs.count, by: 3) {
      parts.append(try brought(position, to: target))
    }
    let rank = graph[parts[0]].type.shape.rank
    let axis = try int("axis", default: 1)
    let op = Concatenation(axis: axis < 0 ? axis + rank : axis)
    return .tensor(try emit(op, parts, .int8, quantization), target.element)
  }

  /// The input at `position`, which its scale and its zero point follow, in another scale.
  private mutating func brought(_ position: Int, to target: Affine) throws(Diagnostic) -> TensorID {
    let own = try affine(position + 1, zeroPoint: position + 2, default: target.element)
    if own.scale == target.scale, try own.quantization() == target.quantization() {
      return try integers(position, own)
    }
    guard case .tensor(let id, _) = try quantized(try real(position, own), target) else {
      throw failure("inputs", "the input \(position) is no tensor")
    }
    return id
  }

  private mutating func qLinearReduceMean() throws(Diagnostic) -> ONNXValue {
    let (own, target) = try affines(1, 2, 3, 4)
    let shape = try shape(0)
    var axes: [Int] = []
    for axis in try ints("axes") ?? Array(0..<shape.rank) { axes.append(try shape.normalized(axis: axis)) }
    let op = Mean(
      axes: Set(axes).sorted(), keepDimensions: try int("keepdims", default: 1) != 0, arithmetic: .singlePrecision)
    return .tensor(try emit(op, [try integers(0, own)], .int8, try target.quantization()), target.element)
  }

  /// Both alternatives are brought to the scale of the output first.
  private mutating func qLinearWhere() throws(Diagnostic) -> ONNXValue {
    let target = try affine(7, zeroPoint: 8, default: .uint8)
    let alternatives = [try brought(1, to: target), try brought(4, to: target)]
    return .tensor(
      try emit(Select(), [try data(0)] + alternatives, .int8, try target.quantization()), target.element)
  }

  /// The operator gives steps of 1/256; another scale is a table behind it.
  private mutating func qLinearSoftmax() throws(Diagnostic) -> ONNXValue {
    let (own, target) = try affines(1, 2, 3, 4)
    let steps = try Quantization.perTensor(scale: 1 / 256, zeroPoint: -128)
    let opset = try int("opset", default: 13)
    let result = try softmax(
      try integers(0, own), axis: try int("axis", default: opset < 13 ? 1 : -1), flattens: opset < 13, .int8, steps)
    if try target.quantization() == steps { return .tensor(result, target.element) }
    return try quantized(try emit(Dequantize(), [result], .float32), target)
  }
}
