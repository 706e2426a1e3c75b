import IR
import Operators
import Support

/// Layers with states in sizes that tell the parts of their work apart.
extension CalibrationNetworks {
  static func svdfs() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("svdf", input: [1, 40], seed: 71)
    try network.svdf(units: 32, rank: 1, memory: 8, .int16)
    try network.svdf(units: 6, rank: 4, memory: 20, .int8)
    try network.svdf(units: 50, rank: 2, memory: 2, .int16)
    try network.svdf(units: 3, rank: 1, memory: 60, .int8)
    return try network.network()
  }

  static func lstms() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("lstm", input: [1, 12, 30], seed: 73)
    try network.lstm(units: 4)
    try network.lstm(units: 20)
    try network.add(StridedSlice(begin: [0, 0, 0], sizes: [1, 2, 20], strides: [1, 1, 1]))
    try network.lstm(units: 24)
    return try network.network()
  }

  static func wideLstms() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("lstm 16", input: [1, 12, 30], seed: 79, element: .int16)
    try network.lstm(units: 4, .int16)
    try network.lstm(units: 20, .int16)
    try network.lstm(units: 11, .int16)
    try network.lstm(units: 3, .int16)
    try network.lstm(units: 24, .int16)
    return try network.network()
  }

  static func grus() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("gru", input: [1, 12, 30], seed: 83)
    try network.gru(units: 4, resetAfter: true)
    try network.gru(units: 20, resetAfter: false)
    try network.gru(units: 9, resetAfter: true)
    try network.gru(units: 24, resetAfter: true)
    try network.gru(units: 3, resetAfter: false)
    try network.gru(units: 32, resetAfter: false)
    return try network.network()
  }

  static func rnns() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("rnn", input: [1, 12, 30], seed: 89)
    try network.rnn(units: 5, .tanh)
    try network.rnn(units: 28, .relu)
    try network.rnn(units: 7, .relu)
    try network.rnn(units: 24, .tanh)
    try network.rnn(units: 2, .relu)
    try network.rnn(units: 40, .tanh)
    try network.rnn(units: 36, .relu)
    try network.rnn(units: 3, .tanh, clip: 3)
    return try network.network()
  }
}

extension NetworkBuilder {
  private func state(_ element: ElementType, _ dims: [Int], scale: Float) throws(Diagnostic) -> TensorType {
    TensorType(element, try Shape(dims), try .perTensor(scale: scale, zeroPoint: 0))
  }

  fileprivate mutating func svdf(units: Int, rank: Int, memory: Int, _ element: ElementType) throws(Diagnostic) {
    let inputs = type.shape[1]
    let filters = units * rank
    let largest: Int32 = element == .int8 ? 127 : 32767
    let features = constant(try state(.int8, [filters, inputs], scale: 0.01), -127...127)
    let times = constant(try state(element, [filters, memory], scale: 0.5 / Float(largest)), -largest...largest)
    let bias = constant(TensorType(.int32, try Shape([units])), -2000...2000)
    try add(
      Svdf(rank: rank, activation: .none), inputs: { [$0, $1[0], features, times, bias] },
      states: [try state(element, [1, filters * memory], scale: 8 / Float(largest))])
  }

  fileprivate mutating func gru(units: Int, resetAfter: Bool) throws(Diagnostic) {
    let inputs = type.shape[2]
    var parameters: [TensorID] = []
    for depth in [inputs, units] {
      parameters.append(constant(try state(.int8, [3, units, depth], scale: 0.01), -127...127))
    }
    for _ in 0..<2 { parameters.append(constant(TensorType(.int32, try Shape([3, units])), -2000...2000)) }
    try add(
      Gru(isTimeMajor: false, resetAfter: resetAfter), inputs: { [$0, $1[0]] + parameters },
      states: [try state(.int16, [1, units], scale: 0x1p-15)])
  }

  fileprivate mutating func rnn(units: Int, _ function: Rnn.Function, clip: Float = 0) throws(Diagnostic) {
    let inputs = type.shape[2]
    var parameters: [TensorID] = []
    for depth in [inputs, units] {
      parameters.append(constant(try state(.int8, [units, depth], scale: 0.01), -127...127))
    }
    parameters.append(constant(TensorType(.int32, try Shape([units])), -2000...2000))
    try add(
      Rnn(isTimeMajor: false, function: function, clip: clip), inputs: { [$0, $1[0]] + parameters },
      states: [try state(.int8, [1, units], scale: 1 / 128)])
  }

  fileprivate mutating func lstm(units: Int, _ element: ElementType = .int8) throws(Diagnostic) {
    let inputs = type.shape[2]
    var weights: [TensorID] = []
    for depth in [inputs, units] {
      for _ in 0..<4 { weights.append(constant(try state(.int8, [units, depth], scale: 0.01), -127...127)) }
    }
    let bias = TensorType(element == .int8 ? .int32 : .int64, try Shape([units]))
    for _ in 0..<4 { weights.append(constant(bias, -2000...2000)) }
    try add(
      Lstm(isTimeMajor: false, cellClip: 0), inputs: { [$0, $1[0], $1[1]] + weights },
      states: [
        try state(element, [1, units], scale: element == .int8 ? 1 / 128 : 1 / 32768),
        try state(.int16, [1, units], scale: 0x1p-11),
      ])
  }
}
