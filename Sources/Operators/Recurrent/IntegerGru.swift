package import IR
package import Support

/// ``Gru`` in integer normal form. TensorFlow Lite Micro has no such operator; the arithmetic follows that of its LSTM.
///
/// Inputs: int8 data, int16 hidden state; weights [3, units, inputs] and recurrent weights [3, units, units] of the update
/// gate, the reset gate and the new state; int32 biases [3, units] of both, into which zero points are folded.
///
/// For each step, with h of 16 bits and its value q in the scale of the output, s16 for saturation in 16 bits, and a >> n for
/// a / 2^n rounded to nearest, ties upward:
///
/// 1. q = clamp(output factor · h + zero point), as ``Requantization`` rounds, in 8 bits.
/// 2. a = s16(factor · (W·x + b)) and c = s16(factor · (R·q + bias)) for each gate: sums wrap in 32 bits; 12 fraction bits.
/// 3. z = σ(s16(a + c)) and r = σ(s16(a + c)) with 15 fraction bits, by ``SigmoidTable``; gates are bounded by the clip before.
/// 4. The sum for the new state: with `resetAfter` s16(a + ((r · c) >> 15)); else s16(a + c), where c is of
///    zero point + ((r · (q − zero point)) >> 15) in place of q.
/// 5. n = tanh of it with 15 fraction bits; h' = s16(((z · h) >> 15) + (((2^15 − z) · n) >> (15 + p))), where 2^(p − 15) is the
///    scale of h. Its value q' is the output.
package struct IntegerGru: InPlaceOperator {
  package static let mnemonic = "integer.gru"
  package static let kernels: [any Kernel] = [GruKernel()]
  package static let dataInputs: Int? = 2

  let isTimeMajor: Bool
  let resetAfter: Bool
  let scales: GruScales

  package var inPlace: [(input: Int, output: Int)] { [(1, 1)] }

  package var attributes: Attributes {
    Attributes(
      [("time_major", .bool(isTimeMajor)), ("reset_after", .bool(resetAfter))] + scales.gates.attributes + [
        ("multiplier", .int(Int(scales.output.multiplier))), ("shift", .int(scales.output.shift)),
        ("zero_point", .int(Int(scales.outputZeroPoint))), ("state_shift", .int(scales.stateShift)),
      ] + (scales.gateClip.map { [("gate_clip", .int(Int($0)))] } ?? []))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 6...6)
    let state = inputs[1].type.shape
    return [try Shape(Array(inputs[0].type.shape.dims[0...1]) + [state[1]]), state]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in [inputs[0].type, outputs[0]] { try require(type, "operand", is: [.int8]) }
    for type in [inputs[1].type, outputs[1]] { try require(type, "hidden state", is: [.int16]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let dims = RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let own = try GateMatrix(inputs[2], inputs[4], scales.gates.own)
    let recurrent = try GateMatrix(inputs[3], inputs[5], scales.gates.recurrent)
    let (range, units, zero) = (GateMatrix.range, dims.units, scales.outputZeroPoint)
    let stage = OutputStage(zeroPoint: zero, clamp: -128...127)
    let x = try inputs[0].ints("input")
    let state = dims.run(from: try inputs[1].ints("state")) { data, _, before in
      let hidden = before.map { stage.apply($0, scales.output) }
      func gate(_ row: Int) -> Int32 {
        let sum = range.clamping(own.sum(row, of: x, from: data) + recurrent.sum(row, of: hidden))
        return SigmoidTable.logistic(sum.bounded(by: scales.gateClip), 3, 0)
      }
      let update = (0..<units).map { gate($0) }
      let reset = (0..<units).map { gate(units + $0) }
      let kept = zip(reset, hidden).map { zero + ($0 * ($1 - zero)).shiftedRight(15) }
      return (0..<units).map { unit in
        let row = 2 * units + unit
        let other =
          resetAfter
          ? (reset[unit] * recurrent.sum(row, of: hidden)).shiftedRight(15) : recurrent.sum(row, of: kept)
        let sum = range.clamping(own.sum(row, of: x, from: data) + other).bounded(by: scales.gateClip)
        let new = (32768 - update[unit]) * SigmoidTable.tanh(sum, 3, 0)
        let old = (update[unit] * before[unit]).shiftedRight(15)
        return range.clamping(old + new.shiftedRight(scales.stateShift))
      }
    }
    return [
      Tensor(outputs[0], ints: state.all.map { stage.apply($0, scales.output) }),
      Tensor(outputs[1], ints: state.last),
    ]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    RecurrentDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor).multiplyAccumulates(gates: Gru.gates)
  }
}

extension Int32 {
  /// The number / 2^`count`, rounded to nearest, ties upward; of at most 2^30.
  func shiftedRight(_ count: Int) -> Int32 { count == 0 ? self : (self + 1 << Int32(count - 1)) >> Int32(count) }
}
