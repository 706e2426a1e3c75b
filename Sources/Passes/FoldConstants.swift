package import IR
package import Support

/// Nodes that read only constants become constants.
///
/// `%2 = add(const, const)` → `const %2`. Results of more than ``maximumElements`` stay, because they would cost more
/// flash than the code that computes them.
package struct FoldConstants: Pass {
  package let name = "fold-constants"
  static let maximumElements = 1 << 16

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var kept: [Node] = []
    for node in graph.nodes {
      let types = graph.outputTypes(node)
      let operands = try graph.operands(node)
      let inputs = operands.compactMap(\.constant)
      guard inputs.count == operands.count, !inputs.isEmpty,
        types.allSatisfy({ $0.shape.elementCount <= Self.maximumElements }),
        node.op.multiplyAccumulates(operands, types) <= 1 << 24,
        !node.outputs.contains(where: graph.results.contains)
      else {
        kept.append(node)
        continue
      }
      do throws(Diagnostic) {
        for (id, value) in zip(node.outputs, try node.op.evaluate(inputs, as: types)) {
          graph[id].constant = value.bytes
        }
      } catch {
        throw error.located(graph.location(node))
      }
    }
    graph.nodes = kept
  }
}
