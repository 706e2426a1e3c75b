package import IR
import Operators
package import Support

/// Float inputs, outputs and states of a quantized network become the quantized tensors beside them.
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
    for position in graph.states.indices { try quantizeState(position, &graph) }
    graph.removeDeadNodes()
  }

  /// A float state that is only read by QUANTIZE, and that DEQUANTIZE of the same scale leaves, keeps the quantized values: between
  /// the two of them every value comes back as it was.
  private func quantizeState(_ position: Int, _ graph: inout Graph) throws(Diagnostic) {
    let state = graph.states[position]
    guard graph[state.current].type.element == .float32, !graph.outputs.contains(state.current),
      let last = graph.nodes.first(where: { $0.outputs.contains(state.next) }), last.op is Dequantize,
      let source = last.inputs.first, graph[source].constant == nil
    else { return }
    let type = graph[source].type
    var quantized: [(old: TensorID, new: TensorID)] = []
    let current = graph.add(TensorInfo(name: graph[state.current].name, type: type))
    var nodes = graph.nodes
    for index in nodes.indices where nodes[index].inputs.contains(state.current) {
      // Reading a variable is a reshape.
      let isReshape = nodes[index].op is Reshape
      let readers = isReshape ? nodes.filter { $0.inputs.contains(nodes[index].outputs[0]) } : [nodes[index]]
      guard !graph.results.contains(nodes[index].outputs[0]) || !isReshape,
        readers.allSatisfy({ reader in
          let own = graph[reader.outputs[0]].type
          return reader.op is Quantize && own.element == type.element && own.quantization == type.quantization
        })
      else { return }
      if isReshape { nodes[index].inputs = [current] }
      quantized += readers.map { ($0.outputs[0], isReshape ? nodes[index].outputs[0] : current) }
    }
    let initial = try Tensor(graph[state.current].type, bytes: state.initial)
    graph.states[position] = State(
      current: current, next: source, initial: try Quantize().evaluate([initial], as: [type])[0].bytes)
    let old = Set(quantized.map(\.old))
    graph.nodes = nodes.filter { !old.contains($0.outputs[0]) }
    for (old, new) in quantized {
      if new != current { graph[new].type = TensorType(type.element, graph[new].type.shape, type.quantization) }
      graph.replaceUses(of: old, with: new)
    }
  }
}
