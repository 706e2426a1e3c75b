import IR
import Machine
package import Support

/// Convolution or matrix product with weights of 9 bits, one output at a time. Function `conv_2d_offset`.
package struct OffsetKernel: Kernel {
  package let name = "conv_2d_offset"
  package let takesWideWeights = true

  package func work(_ layer: Layer) -> Work? {
    guard !(layer.op is any WideLayer), let filters = OffsetFilters(layer), let stage = filters.filters.stage,
      let tables = try? NarrowTables(layer, stage)
    else { return nil }
    return filters.work(flash: tables.byteCount())
  }

  package func obstacle(_ layer: Layer) -> String { "the weights have 8 bits" }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let filters = OffsetFilters(layer), let stage = filters.filters.stage else { throw unsuitable(layer) }
    let arguments = filters.write(&code)
    let rest = try NarrowTables(layer, stage).write(&code)
    filters.call(name, arguments + rest, &code)
  }
}

/// The sums of a convolution or matrix product as int32 values. Function `conv_2d_sums`.
package struct SumsKernel: Kernel {
  package let name = "conv_2d_sums"

  package func work(_ layer: Layer) -> Work? {
    guard let filters = OffsetFilters(layer), filters.filters.stage == nil else { return nil }
    return filters.work(flash: layer.inputs[2].type.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let filters = OffsetFilters(layer), filters.filters.stage == nil else { throw unsuitable(layer) }
    let arguments = filters.write(&code)
    let bias = code.table(
      "bias", .int32, try layer.inputs[2].constantInts("the bias"), rowLength: 8,
      comment: "Bias with the input's zero point folded in.")
    filters.call(name, arguments + [bias], &code)
  }
}

extension OffsetFilters {
  fileprivate func work(flash: Int) -> Work {
    Work(
      [
        WorkItem("mac", filters.multiplyAccumulates), WorkItem("tap", filters.taps),
        WorkItem("output", filters.outputs),
      ], flash: byteCount + flash)
  }

  fileprivate func call(_ name: String, _ arguments: [String], _ code: inout LayerCode) {
    _ = code.function("tap_sum")
    filters.call(code.function(name), arguments, &code)
  }
}
