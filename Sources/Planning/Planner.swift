package import IR
package import Machine
import Operators
package import Support

/// Decides the kernels and the memory of a graph in integer normal form.
package struct Planner: Sendable {
  private let selection: KernelSelection

  package init(machine: Machine, objective: Objective) {
    selection = KernelSelection(machine: machine, objective: objective)
  }

  /// - Parameter forcing: kernels by name that are taken wherever they can compute a layer, for tests.
  package func plan(_ graph: Graph, forcing: String? = nil) throws(Diagnostic) -> Plan {
    let views = Views(graph)
    var steps: [Step] = []
    for node in graph.nodes where !views.isView(node) {
      let layer = Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node))
      var ranked = selection.ranked(layer)
      if let forced = ranked.firstIndex(where: { $0.kernel.name == forcing }) { ranked.swapAt(0, forced) }
      guard let best = ranked.first else {
        throw Diagnostic("planning.kernel", at: graph.location(node), "no kernel computes \(node.op.mnemonic)")
      }
      steps.append(
        Step(
          node: node, layer: layer, kernel: best.kernel, cost: best.cost, rejected: Array(ranked.dropFirst()),
          scratchOffset: nil))
    }
    return place(graph, views, steps)
  }

  private func place(_ graph: Graph, _ views: Views, _ steps: [Step]) -> Plan {
    var locations: [TensorID: Location] = [:]
    for (position, id) in graph.inputs.enumerated() { locations[views.root(id)] = .input(position) }
    for (position, id) in graph.outputs.enumerated() { locations[views.root(id)] = .output(position) }
    var buffers: [ArenaLayout.Buffer] = []
    var owners: [TensorID] = []
    var lifetimes: [TensorID: (first: Int, last: Int)] = [:]
    for (index, step) in steps.enumerated() {
      for id in step.node.inputs + step.node.outputs where graph[id].constant == nil {
        let root = views.root(id)
        lifetimes[root] = (lifetimes[root]?.first ?? index, index)
      }
    }
    for step in steps {
      for id in step.node.outputs where locations[views.root(id)] == nil {
        let root = views.root(id)
        guard let lifetime = lifetimes[root] else { continue }
        let type = graph[root].type
        owners.append(root)
        buffers.append(
          ArenaLayout.Buffer(
            size: type.byteCount, alignment: type.element.size, first: lifetime.first, last: lifetime.last))
      }
    }
    let scratchStart = buffers.count
    let scratchSteps = steps.indices.filter { steps[$0].cost.scratch > 0 }
    for index in scratchSteps {
      buffers.append(ArenaLayout.Buffer(size: steps[index].cost.scratch, alignment: 4, first: index, last: index))
    }
    let arena = ArenaLayout(buffers)
    for (owner, offset) in zip(owners, arena.offsets) { locations[owner] = .arena(offset) }
    var placed = steps
    for (position, index) in scratchSteps.enumerated() {
      placed[index].scratchOffset = arena.offsets[scratchStart + position]
    }
    for id in graph.nodes.flatMap({ $0.inputs + $0.outputs }) {
      locations[id] = graph[id].constant != nil ? .constant : locations[views.root(id)]
    }
    return Plan(graph: graph, steps: placed, locations: locations, arena: arena)
  }
}

/// Reshapes whose output is the memory of their input, so that nothing has to run.
private struct Views {
  private var roots: [TensorID: TensorID] = [:]

  init(_ graph: Graph) {
    var fixed = Set(graph.inputs)
    let outputs = Set(graph.outputs)
    for node in graph.nodes where node.op is Reshape {
      let (source, target) = (root(node.inputs[0]), node.outputs[0])
      guard graph[source].constant == nil else { continue }
      if outputs.contains(target) {
        // Two buffers of the caller are never the same memory.
        guard !fixed.contains(source), !outputs.contains(source) else { continue }
        fixed.insert(source)
      }
      roots[target] = source
    }
  }

  func root(_ id: TensorID) -> TensorID { roots[id] ?? id }

  func isView(_ node: Node) -> Bool { node.op is Reshape && roots[node.outputs[0]] != nil }
}
