import IR
import Machine
package import Support

/// Step by step: the sums of all gates, the reset gate, then the hidden state unit by unit. Functions `gate_sums`,
/// `logistic_16` and `tanh_16`.
package struct GruKernel: Kernel {
  package let name = "gru"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerGru else { return nil }
    let dims = RecurrentDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    let bytes = layer.inputs[2...].reduce(0) { $0 + $1.type.byteCount }
    return Work(
      [
        WorkItem("mac", layer.multiplyAccumulates), WorkItem("step", dims.batch * dims.time),
        WorkItem("unit", dims.batch * dims.time * dims.units),
      ], flash: bytes + RecurrentCode.factorBytes(gates: 3) + RecurrentCode.sigmoidBytes,
      scratch: (op.resetAfter ? 9 : 8) * dims.units)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerGru else { throw unsuitable(layer) }
    let dims = RecurrentDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    let (scales, units, zero) = (op.scales, dims.units, op.scales.outputZeroPoint)
    let common = try RecurrentCode(layer, dims, scales.gates, parametersFrom: 2, &code)
    let sigmoid = code.sigmoidTable()
    let saturate = code.function("saturate_16")
    let (logistic, tanh) = (code.function("logistic_16"), code.function("tanh_16"))
    let requantize = code.requantizeFunction()
    func gate(_ gate: Int, _ code: inout LayerCode) -> String {
      code.bounded("gates[unit\(gate == 0 ? "" : " + \(gate * units)")]", scales.gateClip)
    }
    let value =
      "\(requantize)(\n        state[unit], \(scales.output.multiplier), \(scales.output.shift), \(zero), -128, 127)"
    let reset = "\(logistic)(\(gate(1, &code)), 3, 0, \(sigmoid))"
    let newSums: String
    if op.resetAfter {
      newSums = """
        \(common.recurrentSums("hidden", to: "gates + \(3 * units)", gates: 2..<3, adds: false))
        for (int32_t unit = 0; unit < \(units); unit++) {
            const int32_t other = (\(reset) * gates[unit + \(3 * units)] + 16384) >> 15;
            gates[unit + \(2 * units)] = (int16_t)\(saturate)(gates[unit + \(2 * units)] + other);
        }
        """
    } else {
      let difference = zero == 0 ? "hidden[unit]" : "(hidden[unit] - \(zero < 0 ? "(\(zero))" : "\(zero)"))"
      newSums = """
        for (int32_t unit = 0; unit < \(units); unit++) {
            const int32_t product = \(reset) * \(difference);
            kept[unit] = (int8_t)(((product + 16384) >> 15)\(zero == 0 ? "" : " + \(zero < 0 ? "(\(zero))" : "\(zero)")"));
        }
        \(common.recurrentSums("kept", to: "gates + \(2 * units)", gates: 2..<3, adds: true))
        """
    }
    let rounding = scales.stateShift == 0 ? 0 : Int32(1) << Int32(scales.stateShift - 1)
    code.line(
      """
      int16_t *const gates = (int16_t *)(void *)\(code.scratch);
      int8_t *const hidden = \(code.scratch) + \((op.resetAfter ? 8 : 6) * units);
      \(op.resetAfter ? "" : "int8_t *const kept = hidden + \(units);")
      \(try common.initialStates(layer, code, op.inPlace))
      """)
    common.loops(
      perBatch: """
        int16_t *const state = \(code.outputs[1]) + batch * \(units);
        for (int32_t unit = 0; unit < \(units); unit++) {
            hidden[unit] = \(value);
        }
        """,
      perStep: """
        \(common.dataSums(code.inputs[0], to: "gates", gates: 3))
        \(common.recurrentSums("hidden", to: "gates", gates: 0..<2, adds: true))
        \(newSums)
        for (int32_t unit = 0; unit < \(units); unit++) {
            const int32_t update = \(logistic)(\(gate(0, &code)), 3, 0, \(sigmoid));
            const int32_t fresh = (32768 - update) * \(tanh)(\(gate(2, &code)), 3, 0, \(sigmoid));
            const int32_t old = (update * state[unit] + 16384) >> 15;
            state[unit] = (int16_t)\(saturate)(old + ((fresh + \(rounding)) >> \(scales.stateShift)));
            hidden[unit] = \(value);
            \(code.outputs[0])[row * \(units) + unit] = hidden[unit];
        }
        """, &code)
  }
}
