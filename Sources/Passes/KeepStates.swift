package import IR
import Operators
package import Support

/// What a state becomes is written into its own memory: by the node that computes it, when that node may write over what it
/// reads, else by a copy after everything else.
///
/// `state %1 next %2; %2 = add(%1, %0)` → `state %1 next %3; %2 = add(%1, %0); %3 = reshape(%2)`.
package struct KeepStates: Pass {
  package let name = "keep-states"

  package init() {}

  /// What a state becomes, and the states in whose memory that may lie when the copy runs.
  private struct Copy {
    let state: Int
    let source: TensorID
    let reads: Set<TensorID>
  }

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var pending = copies(graph)
    while !pending.isEmpty {
      // A state is written after the copies that read it.
      let first = pending.firstIndex { copy in
        !pending.contains { $0.state != copy.state && $0.reads.contains(graph.states[copy.state].current) }
      }
      guard let first else {
        let names = pending.map { "`\(graph[graph.states[$0.state].current].name)`" }.joined(separator: ", ")
        throw Diagnostic(
          "lowering.states", at: .file(graph.file), "the states \(names) exchange their values, which is not supported")
      }
      let copy = pending.remove(at: first)
      let info = graph[graph.states[copy.state].current]
      let target = graph.add(TensorInfo(name: graph[copy.source].name, type: info.type))
      let origin = graph.nodes.first { $0.outputs.contains(copy.source) }?.origin
      graph.nodes.append(
        Node(
          Reshape(shape: info.type.shape.dims), inputs: [copy.source], outputs: [target],
          origin: origin ?? Origin(index: copy.state, operatorName: "copy to a state")))
      graph.states[copy.state].next = target
    }
  }

  /// The states that no node writes in place.
  private func copies(_ graph: Graph) -> [Copy] {
    let (uses, producers) = (graph.useCounts, graph.producers)
    var origins: [TensorID: Set<TensorID>] = [:]
    for state in graph.states { origins[state.current] = [state.current] }
    for node in graph.nodes where node.op.movesElements {
      let read = node.inputs.reduce(into: Set<TensorID>()) { $0.formUnion(origins[$1] ?? []) }
      for id in node.outputs { origins[id] = read }
    }
    var written: Set<TensorID> = []
    return graph.states.indices.compactMap { index in
      let state = graph.states[index]
      let isFirst = written.insert(state.next).inserted
      if isFirst, uses[state.current] == 1, let node = producers[state.next].map({ graph.nodes[$0] }),
        let op = node.op as? any InPlaceOperator,
        op.inPlace.contains(where: { node.inputs[$0.input] == state.current && node.outputs[$0.output] == state.next })
      {
        return nil
      }
      return Copy(state: index, source: state.next, reads: origins[state.next] ?? [])
    }
  }
}
