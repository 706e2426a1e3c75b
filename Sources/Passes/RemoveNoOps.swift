package import IR
import Operators
package import Support

/// Operators that change nothing disappear; operators that only give the elements another shape become a reshape, which
/// costs nothing at run time.
///
/// `%2 = pad(%1) {before=[0,0] after=[0,0]}` → `%1` is read in place of `%2`; a slice of everything, a concatenation of one
/// tensor, a split into one part, a transposition that keeps the order of the elements, a pooling of single pixels, and a
/// reshape of a reshape likewise.
package struct RemoveNoOps: Pass {
  package let name = "remove-no-ops"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard node.inputs.count == 1, node.outputs.count == 1 else { continue }
      let (source, target) = (node.inputs[0], node.outputs[0])
      let layer = Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node))
      guard layer.keepsElements else { continue }
      let type = graph[target].type
      if graph[source].type.shape == type.shape, graph.canReplace(target, with: source) {
        graph.replaceUses(of: target, with: source)
        continue
      }
      // What was reshaped before can be read in its first shape.
      let before = graph.nodes[..<index].first { $0.outputs == [source] && $0.op is Reshape }?.inputs[0] ?? source
      graph.nodes[index].op = Reshape(shape: type.shape.dims)
      graph.nodes[index].inputs = [before]
    }
    graph.removeDeadNodes()
  }
}
