import IR
import Operators
import Support

/// Layers with states.
extension RandomModels {
  static let recurrent: [String: Generator] = [
    "lstm": { try $0.lstm() },
    "svdf": { try $0.svdf() },
  ]

  /// A state of the network, which begins with random values.
  mutating func state(_ type: TensorType) -> (current: TensorID, next: TensorID) {
    let current = graph.add(TensorInfo(name: "state\(graph.states.count)", type: type))
    let next = graph.add(TensorInfo(name: "next\(graph.states.count)", type: type))
    let range = type.element.range ?? 0...0
    let isPlain = coin()
    let values = (0..<type.shape.elementCount).map { _ in
      isPlain ? type.quantization?.zeroPoints.first ?? 0 : Int32.random(in: range, using: &random)
    }
    graph.states.append(State(current: current, next: next, initial: Tensor(type, ints: values).bytes))
    return (current, next)
  }

  mutating func lstm() throws -> Model {
    let (batch, time, inputs, units) = (int(1...2), int(1...4), int(1...6), int(1...6))
    let isTimeMajor = coin()
    let leading = isTimeMajor ? [time, batch] : [batch, time]
    let data = input(try type(leading + [inputs]))
    let hidden = state(try type([batch, units], scale: 1 / 128))
    let power = int(-15 ... -9)
    let cellScale = Float(sign: .plus, exponent: power, significand: pick([1, 1, 1.3]))
    let cell = state(TensorType(.int16, try Shape([batch, units]), try .perTensor(scale: cellScale, zeroPoint: 0)))
    var operands = [data, hidden.current, cell.current]
    for depth in [inputs, units] {
      for _ in 0..<4 { operands.append(try weights([units, depth], channelAxis: 0, isPerTensor: true)) }
    }
    for _ in 0..<4 { operands.append(try bias(units)) }
    states = [hidden.next, cell.next]
    let result = try type(leading + [units], scale: 1 / 128)
    return (Lstm(isTimeMajor: isTimeMajor, cellClip: pick([0, 0, 0.7, 3])), operands, [result])
  }

  mutating func svdf() throws -> Model {
    let (batch, inputs, memory, rank, units) = (int(1...2), int(1...9), int(1...6), int(1...3), int(1...5))
    let data = input(try type([batch, inputs]))
    let element: ElementType = coin() ? .int8 : .int16
    let isZero = element == .int16 || coin()
    let stateType = TensorType(
      element, try Shape([batch, rank * units * memory]),
      try .perTensor(scale: scale() / 50, zeroPoint: isZero ? 0 : zeroPoint()))
    let range = element.range ?? 0...0
    let (current, next) = state(stateType)
    let features = try weights([rank * units, inputs], channelAxis: 0, isPerTensor: true)
    let timeType = TensorType(
      element, try Shape([rank * units, memory]), try .perTensor(scale: scale() / 100, zeroPoint: 0))
    let values = (0..<timeType.shape.elementCount).map { _ in
      coin() ? Int32.random(in: range, using: &random) : pick([range.lowerBound, range.upperBound, 0])
    }
    let times = graph.add(constant: Tensor(timeType, ints: values), name: "times")
    let operands = [data, current, features, times] + (coin() ? [try bias(units)] : [])
    states.append(next)
    return (Svdf(rank: rank, activation: .none), operands, [try type([batch, units])])
  }
}
