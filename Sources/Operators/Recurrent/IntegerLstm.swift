package import IR
package import Support

/// ``Lstm`` in integer normal form.
///
/// Inputs: data, hidden state, cell state; weights [4, units, inputs] and recurrent weights [4, units, units] of the input,
/// forget, cell and output gate; int32 biases [4, units] of both, into which zero points are folded.
package struct IntegerLstm: InPlaceOperator {
  package static let mnemonic = "integer.lstm"
  package static let kernels: [any Kernel] = [LstmKernel()]
  package static let dataInputs: Int? = 3

  let isTimeMajor: Bool
  let scales: LstmScales

  package var inPlace: [(input: Int, output: Int)] { [(1, 1), (2, 2)] }

  package var attributes: Attributes {
    let factors = scales.gates + scales.recurrentGates + [scales.forget, scales.input, scales.hidden]
    return Attributes(
      [
        ("time_major", .bool(isTimeMajor)), ("multipliers", .ints(factors.map { Int($0.multiplier) })),
        ("shifts", .ints(factors.map(\.shift))), ("zero_point", .int(Int(scales.hiddenZeroPoint))),
        ("tanh", .ints([Int(scales.tanhMultiplier), scales.tanhShift])),
      ] + (scales.clip.map { [("clip", .int(Int($0)))] } ?? []))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 7...7)
    let states = inputs[1].type.shape
    return [try Shape(Array(inputs[0].type.shape.dims[0...1]) + [states[1]]), states, states]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in [inputs[0].type, inputs[1].type] + outputs[0...1] { try require(type, "operand", is: [.int8]) }
    for type in [inputs[2].type, outputs[2]] { try require(type, "cell state", is: [.int16]) }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let dims = LstmDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor)
    let x = try inputs[0].ints("input")
    var hidden = try inputs[1].ints("state")
    var cell = try inputs[2].ints("state")
    let (weights, recurrent) = (try inputs[3].ints("weights"), try inputs[4].ints("weights"))
    let (bias, recurrentBias) = (try inputs[5].ints("bias"), try inputs[6].ints("bias"))
    var result = [Int32](repeating: 0, count: outputs[0].shape.elementCount)
    let (range, bytes) = (-32768...32767 as ClosedRange<Int32>, -128...127 as ClosedRange<Int32>)
    for (batch, step) in dims.steps {
      let start = dims.position(batch, step) * dims.inputs
      let first = batch * dims.units
      let before = Array(hidden[first..<first + dims.units])
      for unit in 0..<dims.units {
        let gates = (0..<4).map { gate -> Int32 in
          let row = gate * dims.units + unit
          var sum = bias[row]
          for i in 0..<dims.inputs { sum &+= weights[row * dims.inputs + i] &* x[start + i] }
          var other = recurrentBias[row]
          for i in 0..<dims.units { other &+= recurrent[row * dims.units + i] &* before[i] }
          let own = range.clamping(scales.gates[gate].apply(sum))
          return range.clamping(own + range.clamping(scales.recurrentGates[gate].apply(other)))
        }
        let (input, forget) = (SigmoidTable.logistic(gates[0], 3, 0), SigmoidTable.logistic(gates[1], 3, 0))
        let kept = range.clamping(scales.forget.apply(forget &* cell[first + unit]))
        let added = range.clamping(scales.input.apply(input &* SigmoidTable.tanh(gates[2], 3, 0)))
        var next = range.clamping(kept + added)
        if let clip = scales.clip { next = max(min(clip, next), -clip) }
        cell[first + unit] = next
        let active = SigmoidTable.tanh(next, scales.tanhMultiplier, scales.tanhShift)
        hidden[first + unit] = bytes.clamping(
          scales.hidden.apply(active &* SigmoidTable.logistic(gates[3], 3, 0)) &+ scales.hiddenZeroPoint)
      }
      let target = dims.position(batch, step) * dims.units
      result.replaceSubrange(target..<target + dims.units, with: hidden[first..<first + dims.units])
    }
    return [Tensor(outputs[0], ints: result), Tensor(outputs[1], ints: hidden), Tensor(outputs[2], ints: cell)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    LstmDimensions(inputs.map(\.type), isTimeMajor: isTimeMajor).multiplyAccumulates
  }
}
