import IR
import Machine
package import Support

/// Step by step: all gates, then cell and hidden state unit by unit. Functions `lstm_gates`, `logistic_16` and `tanh_16`.
package struct LstmKernel: Kernel {
  package let name = "lstm"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerLstm else { return nil }
    let dims = LstmDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    return Work(
      [
        WorkItem("mac", dims.multiplyAccumulates), WorkItem("step", dims.batch * dims.time),
        WorkItem("unit", dims.batch * dims.time * dims.units),
      ], flash: layer.inputs[3...].reduce(512 + 64) { $0 + $1.type.byteCount }, scratch: 8 * dims.units)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerLstm else { throw unsuitable(layer) }
    let dims = LstmDimensions(layer.inputs.map(\.type), isTimeMajor: op.isTimeMajor)
    let scales = op.scales
    let units = dims.units
    func words(_ factor: Requantization) -> [Int32] { [factor.multiplier, Int32(factor.shift)] }
    let weights = code.table(
      "weights", .int8, try layer.inputs[3].constantInts("the weights"), rowLength: dims.inputs,
      comment: "Weights [4,\(units),\(dims.inputs)] of the input, forget, cell and output gate.")
    let recurrent = code.table(
      "recurrent", .int8, try layer.inputs[4].constantInts("the weights"), rowLength: units,
      comment: "Recurrent weights [4,\(units),\(units)].")
    let bias = code.table("bias", .int32, try layer.inputs[5].constantInts("the bias"), comment: "Bias [4,\(units)].")
    let recurrentBias = code.table(
      "recurrent_bias", .int32, try layer.inputs[6].constantInts("the bias"),
      comment: "What the zero point of the hidden state adds.")
    let factors = code.table(
      "scales", .int32, (0..<4).flatMap { words(scales.gates[$0]) + words(scales.recurrentGates[$0]) }, rowLength: 4,
      comment: "Multiplier and shift of both sums of each gate.")
    let sigmoid = code.table(
      "sigmoid", .int16, SigmoidTable.values.map { $0 - 32768 },
      comment: "The logistic function of i / 24 with 16 fraction bits, minus 2^15.")
    let requantize = code.requantizeFunction()
    let scale = code.function("scale")
    let saturate = code.function("saturate_16")
    let gates = code.function("lstm_gates")
    let (logistic, tanh) = (code.function("logistic_16"), code.function("tanh_16"))
    func scaled(_ value: String, _ factor: Requantization) -> String {
      "\(scale)(\(value), \(factor.multiplier), \(factor.shift))"
    }
    let (rowOfStep, rowOfBatch) = op.isTimeMajor ? (dims.batch, 1) : (1, dims.time)
    var clip = ""
    if let bound = scales.clip {
      clip = "\n            next = next < -\(bound) ? -\(bound) : next > \(bound) ? \(bound) : next;"
    }
    code.line(
      """
      int16_t *const gates = (int16_t *)(void *)\(code.scratch);
      for (int32_t i = 0; i < \(dims.batch * units); i++) {
          \(code.outputs[1])[i] = \(code.inputs[1])[i];
          \(code.outputs[2])[i] = \(code.inputs[2])[i];
      }
      for (int32_t batch = 0; batch < \(dims.batch); batch++) {
          int8_t *const hidden = \(code.outputs[1]) + batch * \(units);
          int16_t *const cell = \(code.outputs[2]) + batch * \(units);
          for (int32_t step = 0; step < \(dims.time); step++) {
              const int32_t row = step * \(rowOfStep) + batch * \(rowOfBatch);
              \(gates)(
                  \(code.inputs[0]) + row * \(dims.inputs), \(dims.inputs), hidden, \(units), gates,
                  \(weights), \(recurrent), \(bias),
                  \(recurrentBias), \(factors));
              for (int32_t unit = 0; unit < \(units); unit++) {
                  const int32_t input_gate = \(logistic)(gates[unit], 3, 0, \(sigmoid));
                  const int32_t forget_gate = \(logistic)(gates[unit + \(units)], 3, 0, \(sigmoid));
                  const int32_t cell_gate = \(tanh)(gates[unit + \(2 * units)], 3, 0, \(sigmoid));
                  const int32_t output_gate = \(logistic)(gates[unit + \(3 * units)], 3, 0, \(sigmoid));
                  int32_t next = \(saturate)(\(scaled("forget_gate * cell[unit]", scales.forget)));
                  next += \(saturate)(\(scaled("input_gate * cell_gate", scales.input)));
                  next = \(saturate)(next);\(clip)
                  cell[unit] = (int16_t)next;
                  hidden[unit] = \(requantize)(
                      \(tanh)(next, \(scales.tanhMultiplier), \(scales.tanhShift), \(sigmoid)) * output_gate,
                      \(scales.hidden.multiplier), \(scales.hidden.shift), \(scales.hiddenZeroPoint), -128, 127);
                  \(code.outputs[0])[row * \(units) + unit] = hidden[unit];
              }
          }
      }
      """)
  }
}
