package import IR
package import Support

/// Long short-term memory over a sequence, without peepholes, projection and layer normalization.
///
/// Inputs: data [batch, time, inputs] (or time first), hidden state [batch, units], cell state [batch, units]; the weights
/// [units, inputs] of the input, forget, cell and output gate, their recurrent weights [units, units], and their biases [units].
/// Outputs: the hidden states of all steps, and both states for the next inference. All float32, or int8 with an int16 cell
/// state whose scale is a power of 2. Source: `tensorflow/lite/micro/kernels/lstm_eval.h`.
package struct Lstm: QuantizedOperator, StatefulOperator {
  package static let mnemonic = "lstm"
  package static let statePairs: [(input: Int, output: Int)] = [(1, 1), (2, 2)]
  package let isTimeMajor: Bool
  /// The largest magnitude of a cell state; 0 for none.
  package let cellClip: Float

  package init(isTimeMajor: Bool, cellClip: Float) {
    self.isTimeMajor = isTimeMajor
    self.cellClip = cellClip
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    isTimeMajor = try attributes.bool("time_major")
    cellClip = try attributes.float("cell_clip")
  }

  package var attributes: Attributes {
    Attributes([("time_major", .bool(isTimeMajor)), ("cell_clip", .float(cellClip))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 15...15)
    let shapes = inputs.map(\.type.shape)
    guard shapes[0].rank == 3, shapes[1].rank == 2, shapes.allSatisfy({ $0.elementCount > 0 }) else {
      throw failure("shape", "data \(shapes[0]) must have 3 dimensions and states \(shapes[1]) 2, none empty")
    }
    let dims = LstmDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let states = try Shape([dims.batch, dims.units])
    guard shapes[1] == states, shapes[2] == states,
      shapes[3...6].allSatisfy({ $0.dims == [dims.units, dims.inputs] }),
      shapes[7...10].allSatisfy({ $0.dims == [dims.units, dims.units] }),
      shapes[11...14].allSatisfy({ $0.dims == [dims.units] })
    else { throw failure("shape", "states, weights or biases do not fit data \(shapes[0]) and \(dims.units) units") }
    return [try Shape(Array(shapes[0].dims[0...1]) + [dims.units]), states, states]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    guard inputs[1].type == outputs[1], inputs[2].type == outputs[2] else {
      throw failure("state", "a state has another type after than before")
    }
    guard cellClip.isFinite else { throw failure("clip", "the bound of the cell state is \(cellClip)") }
    for input in inputs[3...] where input.constant == nil {
      throw failure("constant", "weights and biases must be constant")
    }
    if inputs[0].type.element == .float32 {
      for type in inputs.map(\.type) + outputs { try require(type, "operand", is: [.float32]) }
      return
    }
    try require(inputs[0].type, "input", is: [.int8])
    try require(inputs[1].type, "hidden state", is: [.int8])
    try require(inputs[2].type, "cell state", is: [.int16])
    try require(outputs[0], "output", is: [.int8])
    for input in inputs[3...10] { try require(input.type, "matrix of weights", is: [.int8]) }
    for input in inputs[11...14] { try require(input.type, "bias", is: [.int32]) }
    _ = try LstmScales(inputs.map(\.type), cellClip: cellClip)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard inputs[0].type.element == .float32 else {
      let folded = try folded(inputs.map { Operand($0.type, constant: $0) }, outputs)
      return try folded.op.evaluate(folded.values(inputs), as: outputs)
    }
    return try evaluateFloat(inputs, as: outputs)
  }

  private func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let dims = LstmDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    var values: [[Float]] = []
    for input in inputs { values.append(try input.floats("input")) }
    var (hidden, cell) = (values[1], values[2])
    var result = [Float](repeating: 0, count: outputs[0].shape.elementCount)
    for (batch, step) in dims.steps {
      let start = dims.position(batch, step) * dims.inputs
      let own = batch * dims.units..<(batch + 1) * dims.units
      let before = Array(hidden[own])
      for unit in 0..<dims.units {
        let sums = (0..<4).map { gate -> Float in
          var sum = values[11 + gate][unit]
          for i in 0..<dims.inputs { sum += values[3 + gate][unit * dims.inputs + i] * values[0][start + i] }
          var recurrent: Float = 0
          for i in 0..<dims.units { recurrent += values[7 + gate][unit * dims.units + i] * before[i] }
          return sum + recurrent
        }
        func logistic(_ x: Float) -> Float { 1 / (1 + RealFunctions.exp(-x)) }
        var next = logistic(sums[1]) * cell[own.lowerBound + unit] + logistic(sums[0]) * RealFunctions.tanh(sums[2])
        if cellClip > 0 { next = min(max(next, -cellClip), cellClip) }
        cell[own.lowerBound + unit] = next
        hidden[own.lowerBound + unit] = RealFunctions.tanh(next) * logistic(sums[3])
      }
      let target = dims.position(batch, step) * dims.units
      result.replaceSubrange(target..<target + dims.units, with: hidden[own])
    }
    return [
      Tensor(outputs[0], floats: result), Tensor(outputs[1], floats: hidden), Tensor(outputs[2], floats: cell),
    ]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    LstmDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor).multiplyAccumulates
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let types = inputs.map(\.type)
    let dims = LstmDimensions(types, isTimeMajor: isTimeMajor)
    var tables: [[Int32]] = []
    for input in inputs[3...] { tables.append(try input.constantInts("weights and biases")) }
    let (zero, hiddenZero) = (try types[0].affine("the input").zeroPoint, try types[1].affine("the state").zeroPoint)
    func row(_ weights: [Int32], _ unit: Int, _ depth: Int) -> Int32 {
      weights[unit * depth..<(unit + 1) * depth].reduce(0, &+)
    }
    var biases: [Int32] = []
    var recurrentBiases: [Int32] = []
    for gate in 0..<4 {
      for unit in 0..<dims.units {
        biases.append(tables[8 + gate][unit] &- zero &* row(tables[gate], unit, dims.inputs))
        recurrentBiases.append(0 &- hiddenZero &* row(tables[4 + gate], unit, dims.units))
      }
    }
    let op = IntegerLstm(isTimeMajor: isTimeMajor, scales: try LstmScales(types, cellClip: cellClip))
    let units = dims.units
    return FoldedOperator(
      op,
      [
        .input(0), .input(1), .input(2),
        .constant(
          Tensor(try plainType(.int8, [4, units, dims.inputs]), ints: tables[0..<4].flatMap(\.self)), "weights"),
        .constant(Tensor(try plainType(.int8, [4, units, units]), ints: tables[4..<8].flatMap(\.self)), "recurrent"),
        .constant(Tensor(try plainType(.int32, [4, units]), ints: biases), "bias"),
        .constant(Tensor(try plainType(.int32, [4, units]), ints: recurrentBiases), "recurrent_bias"),
      ])
  }
}

/// The sizes of a layer with the operands of ``Lstm``.
struct LstmDimensions {
  let batch: Int
  let time: Int
  let inputs: Int
  let units: Int
  let isTimeMajor: Bool

  init(_ types: [TensorType], isTimeMajor: Bool) {
    let data = types[0].shape
    (batch, time) = isTimeMajor ? (data[1], data[0]) : (data[0], data[1])
    (inputs, units) = (data[2], types[1].shape[1])
    self.isTimeMajor = isTimeMajor
  }

  var multiplyAccumulates: Int { batch * time * 4 * units * (inputs + units) }

  /// Batches and steps; the sequences of a batch do not depend on each other.
  var steps: [(batch: Int, step: Int)] {
    (0..<batch).flatMap { batch in (0..<time).map { (batch, $0) } }
  }

  /// The place of a step among all of them.
  func position(_ batch: Int, _ step: Int) -> Int { isTimeMajor ? step * self.batch + batch : batch * time + step }
}
