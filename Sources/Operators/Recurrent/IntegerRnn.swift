package import IR
package import Support

/// ``Rnn`` in integer normal form. TensorFlow Lite Micro has no such operator; the arithmetic follows that of its LSTM.
///
/// Inputs: int8 data, int8 hidden state; weights [1, units, inputs] and recurrent weights [1, units, units]; int32 biases
/// [1, units] of both, into which zero points are folded.
///
/// For each step, with s16 for saturation in 16 bits, a = s16(factor · (W·x + b)) and c = s16(factor · (R·h + bias)), where sums
/// wrap in 32 bits and factors round as ``Requantization`` does:
///
/// - tanh: a and c have 12 fraction bits; h' = clamp(factor · tanh(s16(a + c)) + zero point) with ``SigmoidTable``.
/// - relu: a and c are steps of the hidden state with 7 fraction bits; h' = clamp(zero point + (s16(a + c) + 2^6) / 2^7) with
///   the quotient rounded down, from the zero point to 127.
///
/// The sum is bounded by the clip before.
package struct IntegerRnn: InPlaceOperator {
  package static let mnemonic = "integer.rnn"
  package static let kernels: [any Kernel] = [RnnKernel()]
  package static let dataInputs: Int? = 2

  let isTimeMajor: Bool
  let function: Rnn.Function
  let scales: RnnScales

  package var inPlace: [(input: Int, output: Int)] { [(1, 1)] }

  package var attributes: Attributes {
    let hidden = scales.hidden.map { [("multiplier", $0.multiplier), ("shift", Int32($0.shift))] } ?? []
    let others = hidden + [("zero_point", scales.hiddenZeroPoint)] + (scales.gateClip.map { [("gate_clip", $0)] } ?? [])
    return Attributes(
      [("time_major", .bool(isTimeMajor)), ("function", .string(function.rawValue))] + scales.gates.attributes
        + others.map { ($0.0, .int(Int($0.1))) })
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 6...6)
    let state = inputs[1].type.shape
    return [try Shape(Array(inputs[0].type.shape.dims[0...1]) + [state[1]]), state]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in [inputs[0].type, inputs[1].type] + outputs { try require(type, "operand", is: [.int8]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let dims = RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let own = try GateMatrix(inputs[2], inputs[4], scales.gates.own)
    let recurrent = try GateMatrix(inputs[3], inputs[5], scales.gates.recurrent)
    let x = try inputs[0].ints("input")
    let stage = OutputStage(zeroPoint: scales.hiddenZeroPoint, clamp: -128...127)
    let hidden = dims.run(from: try inputs[1].ints("state")) { data, _, before in
      (0..<dims.units).map { unit in
        let sum = GateMatrix.range.clamping(own.sum(unit, of: x, from: data) + recurrent.sum(unit, of: before))
          .bounded(by: scales.gateClip)
        if let factor = scales.hidden { return stage.apply(SigmoidTable.tanh(sum, 3, 0), factor) }
        return min(127, stage.zeroPoint + max(0, sum.shiftedRight(RnnScales.fractionBits)))
      }
    }
    return [Tensor(outputs[0], ints: hidden.all), Tensor(outputs[1], ints: hidden.last)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor).multiplyAccumulates(gates: Rnn.gates)
  }
}
