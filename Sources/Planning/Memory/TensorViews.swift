import IR
import Operators

/// Tensors that lie in the memory of others, so that nothing has to run where elements only move as blocks.
///
/// A reshape's output is its input. Parts of a split along its outermost axis, and slices of whole rows, lie in the tensor that
/// they are cut from; the inputs of a concatenation along its outermost axis are written where its output has them. An axis is
/// outermost when those before it have the size 1.
///
/// Memory is needed from the first time that anything is written into it until the last time that anything in it is read. That
/// can be more than copies would need, and then they stay copies.
struct TensorViews {
  /// A place in the memory of a tensor that lies in no other one.
  struct Place: Equatable {
    var root: TensorID
    /// In bytes.
    var offset: Int
  }

  private let graph: Graph
  /// By the index of a tensor.
  private var places: [Place]
  /// Whether nothing runs for a node, by its position.
  private var isDone: [Bool]
  /// The first outputs of these nodes.
  private var viewed: Set<TensorID> = []
  /// Inputs, outputs and states of the graph: each has a memory of its own.
  private let fixed: Set<TensorID>
  /// What states become: written after everything that reads what they were.
  private let states: Set<TensorID>
  /// Those that are in buffers of the caller.
  private let callers: Set<TensorID>
  private let streamed: TensorID?
  /// The positions of the first and the last node that mention a tensor.
  private let mentions: [ClosedRange<Int>?]

  /// - Parameter streamed: an input of which only some rows are in memory at a time.
  init(_ graph: Graph, _ reused: ReusedBuffers, streamed: TensorID?) {
    self.graph = graph
    places = graph.tensors.indices.map { Place(root: TensorID($0), offset: 0) }
    isDone = [Bool](repeating: false, count: graph.nodes.count)
    fixed = Set(graph.sources + graph.results)
    states = Set(graph.states.map(\.next))
    callers = Set(
      graph.states.flatMap { [$0.current, $0.next] } + (reused.inputs || streamed != nil ? [] : graph.inputs)
        + (reused.outputs ? [] : graph.outputs))
    self.streamed = streamed
    var mentions = [ClosedRange<Int>?](repeating: nil, count: graph.tensors.count)
    for (position, node) in graph.nodes.enumerated() {
      for id in node.inputs + node.outputs where graph[id].constant == nil {
        mentions[id.index] = (mentions[id.index]?.lowerBound ?? position)...position
      }
    }
    for (ids, position) in [(graph.inputs, 0), (graph.outputs, max(0, graph.nodes.count - 1))] {
      for id in ids {
        let time = mentions[id.index] ?? position...position
        mentions[id.index] = min(time.lowerBound, position)...max(time.upperBound, position)
      }
    }
    self.mentions = mentions
    var peak = self.peak
    for (position, node) in graph.nodes.enumerated() {
      let layer = Layer(
        node.op, inputs: node.inputs.map { Operand(graph[$0].type) }, outputs: graph.outputTypes(node))
      guard let blocks = layer.blockCopies else { continue }
      var next = self
      guard next.place(node, blocks) else { continue }
      next.isDone[position] = true
      let nextPeak = next.peak
      guard nextPeak <= peak else { continue }
      (places, isDone, peak) = (next.places, next.isDone, nextPeak)
      viewed.insert(node.outputs[0])
    }
  }

  func place(_ id: TensorID) -> Place { places[id.index] }

  /// The tensor is all of the memory in which it lies.
  func isWhole(_ id: TensorID) -> Bool {
    let place = place(id)
    return place.offset == 0 && graph[place.root].type.byteCount == graph[id].type.byteCount
  }

  /// Whether nothing runs for a node.
  func isView(_ node: Node) -> Bool { viewed.contains(node.outputs[0]) }

  /// Finds places for a node's tensors so that nothing has to be copied.
  private mutating func place(_ node: Node, _ blocks: [BlockCopy]) -> Bool {
    let mentioned = node.inputs + node.outputs
    guard node.inputs.allSatisfy({ graph[$0].constant == nil }), !node.outputs.contains(where: states.contains),
      mentioned.allSatisfy({ graph[$0].type.element == graph[mentioned[0]].type.element })
    else { return false }
    let covered = blocks.reduce(0) { $0 + $1.count }
    func elements(_ ids: [TensorID]) -> Int { ids.reduce(0) { $0 + graph[$1].type.shape.elementCount } }
    if node.inputs.count == 1, covered == elements(node.outputs), !node.outputs.contains(where: fixed.contains) {
      return cut(node, blocks)
    }
    return node.outputs.count == 1 && covered == elements(node.inputs) && covered == elements(node.outputs)
      && join(node, blocks)
  }

  /// The outputs lie in the input.
  private mutating func cut(_ node: Node, _ blocks: [BlockCopy]) -> Bool {
    guard blocks.map(\.output) == Array(node.outputs.indices), blocks.allSatisfy({ $0.target == 0 }) else {
      return false
    }
    let source = place(node.inputs[0])
    for (block, output) in zip(blocks, node.outputs) {
      places[output.index] = Place(
        root: source.root, offset: source.offset + block.source * graph[output].type.element.size)
    }
    return source.root != streamed || node.outputs.allSatisfy(isWhole)
  }

  /// The inputs lie in the output, with everything that lies in them.
  private mutating func join(_ node: Node, _ blocks: [BlockCopy]) -> Bool {
    let roots = node.inputs.map { place($0).root }
    guard blocks.map(\.input) == Array(node.inputs.indices), blocks.allSatisfy({ $0.source == 0 }),
      Set(roots).count == roots.count, node.inputs.allSatisfy(isWhole), !roots.contains(where: fixed.contains)
    else { return false }
    let output = node.outputs[0]
    let size = graph[output].type.element.size
    let starts = Dictionary(uniqueKeysWithValues: zip(roots, blocks.map { $0.target * size }))
    for index in places.indices {
      guard let start = starts[places[index].root] else { continue }
      places[index].root = output
      places[index].offset += start
    }
    return true
  }

  /// The most bytes that tensors need outside of the caller's buffers while a node runs, without working memory.
  private var peak: Int {
    var times = [ClosedRange<Int>?](repeating: nil, count: places.count)
    for (place, mention) in zip(places, mentions) {
      guard let mention else { continue }
      let before = times[place.root.index] ?? mention
      times[place.root.index] =
        min(before.lowerBound, mention.lowerBound)...max(before.upperBound, mention.upperBound)
    }
    var changes = [Int](repeating: 0, count: isDone.count + 1)
    for (index, time) in times.enumerated() {
      let id = TensorID(index)
      guard let time, !callers.contains(id) else { continue }
      changes[time.lowerBound] += graph[id].type.byteCount
      changes[time.upperBound + 1] -= graph[id].type.byteCount
    }
    var (live, peak) = (0, 0)
    for position in isDone.indices {
      live += changes[position]
      if !isDone[position] { peak = max(peak, live) }
    }
    return peak
  }
}
