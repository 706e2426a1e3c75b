import IR
import Machine
package import Support

/// Convolution or matrix product of 16-bit values with weights of 16 bits, one output at a time. Function `conv_2d_16x16`.
package struct ShortWeightsKernel: Kernel {
  package let name = "conv_2d_16x16"
  package let takesWideWeights = true

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? any WideLayer, let filters = LayerFilters(layer),
      let scales = try? WideScales(op, layer.inputs)
    else { return nil }
    let inside = filters.tapsInside
    return Work(
      [
        WorkItem("mac", inside * filters.depth), WorkItem("tap", inside),
        WorkItem("outside", filters.taps - inside), WorkItem("output", filters.outputs),
      ], flash: layer.inputs[1].type.byteCount + scales.byteCount)
  }

  package func obstacle(_ layer: Layer) -> String { "the weights have 8 bits" }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? any WideLayer, let filters = LayerFilters(layer) else { throw unsuitable(layer) }
    let weights = code.table(
      "weights", .int16, filters.values, rowLength: filters.rowLength,
      comment: "Weights, \(filters.count) filters.")
    let scales = try WideScales(op, layer.inputs).write(&code)
    _ = code.function("dot_16x16")
    filters.call(
      code.function(name),
      filters.arguments + [
        "/* padding: top, left */ \(filters.padBefore.height), \(filters.padBefore.width)", weights, scales,
      ], &code)
  }
}
