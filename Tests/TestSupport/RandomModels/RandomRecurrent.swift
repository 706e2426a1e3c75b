import IR
import Operators
import Support

/// Layers with states.
extension RandomModels {
  static let recurrent: [String: Generator] = [
    "gru": { try $0.gru() },
    "lstm": { try $0.lstm(.int8) },
    "lstm 16": { try $0.lstm(.int16) },
    "rnn": { try $0.rnn() },
    "svdf": { try $0.svdf() },
  ]

  /// A state of the network, which begins with random values.
  mutating func state(_ type: TensorType) -> (current: TensorID, next: TensorID) {
    let current = graph.add(TensorInfo(name: "state\(graph.states.count)", type: type))
    let next = graph.add(TensorInfo(name: "next\(graph.states.count)", type: type))
    graph.states.append(State(current: current, next: next, initial: Tensor(type, ints: stateValues(type)).bytes))
    return (current, next)
  }

  /// Zero points, or random values.
  private mutating func stateValues(_ type: TensorType) -> [Int32] {
    let range = type.element.range ?? 0...0
    let isPlain = coin()
    return (0..<type.shape.elementCount).map { _ in
      isPlain ? type.quantization?.zeroPoints.first ?? 0 : Int32.random(in: range, using: &random)
    }
  }

  /// Operands of the types of states, which are states of the network, or else inputs and constants beside outputs.
  private mutating func carried(_ types: [TensorType], _ outputs: inout [TensorType]) -> [TensorID] {
    let areStates = coin()
    if !areStates { outputs += types }
    return types.map { type in
      if areStates {
        let (current, next) = state(type)
        states.append(next)
        return current
      }
      if coin() { return input(type) }
      return graph.add(constant: Tensor(type, ints: stateValues(type)), name: "initial")
    }
  }

  /// Sizes, and the data of a sequence.
  private mutating func sequence(
    _ element: ElementType = .int8
  ) throws -> (dims: (batch: Int, inputs: Int, units: Int), data: TensorID, output: [Int], isTimeMajor: Bool) {
    let (batch, time, inputs, units) = (int(1...2), int(1...4), int(1...6), int(1...6))
    let isTimeMajor = coin()
    let leading = isTimeMajor ? [time, batch] : [batch, time]
    let type =
      element == .int8
      ? try type(leading + [inputs])
      : TensorType(element, try Shape(leading + [inputs]), try .perTensor(scale: scale() / 256, zeroPoint: 0))
    return ((batch, inputs, units), input(type), leading + [units], isTimeMajor)
  }

  mutating func lstm(_ element: ElementType) throws -> Model {
    let (dims, data, output, isTimeMajor) = try sequence(element)
    let power = int(-15 ... -9)
    let cellScale = Float(sign: .plus, exponent: power, significand: pick([1, 1, 1.3]))
    let cell = TensorType(.int16, try Shape([dims.batch, dims.units]), try .perTensor(scale: cellScale, zeroPoint: 0))
    let hidden = try Quantization.perTensor(
      scale: element == .int8 ? 1 / 128 : 1 / 32768, zeroPoint: element == .int8 ? Int32(int(-3...3)) : 0)
    var results = [TensorType(element, try Shape(output), hidden)]
    var operands = [data]
    operands += carried([TensorType(element, try Shape([dims.batch, dims.units]), hidden), cell], &results)
    for depth in [dims.inputs, dims.units] {
      for _ in 0..<4 { operands.append(try weights([dims.units, depth], channelAxis: 0, isPerTensor: true)) }
    }
    for _ in 0..<4 {
      let bias = try bias(dims.units)
      guard element == .int16 else {
        operands.append(bias)
        continue
      }
      let values = try graph.operand(bias).constant?.wideInts("bias") ?? []
      let type = TensorType(.int64, graph[bias].type.shape)
      operands.append(graph.add(constant: Tensor(type, wide: values.map { $0 * pick([1, 1000]) }), name: "bias"))
    }
    return (
      Lstm(isTimeMajor: isTimeMajor, cellClip: pick([0, 0, 0.7, 3]), clip: pick([0, 0, 0.6])), operands, results
    )
  }

  mutating func gru() throws -> Model {
    let (dims, data, output, isTimeMajor) = try sequence()
    var results = [try type(output, scale: 1 / Float(int(60...140)))]
    let scale = Float(sign: .plus, exponent: pick([-15, -15, -14, -17, -30, 0]), significand: 1)
    let hidden = TensorType(
      .int16, try Shape([dims.batch, dims.units]), try .perTensor(scale: scale, zeroPoint: 0))
    var operands = [data] + carried([hidden], &results)
    for depth in [dims.inputs, dims.units] {
      let isPerTensor = coin()
      operands.append(try weights([3, dims.units, depth], channelAxis: 0, isPerTensor: isPerTensor))
    }
    for _ in 0..<2 {
      let bias = try bias(3 * dims.units)
      graph[bias].type.shape = try Shape([3, dims.units])
      operands.append(bias)
    }
    return (
      Gru(isTimeMajor: isTimeMajor, resetAfter: coin(), clip: pick([0, 0, 0.6])), operands, results
    )
  }

  mutating func rnn() throws -> Model {
    let (dims, data, output, isTimeMajor) = try sequence()
    let function = pick(Rnn.Function.allCases)
    let hidden = try type([dims.batch, dims.units], scale: function == .tanh ? 1 / 128 : nil)
    var results = [TensorType(.int8, try Shape(output), hidden.quantization)]
    var operands = [data] + carried([hidden], &results)
    for depth in [dims.inputs, dims.units] {
      operands.append(try weights([dims.units, depth], channelAxis: 0, isPerTensor: true))
    }
    operands.append(try bias(dims.units))
    return (
      Rnn(isTimeMajor: isTimeMajor, function: function, clip: pick([0, 0, 0.6])), operands, results
    )
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
