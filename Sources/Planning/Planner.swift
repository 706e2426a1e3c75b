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

  package func plan(_ graph: Graph, _ request: SelectionRequest = SelectionRequest()) throws(Diagnostic) -> Plan {
    let memory = TensorMemory(graph)
    var candidates: [KernelSelection.Candidates] = []
    for (step, node) in memory.nodes.enumerated() {
      let layer = Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node))
      let own = try selection.candidates(
        layer, step: step, output: node.outputs[0], live: memory.live(at: step), request)
      guard !own.options.isEmpty else {
        throw Diagnostic("planning.kernel", at: graph.location(node), "no kernel computes \(node.op.mnemonic)")
      }
      candidates.append(own)
    }
    let callers = (graph.inputs + graph.outputs).reduce(0) { $0 + graph[$1].type.byteCount }
    guard let (choices, summary) = selection.choose(candidates, budgets: request.budgets, otherRAM: callers) else {
      throw Diagnostic("planning.selection", at: .file(graph.file), "no kernels could be chosen")
    }
    let steps = zip(memory.nodes, zip(candidates, choices)).map { node, pair in
      let (own, (pick, choice)) = pair
      let order = own.options.indices.filter { $0 != pick }.sorted {
        (own.options[$0].cost.cycles, $0) < (own.options[$1].cost.cycles, $1)
      }
      return Step(
        node: node, layer: own.layer, kernel: own.options[pick].kernel, cost: own.options[pick].cost,
        rejected: order.map { (own.options[$0].kernel, own.options[$0].cost) }, choice: choice, scratchOffset: nil)
    }
    return memory.place(graph, steps, summary)
  }
}

/// The tensors of a graph in the arena: when each of them is needed, whatever the kernels are.
private struct TensorMemory {
  /// The nodes that run, in their order.
  let nodes: [Node]
  private let views: Views
  private var locations: [TensorID: Location] = [:]
  private var buffers: [ArenaLayout.Buffer] = []
  /// The tensors in `buffers`.
  private var owners: [TensorID] = []

  init(_ graph: Graph) {
    let views = Views(graph)
    self.views = views
    nodes = graph.nodes.filter { !views.isView($0) }
    for (position, id) in graph.inputs.enumerated() { locations[views.root(id)] = .input(position) }
    for (position, id) in graph.outputs.enumerated() { locations[views.root(id)] = .output(position) }
    var lifetimes: [TensorID: (first: Int, last: Int)] = [:]
    for (index, node) in nodes.enumerated() {
      for id in node.inputs + node.outputs where graph[id].constant == nil {
        let root = views.root(id)
        lifetimes[root] = (lifetimes[root]?.first ?? index, index)
      }
    }
    for node in nodes {
      for id in node.outputs where locations[views.root(id)] == nil {
        let root = views.root(id)
        guard let lifetime = lifetimes[root] else { continue }
        let type = graph[root].type
        owners.append(root)
        buffers.append(
          ArenaLayout.Buffer(
            size: type.byteCount, alignment: type.element.size, first: lifetime.first, last: lifetime.last))
      }
    }
  }

  /// Bytes that are needed during a step.
  func live(at step: Int) -> Int {
    buffers.reduce(0) { $0 + ($1.first <= step && step <= $1.last ? $1.size : 0) }
  }

  /// Lays out the tensors and the working memory of the steps.
  func place(_ graph: Graph, _ steps: [Step], _ selection: SelectionSummary) -> Plan {
    let scratchSteps = steps.indices.filter { steps[$0].cost.scratch > 0 }
    let scratch = scratchSteps.map { index in
      ArenaLayout.Buffer(size: steps[index].cost.scratch, alignment: 4, first: index, last: index)
    }
    let arena = ArenaLayout(buffers + scratch)
    var locations = locations
    for (owner, offset) in zip(owners, arena.offsets) { locations[owner] = .arena(offset) }
    var placed = steps
    for (position, index) in scratchSteps.enumerated() {
      placed[index].scratchOffset = arena.offsets[buffers.count + position]
    }
    for id in graph.nodes.flatMap({ $0.inputs + $0.outputs }) {
      locations[id] = graph[id].constant != nil ? .constant : locations[views.root(id)]
    }
    return Plan(graph: graph, steps: placed, locations: locations, arena: arena, selection: selection)
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
