package import IR
package import Support

/// Long short-term memory over a sequence, without peepholes, projection and layer normalization.
///
/// Inputs: data [batch, time, inputs] (or time first), hidden state [batch, units], cell state [batch, units]; the weights
/// [units, inputs] of the input, forget, cell and output gate, their recurrent weights [units, units], and their biases [units].
/// Outputs: the hidden states of all steps, and both states for the next inference. All float32; or int8 weights, data and
/// hidden states of int8 with int32 biases or of int16 with int64 biases, and an int16 cell state whose scale is a power of 2.
/// Source: `tensorflow/lite/micro/kernels/lstm_eval.h`; `clip`, which bounds the sums of gates, is that of ONNX Runtime.
package struct Lstm: RecurrentOperator {
  package static let mnemonic = "lstm"
  package static let gates = 4
  package static let statePairs: [(input: Int, output: Int)] = [(1, 1), (2, 2)]
  package let isTimeMajor: Bool
  /// The largest magnitude of a cell state; 0 for none.
  package let cellClip: Float
  package let clip: Float

  package init(isTimeMajor: Bool, cellClip: Float, clip: Float = 0) {
    self.isTimeMajor = isTimeMajor
    self.cellClip = cellClip
    self.clip = clip
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    isTimeMajor = try attributes.bool("time_major")
    cellClip = try attributes.float("cell_clip")
    clip = try attributes.activationBound()
  }

  package var attributes: Attributes { Attributes(commonAttributes + [("cell_clip", .float(cellClip))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 15...15)
    return try outputShapes(inputs, states: 2) { dims in
      [[Int]](repeating: [dims.units, dims.inputs], count: 4)
        + [[Int]](repeating: [dims.units, dims.units], count: 4) + [[Int]](repeating: [dims.units], count: 4)
    }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    guard cellClip.isFinite else { throw failure("clip", "the bound of the cell state is \(cellClip)") }
    if try checkFloatTypes(inputs, outputs, states: 2) { return }
    try require(inputs[0].type, "input", is: [.int8, .int16])
    try require(inputs[1].type, sameElementAs: inputs[0].type, "data and hidden state")
    try require(outputs[0], sameElementAs: inputs[0].type, "data and output")
    try require(inputs[2].type, "cell state", is: [.int16])
    for input in inputs[3...10] { try require(input.type, "matrix of weights", is: [.int8]) }
    let isWide = inputs[0].type.element == .int16
    for input in inputs[11...14] { try require(input.type, "bias", is: isWide ? [.int64] : [.int32]) }
    let scales = try LstmScales(inputs.map(\.type), self)
    guard isWide else { return }
    guard try inputs[0].type.affine("the input").zeroPoint == 0, scales.hiddenZeroPoint == 0 else {
      throw failure("zero-point", "int16 data and hidden states must have the zero point 0")
    }
    for gate in 0..<4 {
      let bias = try inputs[11 + gate].constant?.wideInts("the bias") ?? []
      for factor in [scales.gates.own[gate], scales.gates.recurrent[gate]] {
        _ = try WideScales(bias: bias, factors: [factor], clamp: GateMatrix.range)
      }
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard inputs[0].type.element == .float32 else { return try evaluateFolded(inputs, as: outputs) }
    let (hidden, cell) = try run(inputs) { _ in }
    return [
      Tensor(outputs[0], floats: hidden.all), Tensor(outputs[1], floats: hidden.last), Tensor(outputs[2], floats: cell),
    ]
  }

  /// All steps in floats.
  ///
  /// - Parameter observe: gets every cell state.
  /// - Returns: the hidden states of all steps and those after the last one, and the last cell state.
  private func run(
    _ inputs: [Tensor], observe: (Float) -> Void
  ) throws(Diagnostic) -> (hidden: (all: [Float], last: [Float]), cell: [Float]) {
    let dims = RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    var values: [[Float]] = []
    for input in inputs { values.append(try input.floats("input")) }
    let own = (0..<4).map { RealMatrix(values[3 + $0], values[11 + $0], depth: dims.inputs) }
    let recurrent = (0..<4).map { RealMatrix(values[7 + $0], [], depth: dims.units) }
    var cell = values[2]
    let hidden = dims.run(from: values[1]) { data, first, before in
      (0..<dims.units).map { unit in
        let sums = (0..<4).map { gate in
          clipped(own[gate].sum(unit, of: values[0], from: data) + recurrent[gate].sum(unit, of: before))
        }
        let old = cell[first + unit]
        var next = RealMatrix.logistic(sums[1]) * old + RealMatrix.logistic(sums[0]) * RealFunctions.tanh(sums[2])
        if cellClip > 0 { next = min(max(next, -cellClip), cellClip) }
        cell[first + unit] = next
        observe(next)
        return RealFunctions.tanh(next) * RealMatrix.logistic(sums[3])
      }
    }
    return (hidden, cell)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let types = inputs.map(\.type)
    let dims = dimensions(inputs)
    let units = dims.units
    let isWide = types[0].element == .int16
    let (zero, hiddenZero) = (try types[0].affine("the input").zeroPoint, try types[1].affine("the state").zeroPoint)
    func joined(_ range: ClosedRange<Int>) throws(Diagnostic) -> [Int32] {
      var values: [Int32] = []
      for input in inputs[range] { values += try input.constantInts("weights and biases") }
      return values
    }
    let (weights, recurrent) = (try joined(3...6), try joined(7...10))
    let none = [Int32](repeating: 0, count: 4 * units)
    let bias: Tensor
    if isWide {
      var values: [Int64] = []
      for input in inputs[11...14] { values += try input.constant?.wideInts("the bias") ?? [] }
      bias = Tensor(try plainType(.int64, [4, units]), wide: values)
    } else {
      let rows = foldedRows(try joined(11...14), weights: weights, depth: dims.inputs, zeroPoint: zero)
      bias = Tensor(try plainType(.int32, [4, units]), ints: rows)
    }
    let rows = foldedRows(none, weights: recurrent, depth: units, zeroPoint: isWide ? 0 : hiddenZero)
    return FoldedOperator(
      IntegerLstm(isTimeMajor: isTimeMajor, scales: try LstmScales(types, self)),
      [
        .input(0), .input(1), .input(2),
        .constant(Tensor(try plainType(.int8, [4, units, dims.inputs]), ints: weights), "weights"),
        .constant(Tensor(try plainType(.int8, [4, units, units]), ints: recurrent), "recurrent"),
        .constant(bias, "bias"),
        .constant(Tensor(try plainType(bias.type.element, [4, units]), ints: rows), "recurrent_bias"),
      ])
  }
}

extension Lstm: InternalRanges {
  /// Hidden states have the range of the output, and the cell state one that covers all steps: 16 bits, and a power of 2 as
  /// scale. Each matrix has one scale.
  ///
  /// Source: `operator_property.cc` in `tensorflow/lite/tools/optimize`.
  package var quantizationRule: QuantizationRule {
    .operands(
      OperandRules(
        sums: (0..<4).flatMap { gate -> [OperandRules.Sum] in
          [
            .init(data: .input(0), weights: 3 + gate, bias: 11 + gate, axis: nil, target: .scale(0x1p-12)),
            .init(data: .output(0), weights: 7 + gate, axis: nil, target: .scale(0x1p-12)),
          ]
        },
        states: [.init(input: 1, output: 1, form: .output), .init(input: 2, output: 2, form: .powerOfTwo)]))
  }

  package func internalValues(_ inputs: [Tensor]) throws(Diagnostic) -> [[Float]] {
    var cells = try inputs[2].floats("the cell state")
    _ = try run(inputs) { cells.append($0) }
    return [try inputs[1].floats("the hidden state"), [], cells]
  }
}
