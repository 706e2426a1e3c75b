import IR
import Operators
import Support

/// Softmax and normalizations.
extension ONNXCall {
  static let normalizations: [String: Builder] = [
    "Softmax": { (call) throws(Diagnostic) in [.tensor(try call.softmax(), .float32)] },
    "LogSoftmax": { (call) throws(Diagnostic) in
      let softmax = try call.softmax()
      return [.tensor(try call.emit(PointwiseFunction(.logarithm), [softmax], .float32), .float32)]
    },
    "Hardmax": { (call) throws(Diagnostic) in [.tensor(try call.hardmax(), .float32)] },
    "LRN": { (call) throws(Diagnostic) in [.tensor(try call.localResponse(), .float32)] },
    "BatchNormalization": { (call) throws(Diagnostic) in [.tensor(try call.batchNormalization(), .float32)] },
    "InstanceNormalization": { (call) throws(Diagnostic) in
      let rank = try call.shape(0).rank
      let x = try call.normalized(
        try call.float(0), axes: Array(2..<max(2, rank)), try call.float("epsilon", default: 1e-5))
      return [.tensor(try call.scaledByChannel(x, scale: 1, bias: 2), .float32)]
    },
    "LayerNormalization": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let axis = try shape.normalized(axis: try call.int("axis", default: -1))
      let parts = try call.normalization(
        try call.float(0), axes: Array(axis..<shape.rank), try call.float("epsilon", default: 1e-5))
      var x = try call.emit(Mul(activation: .none), [parts.result, try call.float(1)], .float32)
      if call.has(2) { x = try call.emit(Add(activation: .none), [x, try call.float(2)], .float32) }
      return [x, parts.mean, parts.factor].map { .tensor($0, .float32) }
    },
    "MeanVarianceNormalization": { (call) throws(Diagnostic) in
      let x = try call.float(0)
      let axes = try call.axes(try call.ints("axes") ?? [0, 2, 3], of: x)
      return [.tensor(try call.normalized(x, axes: axes, 1e-9), .float32)]
    },
    "RMSNormalization": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let axis = try shape.normalized(axis: try call.int("axis", default: -1))
      let parts = try call.overLength(
        try call.float(0), axes: Array(axis..<shape.rank), try call.float("epsilon", default: 1e-5))
      return [.tensor(try call.product(parts.result, try call.float(1)), .float32)]
    },
    "GroupNormalization": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let groups = try call.int("num_groups", default: 1)
      guard call.version >= 21, shape.rank >= 2, groups > 0, shape[1] % groups == 0 else {
        throw call.failure("groups", "\(groups) groups of a tensor of the shape \(shape) are not supported")
      }
      let parts = [shape[0], groups, shape.elementCount / max(1, shape[0] * groups)]
      let x = try call.normalized(
        try call.move(Reshape(shape: parts), try call.float(0)), axes: [2], try call.float("epsilon", default: 1e-5))
      let whole = try call.move(Reshape(shape: shape.dims), x)
      return [.tensor(try call.scaledByChannel(whole, scale: 1, bias: 2), .float32)]
    },
    "LpNormalization": { (call) throws(Diagnostic) in
      let x = try call.float(0)
      let axes = try call.axes([try call.int("axis", default: -1)], of: x)
      let kind = try call.int("p", default: 2)
      guard kind == 1 || kind == 2 else { throw call.failure("attribute", "`p` of \(kind) is not supported") }
      let terms =
        kind == 2
        ? try call.emit(Mul(activation: .none), [x, x], .float32)
        : try call.emit(PointwiseFunction(.absolute), [x], .float32)
      let mean = try call.emit(Mean(axes: axes, keepDimensions: true), [terms], .float32)
      let count = Float(axes.reduce(1) { $0 * call.graph[x].type.shape[$1] })
      let sum = try call.emit(Mul(activation: .none), [mean, try call.add(scalar: count, "count")], .float32)
      let factor = try call.emit(PointwiseFunction(.power, kind == 2 ? -0.5 : -1), [sum], .float32)
      return [.tensor(try call.emit(Mul(activation: .none), [x, factor], .float32), .float32)]
    },
  ]

  /// 1 at the place of the first largest element, else 0; before version 13 over all axes from the given one on.
  private mutating func hardmax() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let shape = graph[x].type.shape
    let flattens = version < 13
    var axis = try shape.normalized(axis: try int("axis", default: flattens ? 1 : -1))
    var rows = x
    if flattens {
      rows = try reshaped(x, [shape.dims[..<axis].reduce(1, *), shape.dims[axis...].reduce(1, *)])
      axis = 1
    }
    let place = try emit(ArgMax(axis: axis), [rows], .int32)
    let isLargest = try matches(place, count: graph[rows].type.shape[axis], axis: axis)
    return try reshaped(try real(ofTruth: isLargest), shape.dims)
  }

  /// x / (bias + alpha/size · Σ x²)^beta, summed over the channels around each one.
  private mutating func localResponse() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let shape = graph[x].type.shape
    let size = try int("size", default: 1)
    guard shape.rank >= 3, (1...65_535).contains(size) else {
      throw failure("extent", "`size` of \(size) does not suit the shape \(shape)")
    }
    // The channels as the height of an image with a border of zeros: the mean over windows is Σ/size.
    let (before, after) = ((size - 1) / 2, size / 2)
    let rows = try reshaped(try product(x, x), [shape[0], shape[1], 1, shape.dims[2...].reduce(1, *)])
    let padded = try move(Pad(before: [0, before, 0, 0], after: [0, after, 0, 0], value: 0), rows)
    let op = AveragePool2D(filter: Extent(size, 1), stride: Extent(1, 1), padding: .valid, activation: .none)
    let mean = try reshaped(try move(op, padded), shape.dims)
    let base = try shifted(
      try scaled(mean, by: try float("alpha", default: 0.0001)), by: try float("bias", default: 1))
    return try product(x, try function(.power, base, -(try float("beta", default: 0.75))))
  }

  private func axes(_ list: [Int], of x: TensorID) throws(Diagnostic) -> [Int] {
    var axes: Set<Int> = []
    for axis in list { axes.insert(try graph[x].type.shape.normalized(axis: axis)) }
    return axes.sorted()
  }

  /// Softmax along an axis; before version 13 over all axes from there on.
  private mutating func softmax() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    return try softmax(x, axis: try int("axis", default: version < 13 ? 1 : -1), flattens: version < 13)
  }

  mutating func softmax(
    _ x: TensorID, axis: Int, flattens: Bool, _ element: ElementType = .float32, _ quantization: Quantization? = nil
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[x].type.shape
    let place = flattens && axis == shape.rank ? axis : try shape.normalized(axis: axis)
    let op = Softmax(beta: 1)
    if place == shape.rank - 1 { return try emit(op, [x], element, quantization) }
    if flattens {
      let flat = [shape.dims[..<place].reduce(1, *), shape.dims[place...].reduce(1, *)]
      let result = try emit(op, [try move(Reshape(shape: flat), x)], element, quantization)
      return try move(Reshape(shape: shape.dims), result)
    }
    var order = Array(0..<shape.rank)
    order.swapAt(place, shape.rank - 1)
    let result = try emit(op, [try move(Transpose(permutation: order), x)], element, quantization)
    return try move(Transpose(permutation: order), result)
  }

  /// (x − mean) · scale / √(variance + ε) + bias with constants: one factor and one addend for each channel, which a pass
  /// folds into the layer before.
  private mutating func batchNormalization() throws(Diagnostic) -> TensorID {
    guard try int("training_mode", default: 0) == 0, node?.outputs.count == 1 else {
      throw failure("training", "BatchNormalization in training is not supported")
    }
    let x = try float(0)
    let scale = try constant(1, "the scale").floats("the scale")
    let bias = try constant(2, "the bias").floats("the bias")
    let mean = try constant(3, "the mean").floats("the mean")
    let variance = try constant(4, "the variance").floats("the variance")
    let epsilon = try float("epsilon", default: 1e-5)
    let shape = graph[x].type.shape
    guard shape.rank >= 2, [scale, bias, mean, variance].allSatisfy({ $0.count == shape[1] }) else {
      throw failure("channels", "the parameters do not suit the shape \(shape)")
    }
    record(ChannelStatistics(tensor: x, axis: 1, means: mean, variances: variance))
    let factors = (0..<scale.count).map { Double(scale[$0]) / (Double(variance[$0]) + Double(epsilon)).squareRoot() }
    let addends = (0..<bias.count).map { Double(bias[$0]) - Double(mean[$0]) * factors[$0] }
    let type = TensorType(.float32, try channelShape(shape))
    let scaled = try emit(
      Mul(activation: .none), [x, add(Tensor(type, floats: factors.map { Float($0) }), "scale")], .float32)
    return try emit(
      Add(activation: .none), [scaled, add(Tensor(type, floats: addends.map { Float($0) }), "bias")], .float32)
  }

  /// The shape of one value for each channel of a tensor of the shape `shape`.
  private func channelShape(_ shape: Shape) throws(Diagnostic) -> Shape {
    try Shape([shape[1]] + [Int](repeating: 1, count: shape.rank - 2))
  }

  private mutating func scaledByChannel(_ x: TensorID, scale: Int, bias: Int) throws(Diagnostic) -> TensorID {
    let shape = try channelShape(graph[x].type.shape)
    let factors = try add(try constant(scale, "the scale").reshaped(shape), "scale")
    let addends = try add(try constant(bias, "the bias").reshaped(shape), "bias")
    let scaled = try emit(Mul(activation: .none), [x, factors], .float32)
    return try emit(Add(activation: .none), [scaled, addends], .float32)
  }

  /// (x − mean) / √(variance + ε) over `axes`.
  private mutating func normalized(_ x: TensorID, axes: [Int], _ epsilon: Float) throws(Diagnostic) -> TensorID {
    try normalization(x, axes: axes, epsilon).result
  }

  /// x / √(mean of x² + ε), with that mean and the factor.
  mutating func overLength(
    _ x: TensorID, axes: [Int], _ epsilon: Float
  ) throws(Diagnostic) -> (result: TensorID, mean: TensorID, factor: TensorID) {
    let mean = try emit(Mean(axes: axes, keepDimensions: true), [try product(x, x)], .float32)
    let factor = try function(.power, try shifted(mean, by: epsilon), -0.5)
    return (try product(x, factor), mean, factor)
  }

  /// The same with the mean and with the factor of the centred values.
  mutating func normalization(
    _ x: TensorID, axes: [Int], _ epsilon: Float
  ) throws(Diagnostic) -> (result: TensorID, mean: TensorID, factor: TensorID) {
    let mean = Mean(axes: axes, keepDimensions: true)
    let middle = try emit(mean, [x], .float32)
    let centred = try emit(Sub(activation: .none), [x, middle], .float32)
    let squares = try emit(Mul(activation: .none), [centred, centred], .float32)
    let variance = try emit(
      Add(activation: .none), [try emit(mean, [squares], .float32), try add(scalar: epsilon, "epsilon")], .float32)
    let factor = try emit(PointwiseFunction(.power, -0.5), [variance], .float32)
    return (try emit(Mul(activation: .none), [centred, factor], .float32), middle, factor)
  }
}
