import IR
import Operators
import Support

// Resource variables, and subgraphs that others call. Conditions must be known when the file is read: loops are unrolled.

extension TFLiteImporter {
  /// Builds an operator that reads or writes resource variables, or calls subgraphs; false when a condition depends on what
  /// is missing.
  mutating func addControl(
    _ entry: TFLiteSubgraph.OperatorEntry, _ origin: Origin, _ scope: inout Scope
  ) throws(Diagnostic) -> Bool {
    func input(_ position: Int) throws(Diagnostic) -> TensorID {
      guard position < entry.inputs.count, let index = entry.inputs[position] else {
        throw Diagnostic("tflite.inputs", "input \(position) is missing")
      }
      return scope.tensors[index]
    }
    func output() throws(Diagnostic) -> TensorID {
      guard let index = entry.outputs.first else { throw Diagnostic("tflite.outputs", "has no output") }
      return scope.tensors[index]
    }
    switch entry.name {
    case "VAR_HANDLE":
      let container = try entry.options?.string(0, "container") ?? ""
      let name = try entry.options?.string(1, "shared_name") ?? ""
      variables.name(try output(), "\(container)/\(name)")
    case "READ_VARIABLE":
      let target = try output()
      let variable = try variables.resource(try input(0), graph[target].type, &graph)
      graph.nodes.append(
        Node(
          Reshape(shape: graph[target].type.shape.dims), inputs: [variables.value(variable) ?? variable],
          outputs: [target], origin: origin))
    case "ASSIGN_VARIABLE":
      let value = try input(1)
      let variable = try variables.resource(try input(0), graph[value].type, &graph)
      guard scope.isInitializing else {
        variables.assign(value, to: variable)
        break
      }
      guard !unread.contains(value) else { return false }
      guard let bytes = graph[value].constant else {
        throw Diagnostic("tflite.variable", "a variable must begin with a constant")
      }
      variables.initial[variable] = bytes
    case "CALL_ONCE":
      let callee = try subgraph(try entry.options?.int32(0, "init_subgraph_index") ?? 0, entry, scope)
      var inner = self.scope(callee, bound: [:], depth: scope.depth + 1)
      inner.isInitializing = true
      let count = graph.nodes.count
      try addOperators(&inner)
      guard graph.nodes.count == count else {
        throw Diagnostic("tflite.variable", "what runs once must be known when the file is read")
      }
    case "IF":
      let callees = try ["then_subgraph_index", "else_subgraph_index"].enumerated()
        .map { (field, label) throws(Diagnostic) in
          try subgraph(try entry.options?.int32(field, label) ?? 0, entry, scope)
        }
      let arguments = try (1..<max(1, entry.inputs.count)).map { (position) throws(Diagnostic) in try input(position) }
      guard let isChosen = try condition(try input(0)) else {
        for callee in callees { try search(callee, arguments, entry, scope) }
        return try isMissing(try input(0), entry)
      }
      bind(try call(callees[isChosen ? 0 : 1], arguments, entry, scope), entry, &scope)
    case "WHILE":
      let test = try subgraph(try entry.options?.int32(0, "cond_subgraph_index") ?? 0, entry, scope)
      let body = try subgraph(try entry.options?.int32(1, "body_subgraph_index") ?? 0, entry, scope)
      var values = try entry.inputs.indices.map { (position) throws(Diagnostic) in try input(position) }
      while true {
        let tested = try call(test, values, entry, scope).first
        guard let isOn = try condition(tested) else {
          try search(body, values, entry, scope)
          return try isMissing(tested, entry)
        }
        if !isOn { break }
        values = try call(body, values, entry, scope)
      }
      bind(values, entry, &scope)
    default: return false
    }
    return true
  }

  private func subgraph(
    _ index: Int, _ entry: TFLiteSubgraph.OperatorEntry, _ scope: Scope
  ) throws(Diagnostic) -> TFLiteSubgraph {
    guard subgraphs.indices.contains(index) else {
      throw Diagnostic("tflite.subgraph", "there is no subgraph \(index)")
    }
    guard scope.depth < Self.maximumDepth else {
      throw Diagnostic("tflite.subgraph", "subgraphs call each other too deeply")
    }
    return subgraphs[index]
  }

  /// Builds a subgraph into the graph and gives its outputs.
  private mutating func call(
    _ subgraph: TFLiteSubgraph, _ arguments: [TensorID], _ entry: TFLiteSubgraph.OperatorEntry, _ scope: Scope
  ) throws(Diagnostic) -> [TensorID] {
    guard subgraph.inputs.count == arguments.count else {
      throw Diagnostic(
        "tflite.subgraph", "the subgraph takes \(subgraph.inputs.count) inputs, not \(arguments.count)")
    }
    calls += 1 + subgraph.tensors.count / 32
    guard calls <= Self.maximumCalls, graph.tensors.count <= 1 << 20 else {
      throw Diagnostic(
        "tflite.size", "the loops run too often: unrolled, the network has too many operators",
        notes: TFLiteRemedies.recurrent)
    }
    let bound = Dictionary(zip(subgraph.inputs, arguments)) { first, _ in first }
    var inner = self.scope(subgraph, bound: bound, depth: scope.depth + 1)
    inner.isInitializing = scope.isInitializing
    try addOperators(&inner)
    return subgraph.outputs.map { inner.tensors[$0] }
  }

  /// Looks for obstacles in a subgraph of which it is not known whether it runs.
  private mutating func search(
    _ subgraph: TFLiteSubgraph, _ arguments: [TensorID], _ entry: TFLiteSubgraph.OperatorEntry, _ scope: Scope
  ) throws(Diagnostic) {
    var copy = self
    _ = try copy.call(subgraph, arguments, entry, scope)
    (obstacles, calls) = (copy.obstacles, copy.calls)
  }

  /// The value of a condition; nil when it is not known.
  private func condition(_ id: TensorID?) throws(Diagnostic) -> Bool? {
    guard let id, let value = try graph.operand(id).constant, value.type.shape.elementCount == 1 else { return nil }
    return try value.ints("the condition").first != 0
  }

  /// False, when a condition is not known because something else is missing; fails when it depends on the input.
  private func isMissing(_ id: TensorID?, _ entry: TFLiteSubgraph.OperatorEntry) throws(Diagnostic) -> Bool {
    if let id, unread.contains(id) { return false }
    throw Diagnostic(
      "tflite.condition",
      "the condition depends on the input; only conditions that are known when the file is read are supported",
      notes: entry.name == "WHILE"
        ? TFLiteRemedies.recurrent
        : ["compute both branches and choose with `tf.where`, which becomes SELECT_V2, or convert one model a branch"])
  }

  /// Lets the outputs of a caller be `values`.
  private func bind(_ values: [TensorID], _ entry: TFLiteSubgraph.OperatorEntry, _ scope: inout Scope) {
    for (index, value) in zip(entry.outputs, values) { scope.tensors[index] = value }
  }
}
