package import Support

extension Graph {
  /// Fails unless the graph is well formed: every tensor is written once and before it is read, shapes are the ones that
  /// the operators infer, and element types suit them. Runs after every front end and every pass.
  package func verify() throws(Diagnostic) {
    var written: Set<TensorID> = []
    for (position, id) in inputs.enumerated() {
      guard self[id].constant == nil, written.insert(id).inserted else {
        throw Diagnostic(
          "graph.input", at: .node(file: file, name: "input \(position) `\(self[id].name)`"),
          "is a constant or stands twice among the inputs")
      }
    }
    for node in nodes {
      do throws(Diagnostic) {
        try verify(node, &written)
      } catch {
        throw error.located(location(node))
      }
    }
    guard !outputs.isEmpty else { throw Diagnostic("graph.output", at: .file(file), "the model has no output") }
    for (position, id) in outputs.enumerated() where !written.contains(id) && self[id].constant == nil {
      throw Diagnostic(
        "graph.output", at: .node(file: file, name: "output \(position) `\(self[id].name)`"),
        "no operator writes this tensor")
    }
  }

  private func verify(_ node: Node, _ written: inout Set<TensorID>) throws(Diagnostic) {
    for id in node.inputs where self[id].constant == nil && !written.contains(id) {
      throw Diagnostic(
        "graph.order", "reads the tensor `\(self[id].name)` before any operator writes it",
        notes: ["operators must stand in the order in which they run, without cycles"])
    }
    for id in node.outputs {
      guard self[id].constant == nil else {
        throw Diagnostic("graph.constant", "writes the tensor `\(self[id].name)`, which is constant")
      }
      guard written.insert(id).inserted else {
        throw Diagnostic("graph.twice", "writes the tensor `\(self[id].name)`, which is an input or written before")
      }
    }
    let inputs = try operands(node)
    let shapes = try node.op.outputShapes(inputs)
    guard shapes.count == node.outputs.count else {
      throw Diagnostic("graph.outputs", "\(node.op.mnemonic) has \(node.outputs.count) outputs, not \(shapes.count)")
    }
    for (id, shape) in zip(node.outputs, shapes) where self[id].type.shape != shape {
      throw Diagnostic(
        "graph.shape", "the output `\(self[id].name)` has the shape \(self[id].type.shape) in the file, "
          + "but the inputs give \(shape)")
    }
    try node.op.checkTypes(inputs, outputTypes(node))
  }
}
