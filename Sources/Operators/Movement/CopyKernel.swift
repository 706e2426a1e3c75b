import IR
import Machine
package import Support

/// Copies of boxes of elements as loops, after the background where there is one.
package struct CopyKernel: Kernel {
  package let name = "copy"

  package func work(_ layer: Layer) -> Work? {
    guard let copies = layer.boxCopies else { return nil }
    let background = (try? (layer.op as? any MovementOperator)?.background(layer.outputs)) ?? nil
    return Work([
      WorkItem("element", copies.reduce(0) { $0 + $1.copy.nest.count }),
      WorkItem("run", copies.reduce(0) { $0 + $1.copy.nest.outer.count }),
      WorkItem("fill", background == nil ? 0 : layer.outputs[0].shape.elementCount),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let copies = layer.boxCopies else { throw unsuitable(layer) }
    if let fill = try (layer.op as? any MovementOperator)?.background(layer.outputs) {
      code.line(
        """
        for (int32_t i = 0; i < \(layer.outputs[0].shape.elementCount); i++) {
            \(code.outputs[0])[i] = \(fill);
        }
        """)
    }
    for (input, output, copy) in copies {
      code.line(
        copy.nest.cText(starts: [copy.sourceStart, copy.targetStart]) {
          "\(code.outputs[output])[\($0[1])] = \(code.inputs[input])[\($0[0])];"
        })
    }
  }
}
