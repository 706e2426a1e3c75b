package import IR
package import Support

/// A plain recurrent layer over a sequence: h' = f(W·x + R·h + b).
///
/// Inputs: data [batch, time, inputs] (or time first), hidden state [batch, units], weights [units, inputs], recurrent weights
/// [units, units], bias [units]. Outputs: the hidden states of all steps, and the last one. All float32; or int8 with an int32
/// bias, where output and hidden state have one scale and zero point. ``IntegerRnn`` says how integers are rounded.
package struct Rnn: RecurrentOperator {
  package enum Function: String, CaseIterable, Sendable {
    case tanh, relu
  }

  package static let mnemonic = "rnn"
  package static let gates = 1
  package static let statePairs: [(input: Int, output: Int)] = [(1, 1)]
  package let isTimeMajor: Bool
  package let function: Function
  package let clip: Float

  package init(isTimeMajor: Bool, function: Function, clip: Float = 0) {
    self.isTimeMajor = isTimeMajor
    self.function = function
    self.clip = clip
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    isTimeMajor = try attributes.bool("time_major")
    let name = try attributes.string("function")
    guard let function = Function(rawValue: name) else {
      throw Diagnostic("attribute.function", "`function` is \(name), but only tanh and relu are supported")
    }
    self.function = function
    clip = try attributes.activationBound()
  }

  package var attributes: Attributes {
    Attributes(commonAttributes + [("function", .string(function.rawValue))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 5...5)
    return try outputShapes(inputs, states: 1) { dims in
      [[dims.units, dims.inputs], [dims.units, dims.units], [dims.units]]
    }
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try checkFloatTypes(inputs, outputs, states: 1) { return }
    for type in [inputs[0].type, inputs[1].type, inputs[2].type, inputs[3].type, outputs[0]] {
      try require(type, "operand", is: [.int8])
    }
    try require(inputs[4].type, "bias", is: [.int32])
    guard outputs[0].quantization == inputs[1].type.quantization else {
      throw failure("scale", "output and hidden state must have one scale and zero point")
    }
    _ = try RnnScales(inputs.map(\.type), self)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard inputs[0].type.element == .float32 else { return try evaluateFolded(inputs, as: outputs) }
    let dims = RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let x = try inputs[0].floats("input")
    let own = RealMatrix(try inputs[2].floats("weights"), try inputs[4].floats("bias"), depth: dims.inputs)
    let recurrent = RealMatrix(try inputs[3].floats("weights"), [], depth: dims.units)
    let hidden = dims.run(from: try inputs[1].floats("state")) { data, _, before in
      (0..<dims.units).map { unit in
        let sum = clipped(own.sum(unit, of: x, from: data) + recurrent.sum(unit, of: before))
        return function == .tanh ? RealFunctions.tanh(sum) : max(0, sum)
      }
    }
    return [Tensor(outputs[0], floats: hidden.all), Tensor(outputs[1], floats: hidden.last)]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let types = inputs.map(\.type)
    let dims = dimensions(inputs)
    let (weights, recurrent) = (try inputs[2].constantInts("the weights"), try inputs[3].constantInts("the weights"))
    let bias = foldedRows(
      try inputs[4].constantInts("the bias"), weights: weights, depth: dims.inputs,
      zeroPoint: try types[0].affine("the input").zeroPoint)
    let recurrentBias = foldedRows(
      [Int32](repeating: 0, count: dims.units), weights: recurrent, depth: dims.units,
      zeroPoint: try types[1].affine("the hidden state").zeroPoint)
    func matrix(_ values: [Int32], _ depth: Int) throws(Diagnostic) -> Tensor {
      Tensor(try plainType(.int8, [1, dims.units, depth]), ints: values)
    }
    let biasType = try plainType(.int32, [1, dims.units])
    return FoldedOperator(
      IntegerRnn(isTimeMajor: isTimeMajor, function: function, scales: try RnnScales(types, self)),
      [
        .input(0), .input(1), .constant(try matrix(weights, dims.inputs), "weights"),
        .constant(try matrix(recurrent, dims.units), "recurrent"),
        .constant(Tensor(biasType, ints: bias), "bias"),
        .constant(Tensor(biasType, ints: recurrentBias), "recurrent_bias"),
      ])
  }
}

extension Rnn: InternalRanges {
  /// Hidden states have the range of the output. Each matrix has one scale.
  package var quantizationRule: QuantizationRule {
    let target: OperandRules.Target = function == .tanh ? .scale(0x1p-12) : .output(0)
    return .operands(
      OperandRules(
        sums: [
          .init(data: .input(0), weights: 2, bias: 4, axis: nil, target: target),
          .init(data: .output(0), weights: 3, axis: nil, target: target),
        ],
        states: [.init(input: 1, output: 1, form: .output)]))
  }

  package func internalValues(_ inputs: [Tensor]) throws(Diagnostic) -> [[Float]] {
    [try inputs[1].floats("the hidden state"), []]
  }
}

/// The factors between the parts of a quantized ``Rnn``.
struct RnnScales: Equatable, Sendable {
  /// The sums for a rectifier have so many bits behind the steps of the hidden state.
  static let fractionBits = 7

  let gates: GateScales
  /// From the activated sum of 15 fraction bits to the hidden state; nil for a rectifier.
  let hidden: Requantization?
  let hiddenZeroPoint: Int32
  /// The largest magnitude of what is activated; nil for none.
  let gateClip: Int32?

  init(_ types: [TensorType], _ op: Rnn) throws(Diagnostic) {
    let (data, state) = (try types[0].affine("the input"), try types[1].affine("the hidden state"))
    let gate = op.function == .tanh ? 0x1p-12 : Double(state.scale) / Double(1 << Self.fractionBits)
    gates = try GateScales(
      data: data.scale, hidden: state.scale, own: try types[2].gateScales(1), recurrent: try types[3].gateScales(1),
      gate: gate)
    hidden = op.function == .tanh ? try Requantization(scale: 0x1p-15 / Double(state.scale)) : nil
    hiddenZeroPoint = state.zeroPoint
    gateClip = op.clipSteps(gate)
  }
}
