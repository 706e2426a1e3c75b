import IR
import Machine
package import Support

/// Step by step: all gates, then cell and hidden state unit by unit. Functions `gate_sums` (for data of 16 bits
/// `matrix_product_16`), `logistic_16` and `tanh_16`.
package struct LstmKernel: Kernel {
  /// Whether it is for data and hidden states of 16 bits.
  let isWide: Bool

  package var name: String { isWide ? "lstm_16" : "lstm" }

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerLstm, isWide == (layer.inputs[0].type.element == .int16) else { return nil }
    let dims = RecurrentDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    // The factors of wide layers stand beside each bias.
    let tables = isWide ? 2 * 4 * 4 * dims.units : RecurrentCode.factorBytes(gates: 4)
    let bytes = layer.inputs[3...].reduce(0) { $0 + $1.type.shape.elementCount * min(4, $1.type.element.size) }
    return Work(
      [
        WorkItem("mac", layer.multiplyAccumulates), WorkItem("step", dims.batch * dims.time),
        WorkItem("unit", dims.batch * dims.time * dims.units),
      ], flash: bytes + tables + RecurrentCode.sigmoidBytes, scratch: (isWide ? 16 : 8) * dims.units)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerLstm else { throw unsuitable(layer) }
    let dims = RecurrentDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    let (scales, units) = (op.scales, dims.units)
    let common = try RecurrentCode(layer, dims, scales.gates, parametersFrom: 3, &code)
    let sigmoid = code.sigmoidTable()
    let (scale, saturate) = (code.function("scale"), code.function("saturate_16"))
    let (logistic, tanh) = (code.function("logistic_16"), code.function("tanh_16"))
    func scaled(_ value: String, _ factor: Requantization) -> String {
      "\(scale)(\(value), \(factor.multiplier), \(factor.shift))"
    }
    var gates: [String] = []
    for gate in 0..<4 {
      let own = "gates[unit\(gate == 0 ? "" : " + \(gate * units)")]"
      let sum = isWide ? "\(saturate)((int32_t)\(own) + gates[unit + \((gate + 4) * units)])" : own
      gates.append(code.bounded(sum, scales.gateClip))
    }
    let element = isWide ? ElementType.int16 : .int8
    let active =
      "\(tanh)(next, \(scales.tanhMultiplier), \(scales.tanhShift), \(sigmoid))"
    let hidden =
      isWide
      ? "(int16_t)\(saturate)(\(scaled("\(active) * output_gate", scales.hidden)))"
      : "\(code.requantizeFunction())(\n        \(active) * output_gate,\n"
        + "        \(scales.hidden.multiplier), \(scales.hidden.shift), \(scales.hiddenZeroPoint), -128, 127)"
    let next = code.bounded("\(saturate)(next)", scales.cellClip)
    code.line(
      """
      int16_t *const gates = (int16_t *)(void *)\(code.scratch);
      \(try common.initialStates(layer, code, op.inPlace))
      """)
    common.loops(
      perBatch: """
        \(element.cName) *const hidden = \(code.outputs[1]) + batch * \(units);
        int16_t *const cell = \(code.outputs[2]) + batch * \(units);
        """,
      perStep: """
        \(common.dataSums(code.inputs[0], to: "gates", gates: 4))
        \(common.recurrentSums("hidden", to: isWide ? "gates + \(4 * units)" : "gates", gates: 0..<4, adds: true))
        for (int32_t unit = 0; unit < \(units); unit++) {
            const int32_t input_gate = \(logistic)(\(gates[0]), 3, 0, \(sigmoid));
            const int32_t forget_gate = \(logistic)(\(gates[1]), 3, 0, \(sigmoid));
            const int32_t cell_gate = \(tanh)(\(gates[2]), 3, 0, \(sigmoid));
            const int32_t output_gate = \(logistic)(\(gates[3]), 3, 0, \(sigmoid));
            int32_t next = \(saturate)(\(scaled("forget_gate * cell[unit]", scales.forget)));
            next += \(saturate)(\(scaled("input_gate * cell_gate", scales.input)));
            next = \(next);
            cell[unit] = (int16_t)next;
            hidden[unit] = \(hidden);
            \(code.outputs[0])[row * \(units) + unit] = hidden[unit];
        }
        """, &code)
  }
}
