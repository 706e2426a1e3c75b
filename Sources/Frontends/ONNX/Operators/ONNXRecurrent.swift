import IR
import Operators
import Support

/// Recurrent layers. Each direction becomes a layer of its own; the reverse one reads and writes its sequence reversed.
extension ONNXCall {
  static let recurrent: [String: Builder] = [
    "LSTM": { (call) throws(Diagnostic) in try call.recurrent(.lstm) },
    "GRU": { (call) throws(Diagnostic) in try call.recurrent(.gru) },
    "RNN": { (call) throws(Diagnostic) in try call.recurrent(.rnn) },
  ]

  private enum Layer {
    case lstm, gru, rnn

    var gates: Int {
      switch self {
      case .lstm: 4
      case .gru: 3
      case .rnn: 1
      }
    }

    /// The functions of one direction in small letters; a plain layer may have another one.
    var activations: [String] {
      switch self {
      case .lstm: ["sigmoid", "tanh", "tanh"]
      case .gru: ["sigmoid", "tanh"]
      case .rnn: ["tanh"]
      }
    }
  }

  /// Sizes of a layer and of its sequence.
  private struct Sizes {
    let directions: [(isReversed: Bool, function: Rnn.Function)]
    let gates: Int
    let batch: Int
    let time: Int
    let inputs: Int
    let units: Int
    /// Whether time is the first axis of the data, and the second one the batch.
    let isTimeMajor: Bool
  }

  private func sizes(_ layer: Layer, _ data: Shape) throws(Diagnostic) -> Sizes {
    let layout = try int("layout", default: 0)
    guard layout == 0 || layout == 1 else { throw failure("attribute", "`layout` is \(layout)") }
    let reversals: [Bool]
    let direction = try string("direction", default: "forward")
    switch direction {
    case "forward": reversals = [false]
    case "reverse": reversals = [true]
    case "bidirectional": reversals = [false, true]
    default: throw failure("attribute", "`direction` is `\(direction)`")
    }
    let (weights, recurrent) = (try shape(1), try shape(2))
    guard data.rank == 3, weights.rank == 3, recurrent.rank == 3 else {
      throw failure(
        "rank", "data \(data), weights \(weights) and recurrent weights \(recurrent) must have 3 dimensions")
    }
    let functions = try functions(layer, directions: reversals.count)
    let sizes = Sizes(
      directions: zip(reversals, functions).map { ($0, $1) }, gates: layer.gates, batch: data[layout == 0 ? 1 : 0],
      time: data[layout], inputs: data[2], units: recurrent[2], isTimeMajor: layout == 0)
    let rows = layer.gates * sizes.units
    guard weights.dims == [reversals.count, rows, sizes.inputs],
      recurrent.dims == [reversals.count, rows, sizes.units],
      try int("hidden_size", default: Int64(sizes.units)) == sizes.units
    else {
      throw failure(
        "shape",
        "weights \(weights) and recurrent weights \(recurrent) do not suit data \(data), "
          + "\(reversals.count) directions and `hidden_size`")
    }
    return sizes
  }

  /// What a plain layer computes in each direction; fails for other functions than the usual ones.
  private func functions(_ layer: Layer, directions: Int) throws(Diagnostic) -> [Rnn.Function] {
    let plain = [Rnn.Function](repeating: .tanh, count: directions)
    guard let attribute = node?.attributes["activations"] else { return plain }
    let names = try attribute.message.strings(9, "activations").map { $0.lowercased() }
    guard !names.isEmpty else { return plain }
    let usual = (0..<directions).flatMap { _ in layer.activations }
    if layer == .rnn, names.count == directions {
      let functions = names.compactMap { Rnn.Function(rawValue: $0) }
      if functions.count == directions { return functions }
    }
    guard names == usual else {
      throw failure(
        "activation",
        "the activations \(names.joined(separator: ", ")) are not supported, only "
          + "\(usual.joined(separator: ", "))" + (layer == .rnn ? " and relu" : ""))
    }
    return plain
  }

  private mutating func recurrent(_ layer: Layer) throws(Diagnostic) -> [ONNXValue] {
    let x = try float(0)
    let sizes = try sizes(layer, graph[x].type.shape)
    try refuseVariants(layer, sizes)
    let states = layer == .lstm ? 2 : 1
    // By output of the node, the tensors of its directions.
    var results = [[TensorID]](repeating: [], count: 1 + states)
    for index in sizes.directions.indices {
      let isReversed = sizes.directions[index].isReversed
      var operands = [isReversed ? try reversed(x, sizes) : x]
      for state in 0..<states { operands.append(try initialState(5 + state, sizes, index)) }
      let (op, parameters) = try operation(layer, sizes, index)
      operands += parameters
      var outputs = try emitAll(op, operands, .float32)
      if isReversed { outputs[0] = try reversed(outputs[0], sizes) }
      for (position, id) in outputs.enumerated() { results[position].append(id) }
    }
    var values: [ONNXValue] = []
    for (position, directions) in results.enumerated() {
      // The axis of directions stands before the batch, or behind batch and time.
      let axis = (position == 0 ? 1 : 0) + (sizes.isTimeMajor ? 0 : 1)
      var parts: [TensorID] = []
      for id in directions {
        var dims = graph[id].type.shape.dims
        dims.insert(1, at: axis)
        parts.append(try move(Reshape(shape: dims), id))
      }
      values.append(
        .tensor(parts.count == 1 ? parts[0] : try emit(Concatenation(axis: axis), parts, .float32), .float32))
    }
    return values
  }

  /// The operator of one direction, and the weights and biases that it reads.
  private mutating func operation(
    _ layer: Layer, _ sizes: Sizes, _ direction: Int
  ) throws(Diagnostic) -> (op: any SourceOperator, parameters: [TensorID]) {
    let own = try parameters(sizes, direction)
    let (units, clip) = (sizes.units, try float("clip", default: 0))
    switch layer {
    case .lstm:
      // Input, output, forget and cell gate become input, forget, cell and output gate.
      let order = [0, 2, 3, 1]
      var parameters: [TensorID] = []
      for matrix in [own.weights, own.recurrent] {
        for gate in order { parameters.append(try add(matrix[gate], [units], "weights")) }
      }
      for gate in order { parameters.append(try add(own.sums(gate), [], "bias")) }
      return (Lstm(isTimeMajor: sizes.isTimeMajor, cellClip: 0, clip: clip), parameters)
    case .gru:
      let resetAfter = try int("linear_before_reset", default: 0) != 0
      let zeros = [Float](repeating: 0, count: units)
      let bias = own.sums(0) + own.sums(1) + (resetAfter ? own.bias[2] : own.sums(2))
      let recurrentBias = zeros + zeros + (resetAfter ? own.recurrentBias[2] : zeros)
      return (
        Gru(isTimeMajor: sizes.isTimeMajor, resetAfter: resetAfter, clip: clip),
        [
          try add(own.weights.flatMap(\.self), [3, units], "weights"),
          try add(own.recurrent.flatMap(\.self), [3, units], "weights"), try add(bias, [3], "bias"),
          try add(recurrentBias, [3], "bias"),
        ]
      )
    case .rnn:
      return (
        Rnn(isTimeMajor: sizes.isTimeMajor, function: sizes.directions[direction].function, clip: clip),
        [
          try add(own.weights[0], [units], "weights"), try add(own.recurrent[0], [units], "weights"),
          try add(own.sums(0), [], "bias"),
        ]
      )
    }
  }

  private func refuseVariants(_ layer: Layer, _ sizes: Sizes) throws(Diagnostic) {
    if has(4) {
      guard let lengths = try known(4)?.ints("the lengths of sequences") else {
        throw failure("sequence", "lengths of sequences that are computed are not supported")
      }
      guard lengths.allSatisfy({ $0 == sizes.time }) else {
        throw failure("sequence", "sequences that are shorter than the data are not supported")
      }
    }
    guard layer == .lstm else { return }
    guard try int("input_forget", default: 0) == 0 else {
      throw failure("attribute", "`input_forget` is not supported")
    }
    if has(7) {
      let peepholes = try known(7)?.floats("the peepholes")
      guard let peepholes, peepholes.allSatisfy({ $0 == 0 }) else {
        throw failure("peephole", "peepholes are not supported")
      }
    }
  }

  /// The weights and biases of one direction, by gates.
  private struct Parameters {
    var weights: [[Float]] = []
    var recurrent: [[Float]] = []
    var bias: [[Float]] = []
    var recurrentBias: [[Float]] = []

    func sums(_ gate: Int) -> [Float] { zip(bias[gate], recurrentBias[gate]).map { $0 + $1 } }
  }

  private func parameters(_ sizes: Sizes, _ direction: Int) throws(Diagnostic) -> Parameters {
    func gates(_ values: [Float], _ size: Int, from start: Int) -> [[Float]] {
      (0..<sizes.gates).map { Array(values[start + $0 * size..<start + ($0 + 1) * size]) }
    }
    var parameters = Parameters()
    let (inputSize, unitSize) = (sizes.units * sizes.inputs, sizes.units * sizes.units)
    let weights = try constant(1, "the weights").floats("the weights")
    parameters.weights = gates(weights, inputSize, from: direction * sizes.gates * inputSize)
    let recurrent = try constant(2, "the recurrent weights").floats("the recurrent weights")
    parameters.recurrent = gates(recurrent, unitSize, from: direction * sizes.gates * unitSize)
    let rows = sizes.gates * sizes.units
    var biases = [Float](repeating: 0, count: 2 * rows * sizes.directions.count)
    if has(3) {
      let own = try constant(3, "the bias")
      guard own.shape.dims == [sizes.directions.count, 2 * rows] else {
        throw failure("shape", "the bias has the shape \(own.shape)")
      }
      biases = try own.floats("the bias")
    }
    parameters.bias = gates(biases, sizes.units, from: 2 * direction * rows)
    parameters.recurrentBias = gates(biases, sizes.units, from: (2 * direction + 1) * rows)
    return parameters
  }

  /// A constant of floats, whose first dimensions are `leading` ones; the last one follows.
  private mutating func add(_ values: [Float], _ leading: [Int], _ suffix: String) throws(Diagnostic) -> TensorID {
    let last = values.count / max(1, leading.reduce(1, *))
    return add(Tensor(TensorType(.float32, try Shape(leading + [last])), floats: values), suffix)
  }

  /// The state [batch, units] in which a direction begins; 0 when the node does not say.
  private mutating func initialState(_ input: Int, _ sizes: Sizes, _ direction: Int) throws(Diagnostic) -> TensorID {
    guard has(input) else {
      let type = TensorType(.float32, try Shape([sizes.batch, sizes.units]))
      return add(Tensor(type, floats: [Float](repeating: 0, count: type.shape.elementCount)), "initial")
    }
    let states = try float(input)
    let (dims, axis) = (graph[states].type.shape.dims, sizes.isTimeMajor ? 0 : 1)
    var wanted = [sizes.batch, sizes.units]
    wanted.insert(sizes.directions.count, at: axis)
    guard dims == wanted else {
      throw failure("shape", "the initial state has the shape \(graph[states].type.shape)")
    }
    var (begin, part) = ([0, 0, 0], dims)
    (begin[axis], part[axis]) = (direction, 1)
    let own = dims == part ? states : try move(StridedSlice(begin: begin, sizes: part, strides: [1, 1, 1]), states)
    return try move(Reshape(shape: [sizes.batch, sizes.units]), own)
  }

  /// A sequence from its last step to the first one.
  private mutating func reversed(_ id: TensorID, _ sizes: Sizes) throws(Diagnostic) -> TensorID {
    let axis = sizes.isTimeMajor ? 0 : 1
    var (begin, strides) = ([0, 0, 0], [1, 1, 1])
    (begin[axis], strides[axis]) = (max(0, sizes.time - 1), -1)
    return try move(StridedSlice(begin: begin, sizes: graph[id].type.shape.dims, strides: strides), id)
  }
}
