import IR
import Operators
import Support

/// Layers that are requantized in single precision, weights with zero points, and sums as int32 values.
extension RandomModels {
  static let requantizing: [String: Generator] = [
    "conv_2d single": { try $0.single(try $0.convolution(depthwise: false)) },
    "depthwise_conv_2d single": { try $0.single(try $0.convolution(depthwise: true)) },
    "fully_connected single": { try $0.single(try $0.dense()) },
    "conv_2d sums": { try $0.sums(try $0.convolution(depthwise: false)) },
    "depthwise_conv_2d sums": { try $0.sums(try $0.convolution(depthwise: true)) },
    "fully_connected sums": { try $0.sums(try $0.dense()) },
    "batch_matmul single": { try $0.single(try $0.batchMatMul(.int8)) },
    "batch_matmul sums": { models in
      let (op, operands, outputs) = try models.batchMatMul(.int8)
      return (op, operands, [TensorType(.int32, outputs[0].shape)])
    },
    "mean single": { models in
      let (dims, op) = ([models.int(1...2), models.int(1...6), models.int(1...6), models.int(1...5)], [1, 2])
      let mean = Mean(axes: op, keepDimensions: models.coin(), arithmetic: .singlePrecision)
      let data = try models.type(dims)
      return (mean, [models.input(data)], [try models.type(try mean.outputShapes([Operand(data)])[0].dims)])
    },
  ]

  private mutating func dense() throws -> Model {
    let (rows, depth, units) = (int(1...3), int(1...40), int(1...9))
    let data = input(try type([rows, depth]))
    let operands = [data, try weights([units, depth], channelAxis: 0)] + (coin() ? [try bias(units)] : [])
    return (FullyConnected(activation: activation(), shape: [rows, units]), operands, [try type([rows, units])])
  }

  /// The same operator in single precision, half of the time with zero points of the weights and with ties: scales that are
  /// powers of 2.
  private mutating func single(_ model: Model) throws -> Model {
    var (op, operands, outputs) = model
    if let layer = op as? any RequantizingOperator { op = layer.requantizing(by: .singlePrecision) }
    if coin() {
      for id in operands.prefix(2) { try powersOfTwo(id) }
      outputs[0].quantization = try powerOfTwo(outputs[0])
    }
    if !(op is BatchMatMul), coin() { operands[1] = try withZeroPoints(operands[1]) }
    return (op, operands, outputs)
  }

  private mutating func sums(_ model: Model) throws -> Model {
    var (op, operands, outputs) = model
    if let layer = op as? any ActivatedOperator { op = layer.activated(.none) }
    if int(0...2) != 0 { operands[1] = try withZeroPoints(operands[1]) }
    outputs[0] = TensorType(.int32, outputs[0].shape)
    return (op, operands, outputs)
  }

  private func powerOfTwo(_ type: TensorType) throws -> Quantization? {
    try type.quantization.map { own in
      try Quantization(
        scales: own.scales.map { Float(sign: .plus, exponent: $0.exponent, significand: 1) },
        zeroPoints: own.zeroPoints,
        axis: own.axis)
    }
  }

  private mutating func powersOfTwo(_ id: TensorID) throws {
    graph[id].type.quantization = try powerOfTwo(graph[id].type)
  }

  /// The same weights with a zero point for each scale.
  private mutating func withZeroPoints(_ id: TensorID) throws -> TensorID {
    var type = graph[id].type
    guard let own = type.quantization, let values = try graph.operand(id).constant else { return id }
    let points = own.scales.map { _ in Int32(pick([-128, 127, int(-128...127), 0])) }
    type.quantization = try Quantization(scales: own.scales, zeroPoints: points, axis: own.axis)
    return graph.add(constant: values.retyped(type), name: "weights")
  }
}
