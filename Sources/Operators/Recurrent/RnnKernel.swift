import IR
import Machine
package import Support

/// Step by step: the sums of all units, then the hidden state. Functions `gate_sums` and `tanh_16`.
package struct RnnKernel: Kernel {
  package let name = "rnn"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerRnn else { return nil }
    let dims = RecurrentDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    let bytes = layer.inputs[2...].reduce(0) { $0 + $1.type.byteCount }
    let units = dims.batch * dims.time * dims.units
    let isTanh = op.function == .tanh
    return Work(
      [
        WorkItem("mac", layer.multiplyAccumulates), WorkItem("step", dims.batch * dims.time),
        WorkItem("tanh", isTanh ? units : 0), WorkItem("relu", isTanh ? 0 : units),
      ], flash: bytes + RecurrentCode.factorBytes(gates: 1) + (isTanh ? RecurrentCode.sigmoidBytes : 0),
      scratch: 2 * dims.units)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerRnn else { throw unsuitable(layer) }
    let dims = RecurrentDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    let (scales, units) = (op.scales, dims.units)
    let common = try RecurrentCode(layer, dims, scales.gates, parametersFrom: 2, &code)
    let sum = code.bounded("gates[unit]", scales.gateClip)
    let step: String
    if let factor = scales.hidden {
      step = """
            hidden[unit] = \(code.requantizeFunction())(
                \(code.function("tanh_16"))(\(sum), 3, 0, \(code.sigmoidTable())),
                \(factor.multiplier), \(factor.shift), \(scales.hiddenZeroPoint), -128, 127);
        """
    } else {
      let zero = scales.hiddenZeroPoint
      step = """
            const int32_t value = \(zero) + (((int32_t)\(sum) + \(1 << (RnnScales.fractionBits - 1))) >> \(RnnScales.fractionBits));
            hidden[unit] = (int8_t)(value < \(zero) ? \(zero) : value > 127 ? 127 : value);
        """
    }
    code.line(
      """
      int16_t *const gates = (int16_t *)(void *)\(code.scratch);
      \(try common.initialStates(layer, code, op.inPlace))
      """)
    common.loops(
      perBatch: "int8_t *const hidden = \(code.outputs[1]) + batch * \(units);",
      perStep: """
        \(common.dataSums(code.inputs[0], to: "gates", gates: 1))
        \(common.recurrentSums("hidden", to: "gates", gates: 0..<1, adds: true))
        for (int32_t unit = 0; unit < \(units); unit++) {
        \(step)
            \(code.outputs[0])[row * \(units) + unit] = hidden[unit];
        }
        """, &code)
  }
}
