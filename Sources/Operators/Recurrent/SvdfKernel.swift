import IR
import Machine
package import Support

/// Moves the state by one step, adds the newest values of all filters, and weighs them over time.
package struct SvdfKernel: Kernel {
  package let name = "svdf"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerSvdf else { return nil }
    let dims = SvdfDimensions(layer.inputs.map(\.type), rank: op.rank)
    return Work(
      [
        WorkItem("mac", dims.multiplyAccumulates), WorkItem("output", dims.batch * (dims.filters + dims.units)),
        WorkItem("element", layer.outputs[1].shape.elementCount),
      ], flash: layer.inputs[2...].reduce(0) { $0 + $1.type.byteCount })
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerSvdf, let range = layer.outputs[1].element.range else { throw unsuitable(layer) }
    let dims = SvdfDimensions(layer.inputs.map(\.type), rank: op.rank)
    let state = layer.outputs[1].element
    let features = code.table(
      "features", .int8, try layer.inputs[2].constantInts("the weights"), rowLength: dims.inputs,
      comment: "Feature weights [\(dims.filters),\(dims.inputs)].")
    let times = code.table(
      "times", state, try layer.inputs[3].constantInts("the weights"), rowLength: dims.memory,
      comment: "Time weights [\(dims.filters),\(dims.memory)], oldest first.")
    let featureBias = code.table(
      "feature_bias", .int32, try layer.inputs[4].constantInts("the bias"),
      comment: "What the input's zero point adds to the filters.")
    let bias = code.table("bias", .int32, try layer.inputs[5].constantInts("the bias"), comment: "Bias of the units.")
    let requantize = code.requantizeFunction()
    let scale = code.function("scale")
    let taps = op.rank * dims.memory
    let zero = op.stateZeroPoint == 0 ? "value" : "(value + \(op.stateZeroPoint))"
    code.line(
      """
      for (int32_t i = 0; i < \(layer.outputs[1].shape.elementCount - 1); i++) {
          \(code.outputs[1])[i] = \(code.inputs[1])[i + 1];
      }
      for (int32_t batch = 0; batch < \(dims.batch); batch++) {
          const int8_t *const values = \(code.inputs[0]) + batch * \(dims.inputs);
          \(state.cName) *const filters = \(code.outputs[1]) + batch * \(dims.filters * dims.memory);
          for (int32_t filter = 0; filter < \(dims.filters); filter++) {
              uint32_t sum = (uint32_t)\(code.read(.int32, featureBias, "filter"));
              int32_t value;
              for (int32_t i = 0; i < \(dims.inputs); i++) {
                  sum += (uint32_t)((int32_t)values[i] * \(code.read(.int8, features, "filter * \(dims.inputs) + i")));
              }
              value = \(scale)((int32_t)sum, \(op.featureScale.multiplier), \(op.featureScale.shift));
              value = value < \(range.lowerBound) ? \(range.lowerBound) : value > \(range.upperBound) ? \(range.upperBound) : value;
              filters[filter * \(dims.memory) + \(dims.memory - 1)] = (\(state.cName))\(zero);
          }
          for (int32_t unit = 0; unit < \(dims.units); unit++) {
              uint32_t sum = (uint32_t)\(code.read(.int32, bias, "unit"));
              for (int32_t i = unit * \(taps); i < (unit + 1) * \(taps); i++) {
                  sum += (uint32_t)((int32_t)filters[i] * \(code.read(state, times, "i")));
              }
              \(code.outputs[0])[batch * \(dims.units) + unit] = \(requantize)(
                  (int32_t)sum, \(op.timeScale.multiplier), \(op.timeScale.shift),
                  \(op.stage.cArguments));
          }
      }
      """)
  }
}
