package import Support

/// Runs a graph by the reference semantics of its operators.
package struct Interpreter: Sendable {
  package let graph: Graph
  /// The constants, decoded once.
  private let constants: [TensorID: Tensor]

  package init(_ graph: Graph) throws(Diagnostic) {
    self.graph = graph
    var constants: [TensorID: Tensor] = [:]
    for id in graph.nodes.flatMap(\.inputs) + graph.results where constants[id] == nil {
      if let bytes = graph[id].constant { constants[id] = try Tensor(graph[id].type, bytes: bytes) }
    }
    self.constants = constants
  }

  /// What the states hold before the first inference.
  package func initialStates() throws(Diagnostic) -> [Tensor] {
    var tensors: [Tensor] = []
    for state in graph.states { tensors.append(try Tensor(graph[state.current].type, bytes: state.initial)) }
    return tensors
  }

  /// The values of all tensors for the given inputs, which must be of the types of the graph's inputs.
  ///
  /// - Parameter states: what the inference before has left; without it, this is the first one.
  package func run(_ inputs: [Tensor], states: [Tensor]? = nil) throws(Diagnostic) -> [TensorID: Tensor] {
    guard inputs.count == graph.inputs.count else {
      throw Diagnostic(
        "run.inputs", .usage, "the model has \(graph.inputs.count) inputs, but \(inputs.count) are given")
    }
    var values = constants
    for (id, tensor) in zip(graph.inputs, inputs) { values[id] = tensor }
    var current = states ?? []
    if states == nil { current = try initialStates() }
    for (state, tensor) in zip(graph.states, current) { values[state.current] = tensor }
    for node in graph.nodes {
      do throws(Diagnostic) {
        let results = try node.op.evaluate(node.inputs.compactMap { values[$0] }, as: graph.outputTypes(node))
        for (id, result) in zip(node.outputs, results) { values[id] = result }
      } catch {
        throw error.located(graph.location(node))
      }
    }
    return values
  }

  /// The values of the graph's outputs for the given inputs, as the first inference gives them.
  package func outputs(_ inputs: [Tensor]) throws(Diagnostic) -> [Tensor] {
    let values = try run(inputs)
    return graph.outputs.compactMap { values[$0] }
  }

  /// The outputs of inferences one after the other, each with what the one before has left in the states.
  package func outputs(inSequence vectors: [[Tensor]]) throws(Diagnostic) -> [[Tensor]] {
    var states = try initialStates()
    var results: [[Tensor]] = []
    for vector in vectors {
      let values = try run(vector, states: states)
      states = graph.states.compactMap { values[$0.next] }
      results.append(graph.outputs.compactMap { values[$0] })
    }
    return results
  }
}
