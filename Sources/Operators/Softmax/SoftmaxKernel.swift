import IR
import Machine
package import Support

/// Softmax row by row with a table of exponentials. Functions `softmax` and `softmax_8_16`.
package struct SoftmaxKernel: Kernel {
  package let name = "softmax"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is IntegerSoftmax else { return nil }
    let count = layer.inputs[0].type.shape.elementCount
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    return Work(
      [WorkItem("element", count), WorkItem("row", count / depth)], flash: layer.inputs[1].type.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard layer.op is IntegerSoftmax else { throw unsuitable(layer) }
    let exponentials = try layer.inputs[1].constantInts("the exponentials")
    let table = code.table(
      "exponentials", .int32, exponentials, rowLength: 8,
      comment: "exp(-distance from the maximum * scale * beta) with 31 fraction bits.")
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    _ = code.function("scale")
    let isWide = layer.outputs[0].element == .int16
    if isWide { _ = code.function("reciprocal") }
    code.call(
      code.function(isWide ? "softmax_8_16" : "softmax"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(layer.inputs[0].type.shape.elementCount / depth), /* classes */ \(depth)",
        "\(table), /* entries */ \(exponentials.count)",
      ])
  }
}
