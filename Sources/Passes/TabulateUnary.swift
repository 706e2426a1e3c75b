package import IR
import Operators
package import Support

/// Chains of operators on single 8-bit values become one table of 256 bytes.
///
/// `%2 = dequantize(%1); %3 = quantize(%2); %4 = tanh(%3)` → `%4 = integer.lookup(%1, table)`. The chain is followed back
/// to an 8-bit tensor that other nodes read too, or as far as it goes.
package struct TabulateUnary: Pass {
  package let name = "tabulate-unary"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    let uses = graph.useCounts
    let producers = graph.producers
    let before = graph.nodes
    var readers: [TensorID: Node] = [:]
    for node in before { for id in node.inputs { readers[id] = node } }
    for (index, node) in before.enumerated() where node.op is any UnaryOperator {
      let target = node.outputs[0]
      guard graph[target].type.element.isByte else { continue }
      // The only reader of the target takes the chain on.
      if uses[target] == 1, readers[target]?.op is any UnaryOperator { continue }
      var chain = [node]
      while let producer = producers[chain[0].inputs[0]].map({ before[$0] }), producer.op is any UnaryOperator {
        let between = chain[0].inputs[0]
        if graph[between].type.element.isByte && uses[between, default: 0] > 1 { break }
        chain.insert(producer, at: 0)
      }
      let source = chain[0].inputs[0]
      guard graph[source].type.element.isByte else { continue }
      do throws(Diagnostic) {
        let table = graph.add(constant: try table(of: chain, in: graph), name: "\(graph[target].name):table")
        graph.nodes[index].op = Lookup()
        graph.nodes[index].inputs = [source, table]
      } catch {
        throw error.located(graph.location(node))
      }
    }
    graph.removeDeadNodes()
  }

  /// The values that `chain` gives for the bytes 0 to 255.
  private func table(of chain: [Node], in graph: Graph) throws(Diagnostic) -> Tensor {
    let all = try Shape([256])
    var source = graph[chain[0].inputs[0]].type
    source.shape = all
    let isSigned = source.element == .int8
    var value = Tensor(source, ints: (0..<256).map { isSigned && $0 > 127 ? $0 - 256 : $0 })
    for node in chain {
      var type = graph[node.outputs[0]].type
      type.shape = all
      value = try node.op.evaluate([value], as: [type])[0]
    }
    return value.retyped(TensorType(value.type.element, all))
  }
}
