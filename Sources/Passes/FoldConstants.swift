package import IR
import Operators
package import Support

/// Nodes that read only constants, or only the shapes of tensors, become constants.
///
/// `%2 = add(const, const)` → `const %2`, `%2 = shape(%1: [1,4])` → `const %2: [1,4]`. Results of more than ``maximumElements`` stay, because they would cost more
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
      if let function = node.op as? any ShapeFunction, !node.outputs.contains(where: graph.outputs.contains),
        let values = try function.constants(operands, types)
      {
        for (id, value) in zip(node.outputs, values) { graph[id].constant = value.bytes }
        continue
      }
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
