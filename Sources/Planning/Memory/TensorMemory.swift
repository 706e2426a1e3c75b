import IR
import Operators

/// The tensors of a graph that need memory: which lie in the memory of others, and when each of them is needed.
struct TensorMemory {
  let graph: Graph
  /// The nodes that run, in their order.
  let nodes: [Node]
  /// Where tensors lie that the caller owns, or that last from one inference to the next.
  let callers: [TensorID: Location]
  /// First and last step that mention a tensor, by the tensor in whose memory it lies.
  let lifetimes: [TensorID: ClosedRange<Int>]
  /// The tensors of the arena, in the order of the steps that write them.
  let owners: [TensorID]
  /// The input that comes by rows, when there is one.
  let streamed: TensorID?
  private let views: TensorViews
  private let reused: ReusedBuffers

  /// - Parameters:
  ///   - reused: inputs and outputs that lie in the arena.
  ///   - isStreamed: the only input comes by rows.
  init(_ graph: Graph, _ reused: ReusedBuffers, isStreamed: Bool) {
    let streamed = isStreamed ? graph.inputs.first : nil
    self.init(graph, reused, streamed: streamed, TensorViews(graph, reused, streamed: streamed))
  }

  private init(_ graph: Graph, _ reused: ReusedBuffers, streamed: TensorID?, _ views: TensorViews) {
    (self.reused, self.streamed) = (reused, streamed)
    let nodes = graph.nodes.filter { !views.isView($0) }
    var callers: [TensorID: Location] = [:]
    if !reused.inputs && streamed == nil {
      for (position, id) in graph.inputs.enumerated() { callers[id] = .input(position) }
    }
    if !reused.outputs { for (position, id) in graph.outputs.enumerated() { callers[id] = .output(position) } }
    for (position, state) in graph.states.enumerated() {
      callers[state.current] = .state(position)
      callers[state.next] = .state(position)
    }
    var lifetimes: [TensorID: ClosedRange<Int>] = [:]
    for (index, node) in nodes.enumerated() {
      for id in node.inputs + node.outputs where graph[id].constant == nil {
        let root = views.place(id).root
        lifetimes[root] = (lifetimes[root]?.lowerBound ?? index)...index
      }
    }
    // Inputs are there before the first layer runs, outputs behind the last one.
    let ends = [(graph.inputs, 0), (graph.outputs, max(0, nodes.count - 1))]
    for (tensors, step) in ends {
      for id in tensors where callers[id] == nil {
        let time = lifetimes[id] ?? step...step
        lifetimes[id] = min(time.lowerBound, step)...max(time.upperBound, step)
      }
    }
    var owners = graph.inputs.filter { callers[$0] == nil }
    for id in nodes.flatMap(\.outputs).map({ views.place($0).root }) where callers[id] == nil && lifetimes[id] != nil {
      if !owners.contains(id) { owners.append(id) }
    }
    (self.graph, self.nodes, self.callers, self.lifetimes, self.owners, self.views) =
      (graph, nodes, callers, lifetimes, owners, views)
  }

  /// The tensor in whose memory `id` lies.
  func root(_ id: TensorID) -> TensorID { views.place(id).root }

  /// Whether nothing runs for a node, since its outputs lie where they belong.
  func isView(_ node: Node) -> Bool { views.isView(node) }

  /// Whether it is what a state becomes, in the state's memory.
  func isNextState(_ id: TensorID) -> Bool { graph.states.contains { $0.next == id } }

  /// Whether a tensor is all of the memory in which it lies; others share it with tensors that are written at other times.
  func isWhole(_ id: TensorID) -> Bool { views.isWhole(id) }

  /// Where a tensor lies when the one in whose memory it is lies at `location`.
  func location(_ id: TensorID, in location: Location) -> Location { location.moved(views.place(id).offset) }

  /// The same tensors in the same places when the nodes run in the order `order`, indices of ``nodes``.
  func reordered(_ order: [Int]) -> TensorMemory {
    TensorMemory(reorderedGraph(order), reused, streamed: streamed, views)
  }

  /// Nodes for which nothing runs come as soon as their tensors are there.
  private func reorderedGraph(_ order: [Int]) -> Graph {
    var graph = graph
    var pending = graph.nodes.filter(views.isView)
    var known = Set(graph.sources)
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
    let tensors = steps.flatMap { nodes[$0].inputs + nodes[$0].outputs }
    guard tensors.allSatisfy(isWhole) else { return nil }
    return Chain(
      steps, steps.map { (nodes[$0], layers[$0]) }, rows: rows, stream: steps.lowerBound == 0 ? streamed : nil,
      root: root
    ) { callers[$0] != nil || graph.results.contains($0) || (lifetimes[$0]?.upperBound ?? .max) > steps.upperBound }
  }
}
