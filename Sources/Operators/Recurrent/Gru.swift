package import IR
package import Support

/// Gated recurrent units over a sequence, with the equations of ONNX:
///
///     z = σ(Wz·x + Rz·h + bz),  r = σ(Wr·x + Rr·h + br)
///     n = tanh(Wh·x + bh + Rh·(r ⊙ h) + ch), or tanh(Wh·x + bh + r ⊙ (Rh·h + ch)) when `resetAfter`
///     h' = (1 − z) ⊙ n + z ⊙ h
///
/// Inputs: data [batch, time, inputs] (or time first), hidden state [batch, units]; weights W [3, units, inputs] and recurrent
/// weights R [3, units, units] in the order z, r, h; biases b [3, units] and recurrent biases c [3, units], of which those of z
/// and r are added to the others. Outputs: the hidden states of all steps, and the last one. All float32; or int8 data,
/// weights and output, and an int16 hidden state whose scale is a power of 2 from 2^-30 to 1 with the zero point 0: steps are
/// read and written in 8 bits, while what is carried from step to step has 16. Biases are int32. ``IntegerGru`` says how
/// integers are rounded.
package struct Gru: RecurrentOperator {
  package static let mnemonic = "gru"
  package static let gates = 3
  package static let statePairs: [(input: Int, output: Int)] = [(1, 1)]
  package let isTimeMajor: Bool
  /// Whether the reset gate multiplies the recurrent sums (`linear_before_reset` of ONNX, `reset_after` of Keras) and not the
  /// hidden state.
  package let resetAfter: Bool
  package let clip: Float

  package init(isTimeMajor: Bool, resetAfter: Bool, clip: Float = 0) {
    self.isTimeMajor = isTimeMajor
    self.resetAfter = resetAfter
    self.clip = clip
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    isTimeMajor = try attributes.bool("time_major")
    resetAfter = try attributes.bool("reset_after")
    clip = try attributes.activationBound()
  }

  package var attributes: Attributes { Attributes(commonAttributes + [("reset_after", .bool(resetAfter))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 6...6)
    return try outputShapes(inputs, states: 1) { dims in
      [[3, dims.units, dims.inputs], [3, dims.units, dims.units], [3, dims.units], [3, dims.units]]
    }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try checkFloatTypes(inputs, outputs, states: 1) { return }
    try require(inputs[0].type, "input", is: [.int8])
    try require(outputs[0], "output", is: [.int8])
    try require(inputs[1].type, "hidden state", is: [.int16])
    for input in inputs[2...3] { try require(input.type, "matrix of weights", is: [.int8]) }
    for input in inputs[4...5] { try require(input.type, "bias", is: [.int32]) }
    _ = try GruScales(inputs.map(\.type), outputs, self)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard inputs[0].type.element == .float32 else { return try evaluateFolded(inputs, as: outputs) }
    let dims = RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let x = try inputs[0].floats("input")
    let own = RealMatrix(try inputs[2].floats("weights"), try inputs[4].floats("bias"), depth: dims.inputs)
    let recurrent = RealMatrix(try inputs[3].floats("weights"), try inputs[5].floats("bias"), depth: dims.units)
    let units = dims.units
    let hidden = dims.run(from: try inputs[1].floats("state")) { data, _, before in
      func gate(_ row: Int) -> Float {
        RealMatrix.logistic(clipped(own.sum(row, of: x, from: data) + recurrent.sum(row, of: before)))
      }
      let reset = (0..<units).map { gate(units + $0) }
      let kept = resetAfter ? before : zip(reset, before).map { $0 * $1 }
      return (0..<units).map { unit in
        let row = 2 * units + unit
        let other = recurrent.sum(row, of: kept)
        let sum = own.sum(row, of: x, from: data) + (resetAfter ? reset[unit] * other : other)
        let update = gate(unit)
        return (1 - update) * RealFunctions.tanh(clipped(sum)) + update * before[unit]
      }
    }
    return [Tensor(outputs[0], floats: hidden.all), Tensor(outputs[1], floats: hidden.last)]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let types = inputs.map(\.type)
    let dims = dimensions(inputs)
    func folded(_ weights: Int, _ bias: Int, _ depth: Int, _ data: TensorType) throws(Diagnostic) -> Tensor {
      let rows = foldedRows(
        try inputs[bias].constantInts("the bias"), weights: try inputs[weights].constantInts("the weights"),
        depth: depth, zeroPoint: try data.affine("the data").zeroPoint)
      return Tensor(try plainType(.int32, [3, dims.units]), ints: rows)
    }
    return FoldedOperator(
      IntegerGru(
        isTimeMajor: isTimeMajor, resetAfter: resetAfter, scales: try GruScales(types, outputs, self)),
      [
        .input(0), .input(1), .input(2), .input(3),
        .constant(try folded(2, 4, dims.inputs, types[0]), "bias"),
        .constant(try folded(3, 5, dims.units, outputs[0]), "recurrent_bias"),
      ])
  }
}

extension Gru: InternalRanges {
  /// The output has the range of the hidden states; what is carried has 16 bits, and a power of 2 as scale. Each gate has one
  /// scale.
  package var quantizationRule: QuantizationRule {
    .operands(
      OperandRules(
        sums: [
          .init(data: .input(0), weights: 2, bias: 4, axis: 0, target: .scale(0x1p-12)),
          .init(data: .output(0), weights: 3, bias: 5, axis: 0, target: .scale(0x1p-12)),
        ],
        states: [.init(input: 1, output: 1, form: .powerOfTwo)]))
  }

  package func internalValues(_ inputs: [Tensor]) throws(Diagnostic) -> [[Float]] {
    let initial = try inputs[1].floats("the hidden state")
    let shape = try outputShapes(inputs.map { Operand($0.type) })
    let outputs = try evaluate(inputs, as: shape.map { TensorType(.float32, $0) })
    return [initial, initial + (try outputs[0].floats("the output"))]
  }
}

/// The factors between the parts of a quantized ``Gru``.
struct GruScales: Equatable, Sendable {
  /// Of the sums for the update gate, the reset gate and the new state.
  let gates: GateScales
  /// From the hidden state of 16 bits to the output.
  let output: Requantization
  let outputZeroPoint: Int32
  /// Products of 30 fraction bits are shifted right by so many to become hidden states.
  let stateShift: Int
  /// The largest magnitude of what is activated; nil for none.
  let gateClip: Int32?

  init(_ types: [TensorType], _ outputs: [TensorType], _ op: Gru) throws(Diagnostic) {
    let (data, state) = (try types[0].affine("the input"), try types[1].affine("the hidden state"))
    let output = try outputs[0].affine("the output")
    guard state.zeroPoint == 0, state.scale.significand == 1, (-30...0).contains(state.scale.exponent) else {
      throw Diagnostic(
        "operator.scale", "the hidden state must have the zero point 0 and a power of 2 from 2^-30 to 1 as scale")
    }
    gates = try GateScales(
      data: data.scale, hidden: output.scale, own: try types[2].gateScales(3), recurrent: try types[3].gateScales(3),
      gate: 0x1p-12)
    self.output = try Requantization(scale: Double(state.scale) / Double(output.scale))
    outputZeroPoint = output.zeroPoint
    stateShift = 30 + Int(state.scale.exponent)
    gateClip = op.clipSteps(0x1p-12)
  }
}
