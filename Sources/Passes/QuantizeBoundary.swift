package import IR
import Operators
package import Support

/// Float inputs and outputs of a quantized network become the quantized tensors beside them.
///
/// `input %0: float32; %1 = quantize(%0)` → `input %1: int8`, and `%9 = dequantize(%8); output %9` → `output %8`.
package struct QuantizeBoundary: Pass {
  package let name = "quantize-boundary"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    for (position, input) in graph.inputs.enumerated() where graph[input].type.element == .float32 {
      let readers = graph.nodes.filter { $0.inputs.contains(input) }
      guard let first = readers.first, readers.allSatisfy({ $0.op is Quantize }), !graph.results.contains(input),
        readers.allSatisfy({ graph.outputTypes($0) == graph.outputTypes(first) })
      else { continue }
      // All readers quantize in the same way: one tensor takes the place of all of their outputs.
      let quantized = first.outputs[0]
      graph.nodes.removeAll { $0.inputs.contains(input) }
      for reader in readers.dropFirst() { graph.replaceUses(of: reader.outputs[0], with: quantized) }
      graph.inputs[position] = quantized
    }
    for (position, output) in graph.outputs.enumerated() {
      guard let node = graph.nodes.first(where: { $0.outputs.contains(output) }), node.op is Dequantize else {
        continue
      }
      graph.outputs[position] = node.inputs[0]
    }
    graph.removeDeadNodes()
  }
}
