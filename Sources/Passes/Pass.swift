package import IR
import Operators
package import Support

/// A rewrite of the graph that keeps the values of its outputs, for every input.
package protocol Pass: Sendable {
  /// Name for `--dump-after` and for messages.
  var name: String { get }
  func run(on graph: inout Graph) throws(Diagnostic)
}

extension Graph {
  /// Whether everything that reads `target` may read `source` instead, a tensor with the same elements.
  ///
  /// A result of the graph keeps its scale, and a concatenation wants one scale for all of its inputs.
  func canReplace(_ target: TensorID, with source: TensorID) -> Bool {
    if results.contains(target) { return false }
    return self[source].type.quantization == self[target].type.quantization
      || !nodes.contains { $0.op is Concatenation && $0.inputs.contains(target) }
  }
}
