import IR
import Operators

/// The tensors of a graph that need memory: which share one place, and when each of them is needed.
struct TensorMemory {
  let graph: Graph
  /// The nodes that run, in their order.
  let nodes: [Node]
  /// Where tensors lie that the caller owns.
  let callers: [TensorID: Location]
  /// First and last step that mention a tensor, by the tensor whose memory it is.
  let lifetimes: [TensorID: ClosedRange<Int>]
  /// The tensors of the arena, in the order of the steps that write them.
  let owners: [TensorID]
  private let views: Views

  /// The input that comes by rows, when there is one.
  let streamed: TensorID?

  /// - Parameters:
  ///   - reused: inputs and outputs that lie in the arena.
  ///   - isStreamed: the only input comes by rows.
  init(_ graph: Graph, _ reused: ReusedBuffers, isStreamed: Bool) {
    let views = Views(graph)
    let nodes = graph.nodes.filter { !views.isView($0) }
    var callers: [TensorID: Location] = [:]
    if !reused.inputs && !isStreamed {
      for (position, id) in graph.inputs.enumerated() { callers[views.root(id)] = .input(position) }
    }
    if !reused.outputs {
      for (position, id) in graph.outputs.enumerated() { callers[views.root(id)] = .output(position) }
    }
    var lifetimes: [TensorID: ClosedRange<Int>] = [:]
    for (index, node) in nodes.enumerated() {
      for id in node.inputs + node.outputs where graph[id].constant == nil {
        let root = views.root(id)
        lifetimes[root] = (lifetimes[root]?.lowerBound ?? index)...index
      }
    }
    // Inputs are there before the first layer runs, outputs behind the last one.
    let ends = [(graph.inputs, 0), (graph.outputs, max(0, nodes.count - 1))]
    for (tensors, step) in ends {
      for id in tensors.map(views.root) where callers[id] == nil {
        let time = lifetimes[id] ?? step...step
        lifetimes[id] = min(time.lowerBound, step)...max(time.upperBound, step)
      }
    }
    var owners = graph.inputs.map(views.root).filter { callers[$0] == nil }
    for id in nodes.flatMap(\.outputs).map(views.root) where callers[id] == nil && lifetimes[id] != nil {
      if !owners.contains(id) { owners.append(id) }
    }
    streamed = isStreamed ? graph.inputs.first.map(views.root) : nil
    (self.graph, self.nodes, self.callers, self.lifetimes, self.owners, self.views) =
      (graph, nodes, callers, lifetimes, owners, views)
  }

  /// The tensor whose memory `id` is.
  func root(_ id: TensorID) -> TensorID { views.root(id) }

  /// The graph with its nodes in the order `order`, indices of ``nodes``; views come as soon as their tensors are there.
  func reordered(_ order: [Int]) -> Graph {
    var graph = graph
    var pending = graph.nodes.filter(views.isView)
    var known = Set(graph.inputs)
    var nodes: [Node] = []
    func append(_ node: Node) {
      nodes.append(node)
      known.formUnion(node.outputs)
    }
    for index in order {
      append(self.nodes[index])
      while let next = pending.firstIndex(where: {
        $0.inputs.allSatisfy { graph[$0].constant != nil || known.contains($0) }
      }) {
        append(pending.remove(at: next))
      }
    }
    graph.nodes = nodes + pending
    return graph
  }

  /// The layers of `steps` as a chain; nil when they can't run together.
  func chain(_ steps: ClosedRange<Int>, _ layers: [Layer], rows: Int) -> Chain? {
    Chain(
      steps, steps.map { (nodes[$0], layers[$0]) }, rows: rows, stream: steps.lowerBound == 0 ? streamed : nil,
      root: root
    ) {
      callers[$0] != nil || graph.outputs.map(root).contains($0)
        || (lifetimes[$0]?.upperBound ?? .max) > steps.upperBound
    }
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
