package import IR
package import Support

/// ``Lstm`` in integer normal form.
///
/// Inputs: data, hidden state, cell state; weights [4, units, inputs] and recurrent weights [4, units, units] of the input,
/// forget, cell and output gate; biases [4, units] of both, into which zero points are folded: int32, or int64 with data and
/// hidden states of int16.
package struct IntegerLstm: InPlaceOperator {
  package static let mnemonic = "integer.lstm"
  package static let kernels: [any Kernel] = [LstmKernel(isWide: false), LstmKernel(isWide: true)]
  package static let dataInputs: Int? = 3

  let isTimeMajor: Bool
  let scales: LstmScales

  package var inPlace: [(input: Int, output: Int)] { [(1, 1), (2, 2)] }

  package var attributes: Attributes {
    let factors = [scales.forget, scales.input, scales.hidden]
    let bounds = [("cell_clip", scales.cellClip), ("gate_clip", scales.gateClip)]
    return Attributes(
      [("time_major", .bool(isTimeMajor))] + scales.gates.attributes + [
        ("multipliers", .ints(factors.map { Int($0.multiplier) })), ("shifts", .ints(factors.map(\.shift))),
        ("zero_point", .int(Int(scales.hiddenZeroPoint))),
        ("tanh", .ints([Int(scales.tanhMultiplier), scales.tanhShift])),
      ] + bounds.compactMap { name, bound in bound.map { (name, .int(Int($0))) } })
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 7...7)
    let states = inputs[1].type.shape
    return [try Shape(Array(inputs[0].type.shape.dims[0...1]) + [states[1]]), states, states]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .int16])
    for type in [inputs[1].type] + outputs[0...1] { try require(type, sameElementAs: inputs[0].type, "operands") }
    for type in [inputs[2].type, outputs[2]] { try require(type, "cell state", is: [.int16]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let dims = RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let isWide = inputs[0].type.element == .int16
    let own = try GateMatrix(inputs[3], inputs[5], scales.gates.own, isWide: isWide)
    let recurrent = try GateMatrix(inputs[4], inputs[6], scales.gates.recurrent, isWide: isWide)
    let x = try inputs[0].ints("input")
    var cell = try inputs[2].ints("state")
    guard let values = outputs[0].element.range else { throw failure("type", "the output is no integer") }
    let range = GateMatrix.range
    let hidden = dims.run(from: try inputs[1].ints("state")) { data, first, before in
      (0..<dims.units).map { unit in
        let gates = (0..<4).map { gate -> Int32 in
          let row = gate * dims.units + unit
          return range.clamping(own.sum(row, of: x, from: data) + recurrent.sum(row, of: before))
            .bounded(by: scales.gateClip)
        }
        let (input, forget) = (SigmoidTable.logistic(gates[0], 3, 0), SigmoidTable.logistic(gates[1], 3, 0))
        let kept = range.clamping(scales.forget.apply(forget &* cell[first + unit]))
        let added = range.clamping(scales.input.apply(input &* SigmoidTable.tanh(gates[2], 3, 0)))
        let next = range.clamping(kept + added).bounded(by: scales.cellClip)
        cell[first + unit] = next
        let active = SigmoidTable.tanh(next, scales.tanhMultiplier, scales.tanhShift)
        return values.clamping(
          scales.hidden.apply(active &* SigmoidTable.logistic(gates[3], 3, 0)) &+ scales.hiddenZeroPoint)
      }
    }
    return [
      Tensor(outputs[0], ints: hidden.all), Tensor(outputs[1], ints: hidden.last), Tensor(outputs[2], ints: cell),
    ]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor).multiplyAccumulates(gates: Lstm.gates)
  }
}

extension Int32 {
  /// The number, or the nearest one of at most the magnitude `bound`.
  func bounded(by bound: Int32?) -> Int32 { bound.map { Swift.max(Swift.min(self, $0), -$0) } ?? self }
}
