import IR
import Machine
package import Support

/// A table of 256 bytes, indexed by the input's byte.
package struct LookupKernel: Kernel {
  package let name = "lookup"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is Lookup else { return nil }
    return Work([WorkItem("element", layer.outputs[0].shape.elementCount)], flash: 256)
  }

  package func order(_ layer: Layer) -> AccessOrder? { .elements }

  package func takesRows(_ layer: Layer) -> Bool { true }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard layer.op is Lookup else { throw unsuitable(layer) }
    // Tables of bytes are read as int8, whatever they hold.
    let element = layer.outputs[0].element
    let values = try layer.inputs[1].constantInts("the table").map { Int32(Int8(truncatingIfNeeded: $0)) }
    let table = code.table(
      "table", .int8, values, rowLength: 16,
      comment: "Output value for each byte of the input\(element == .int8 ? "" : ", as int8").")
    let cast = element == .int8 ? "" : "(\(element.cName))"
    let rows = layer.outputs[0].bytesOfImage?[0] ?? 1
    let count = code.outputRows(rows, times: layer.outputs[0].shape.elementCount / max(1, rows))
    code.line(
      """
      for (int32_t i = 0; i < \(count); i++) {
          \(code.outputs[0])[i] = \(cast)\(code.read(.int8, table, "(uint8_t)\(code.inputs[0])[i]"));
      }
      """)
  }
}
