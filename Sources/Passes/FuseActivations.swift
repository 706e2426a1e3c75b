package import IR
import Operators
package import Support

/// Tables that only clamp are absorbed by the operator before them; tables that change nothing disappear.
///
/// `%1 = integer.conv_2d(…) {clamp=[-128,127]}; %2 = integer.lookup(%1, max(x, -10))` →
/// `%2 = integer.conv_2d(…) {clamp=[-10,127]}`.
package struct FuseActivations: Pass {
  package let name = "fuse-activations"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var uses = graph.useCounts
    for index in graph.nodes.indices where graph.nodes[index].op is Lookup {
      let node = graph.nodes[index]
      let (source, target) = (node.inputs[0], node.outputs[0])
      let (sourceType, targetType) = (graph[source].type, graph[target].type)
      guard sourceType.element == targetType.element, let range = sourceType.element.range else { continue }
      let table = try graph.operand(node.inputs[1]).constantInts("the table")
      let clamp = (table.min() ?? 0)...(table.max() ?? 0)
      let isClamp = range.allSatisfy { table[Int(UInt8(truncatingIfNeeded: $0))] == clamp.clamping($0) }
      guard isClamp else { continue }
      if clamp == range, graph.canReplace(target, with: source) {
        graph.replaceUses(of: target, with: source)
        uses[source, default: 0] += uses[target, default: 0] - 1
      } else if uses[source] == 1,
        let producer = graph.nodes[..<index].firstIndex(where: { $0.outputs == [source] }),
        var op = graph.nodes[producer].op as? any ClampingOperator
      {
        op.clamp = clamp.clamping(op.clamp.lowerBound)...clamp.clamping(op.clamp.upperBound)
        graph.nodes[producer].op = op
        graph.nodes[producer].outputs = [target]
        // The table now computes a tensor that nothing reads.
        graph.nodes[index].outputs = [source]
      }
    }
    graph.removeDeadNodes()
  }
}
