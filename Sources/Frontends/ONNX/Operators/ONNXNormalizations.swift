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
    "BatchNormalization": { (call) throws(Diagnostic) in [.tensor(try call.batchNormalization(), .float32)] },
    "InstanceNormalization": { (call) throws(Diagnostic) in
      let rank = try call.shape(0).rank
      let x = try call.normalized(
        try call.float(0), axes: Array(2..<max(2, rank)), try call.float("epsilon", default: 1e-5))
      return [.tensor(try call.scaledByChannel(x, scale: 1, bias: 2), .float32)]
    },
    "LayerNormalization": { (call) throws(Diagnostic) in
      guard call.node?.outputs.count == 1 else {
        throw call.failure("outputs", "mean and deviation as outputs are not supported")
      }
      let shape = try call.shape(0)
      let axis = try shape.normalized(axis: try call.int("axis", default: -1))
      var x = try call.normalized(
        try call.float(0), axes: Array(axis..<shape.rank), try call.float("epsilon", default: 1e-5))
      x = try call.emit(Mul(activation: .none), [x, try call.float(1)], .float32)
      if call.has(2) { x = try call.emit(Add(activation: .none), [x, try call.float(2)], .float32) }
      return [.tensor(x, .float32)]
    },
  ]

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
    let mean = Mean(axes: axes, keepDimensions: true)
    let centred = try emit(Sub(activation: .none), [x, try emit(mean, [x], .float32)], .float32)
    let squares = try emit(Mul(activation: .none), [centred, centred], .float32)
    let variance = try emit(
      Add(activation: .none), [try emit(mean, [squares], .float32), try add(scalar: epsilon, "epsilon")], .float32)
    let factor = try emit(PointwiseFunction(.power, -0.5), [variance], .float32)
    return try emit(Mul(activation: .none), [centred, factor], .float32)
  }
}
