package import IR
package import Support

/// A rewrite of the graph that keeps the values of its outputs, for every input.
package protocol Pass: Sendable {
  /// Name for `--dump-after` and for messages.
  var name: String { get }
  func run(on graph: inout Graph) throws(Diagnostic)
}

extension Graph {
  /// Removes nodes whose outputs nothing reads, last ones first.
  mutating func removeDeadNodes() {
    var used = Set(outputs)
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: used.contains) {
      used.formUnion(node.inputs)
      kept.append(node)
    }
    nodes = kept.reversed()
  }
}
