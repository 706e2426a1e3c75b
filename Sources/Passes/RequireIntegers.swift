package import IR
import Operators
package import Support

/// Changes nothing, but fails when a tensor of floats is left: the passes behind it know only integers.
package struct RefuseFloats: Pass {
  package let name = "refuse-floats"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    let notes = [
      "quantize it on import: add `--calibrate VECTORS.npy`, a file of typical input vectors (one file an input)",
      "or convert the model with full integer quantization (int8 inputs and outputs)",
    ]
    for (position, id) in graph.inputs.enumerated() where graph[id].type.element == .float32 {
      throw Diagnostic(
        "lowering.float", at: .node(file: graph.file, name: "input \(position) `\(graph[id].name)`"),
        "is float32 and not only quantized: no float is computed at run time",
        notes: notes)
    }
    for node in graph.nodes {
      let types = graph.outputTypes(node) + node.inputs.map { graph[$0].type }
      if types.contains(where: { $0.element == .float32 }) {
        throw Diagnostic(
          "lowering.float", at: graph.location(node),
          "\(node.op.mnemonic) works on float32 here, and no float is computed at run time", notes: notes)
      }
    }
  }
}

/// Changes nothing, but fails when an operator is left that no kernel computes, or a tensor of 64-bit integers.
package struct RequireIntegers: Pass {
  package let name = "require-integers"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    for node in graph.nodes where !(node.op is any EmittableOperator) {
      throw Diagnostic(
        "lowering.operator", at: graph.location(node), "no kernel computes \(node.op.mnemonic) with these operands")
    }
    for id in graph.inputs + graph.nodes.flatMap(\.outputs) where graph[id].type.element == .int64 {
      throw Diagnostic(
        "lowering.int64", at: .node(file: graph.file, name: "tensor `\(graph[id].name)`"),
        "holds 64-bit integers, which only constants can", notes: ["cast it to int32 in the model"])
    }
  }
}
