package import IR
import Operators
package import Support

/// Changes nothing, but fails when a tensor of floats is left: the passes behind it know only integers.
package struct RefuseFloats: Pass {
  package let name = "refuse-floats"

  package init() {}

  private static let notes = [
    "quantize it on import: add `--calibrate VECTORS.npy`, a file of typical input vectors (one file an input)",
    "or convert the model with full integer quantization (int8 inputs and outputs)",
  ]

  package func run(on graph: inout Graph) throws(Diagnostic) {
    let floats = graph.nodes.filter { node in
      (node.inputs + node.outputs).contains { graph[$0].type.element == .float32 }
    }
    // One line for a network that nobody quantized.
    let isQuantized = graph.nodes.contains { node in
      (node.inputs + node.outputs).contains { graph[$0].type.quantization != nil && graph[$0].constant == nil }
    }
    guard floats.count < 2 || isQuantized else {
      let count = floats.count == graph.nodes.count ? "all \(floats.count)" : "\(floats.count) of \(graph.nodes.count)"
      throw Diagnostic(
        "lowering.float", at: .file(graph.file),
        "\(count) operators work on float32, and no float is computed at run time", notes: Self.notes)
    }
    var obstacles = Obstacles()
    for (position, id) in graph.inputs.enumerated() where graph[id].type.element == .float32 {
      // The operators that compute with it say the same.
      guard !floats.contains(where: { $0.inputs.contains(id) }) else { continue }
      let place = Diagnostic.Location.node(file: graph.file, name: "input \(position) `\(graph[id].name)`")
      try obstacles.add(
        Diagnostic(
          "lowering.float", at: place, "is float32 and not only quantized: no float is computed at run time",
          notes: Self.notes))
    }
    for node in floats {
      try obstacles.add(
        Diagnostic(
          "lowering.float", "\(node.op.mnemonic) works on float32 here, and no float is computed at run time",
          notes: Self.notes), at: graph.location(node))
    }
    try obstacles.check(graph.file)
  }
}

/// Changes nothing, but fails when operators are left that no kernel computes, or tensors of 64-bit integers.
package struct RequireIntegers: Pass {
  package let name = "require-integers"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var obstacles = Obstacles()
    let notes = ["cast it to int32 in the model"]
    for (position, id) in graph.inputs.enumerated() where graph[id].type.element == .int64 {
      try obstacles.add(
        Diagnostic("lowering.int64", "holds 64-bit integers, which only constants can", notes: notes),
        at: .node(file: graph.file, name: "input \(position) `\(graph[id].name)`"))
    }
    for node in graph.nodes {
      if !(node.op is any EmittableOperator) {
        try obstacles.add(
          Diagnostic("lowering.operator", "no kernel computes \(node.op.mnemonic) with these operands"),
          at: graph.location(node))
      } else if let id = node.outputs.first(where: { graph[$0].type.element == .int64 }) {
        try obstacles.add(
          Diagnostic(
            "lowering.int64", "the output `\(graph[id].name)` holds 64-bit integers, which only constants can",
            notes: notes), at: graph.location(node))
      }
    }
    try obstacles.check(graph.file)
  }
}
