package import Support

extension Graph {
  /// Fails unless the graph is well formed: every tensor is written once and before it is read, shapes are the ones that
  /// the operators infer, and element types suit them. Runs after every front end and every pass.
  package func verify() throws(Diagnostic) {
    var obstacles = Obstacles()
    try verify(&obstacles)
    try obstacles.check(file)
  }

  /// Collects what is wrong with single nodes, and fails when something is wrong with the whole.
  ///
  /// - Parameter missing: what operators write that are not among the nodes.
  package func verify(_ obstacles: inout Obstacles, missing: Set<TensorID> = []) throws(Diagnostic) {
    guard nodes.count <= Self.maximumNodes else {
      throw Diagnostic("graph.size", at: .file(file), "has \(nodes.count) operators, more than \(Self.maximumNodes)")
    }
    guard !inputs.isEmpty else { throw Diagnostic("graph.input", at: .file(file), "the model has no input") }
    guard inputs.count <= Self.maximumInterface, outputs.count <= Self.maximumInterface else {
      throw Diagnostic("graph.size", at: .file(file), "has more than \(Self.maximumInterface) inputs or outputs")
    }
    for id in inputs + results where self[id].type.shape.elementCount == 0 {
      throw Diagnostic("graph.empty", at: .node(file: file, name: "input or output `\(self[id].name)`"), "is empty")
    }
    var written = missing
    var constantElements = 0
    for (position, id) in inputs.enumerated() {
      guard self[id].constant == nil, written.insert(id).inserted else {
        throw Diagnostic(
          "graph.input", at: .node(file: file, name: "input \(position) `\(self[id].name)`"),
          "is a constant or stands twice among the inputs")
      }
    }
    try verifyStates(&written)
    for node in nodes {
      do throws(Diagnostic) {
        try verify(node, &written, &constantElements)
      } catch {
        try obstacles.add(error, at: location(node))
        written.formUnion(node.outputs)
      }
    }
    // What else is wrong follows from what was found.
    guard obstacles.isEmpty else { return }
    guard !outputs.isEmpty else { throw Diagnostic("graph.output", at: .file(file), "the model has no output") }
    for (position, id) in outputs.enumerated() where !written.contains(id) && self[id].constant == nil {
      throw Diagnostic(
        "graph.output", at: .node(file: file, name: "output \(position) `\(self[id].name)`"),
        "no operator writes this tensor")
    }
    for (position, state) in states.enumerated()
    where !written.contains(state.next) && self[state.next].constant == nil {
      throw Diagnostic(
        "graph.state", at: .node(file: file, name: "state \(position) `\(self[state.current].name)`"),
        "no operator writes what it becomes, `\(self[state.next].name)`")
    }
  }

  /// Whether a node's own shapes and types are right, so that what it computes can be asked for.
  package func isSound(_ node: Node) -> Bool {
    var (written, constantElements) = (Set(node.inputs), 0)
    written.subtract(node.outputs)
    do throws(Diagnostic) {
      try verify(node, &written, &constantElements)
      return true
    } catch {
      return false
    }
  }

  private func verify(
    _ node: Node, _ written: inout Set<TensorID>, _ constantElements: inout Int
  ) throws(Diagnostic) {
    for id in node.inputs + node.outputs where self[id].type.shape.elementCount == 0 {
      throw Diagnostic("graph.empty", "the tensor `\(self[id].name)` of shape \(self[id].type.shape) is empty")
    }
    for id in node.inputs where self[id].constant != nil { constantElements += self[id].type.shape.elementCount }
    guard constantElements <= Self.maximumConstantElements else {
      throw Diagnostic("graph.constants", "the operators read more than \(Self.maximumConstantElements) constants")
    }
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
        "graph.shape",
        "the output `\(self[id].name)` has the shape \(self[id].type.shape) in the file, "
          + "but the inputs give \(shape)")
    }
    try node.op.checkTypes(inputs, outputTypes(node))
  }
}
