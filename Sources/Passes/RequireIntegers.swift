package import IR
import Operators
package import Support

/// Changes nothing, but fails when an operator is left that no kernel computes, or a tensor of floats.
package struct RequireIntegers: Pass {
  package let name = "require-integers"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    for (position, id) in graph.inputs.enumerated() where graph[id].type.element == .float32 {
      throw Diagnostic(
        "lowering.float", at: .node(file: graph.file, name: "input \(position) `\(graph[id].name)`"),
        "is float32 and not only quantized: no float is computed at run time",
        notes: ["convert the model with full integer quantization (int8 inputs and outputs)"])
    }
    for node in graph.nodes {
      let types = graph.outputTypes(node) + node.inputs.map { graph[$0].type }
      guard node.op is any EmittableOperator, !types.contains(where: { $0.element == .float32 }) else {
        throw Diagnostic(
          "lowering.float", at: graph.location(node),
          "\(node.op.mnemonic) works on float32 here, and no float is computed at run time",
          notes: ["convert the model with full integer quantization (int8 inputs and outputs)"])
      }
    }
  }
}
