import IR
import Operators

/// Looks for the order of a graph's nodes in which the fewest bytes of tensors are in use at once.
///
/// The search is exact: it goes through the sets of nodes that can have run, those with the smallest peak first. Networks are
/// narrow, so there are few such sets; where there are more than a bound, the order stays as it is.
struct ExecutionOrder {
  private static let mostWork = 1 << 22

  private let nodes: [Node]
  /// For each node the tensors of the arena that it reads and writes.
  private let reads: [[TensorID]]
  private let writes: [[TensorID]]
  private let sizes: [TensorID: Int]
  /// The nodes that read a tensor or a part of it, and those that write one.
  private let readers: [TensorID: [Int]]
  private let writers: [TensorID: [Int]]
  /// The nodes that must run before a node.
  private let dependencies: [[Int]]

  init(_ memory: TensorMemory) {
    nodes = memory.nodes
    let owned = Set(memory.owners)
    func unique(_ ids: [TensorID]) -> [TensorID] {
      ids.map(memory.root).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    reads = memory.nodes.map { node in unique(node.inputs).filter { owned.contains($0) } }
    writes = memory.nodes.map { node in unique(node.outputs).filter { owned.contains($0) } }
    sizes = Dictionary(uniqueKeysWithValues: memory.owners.map { ($0, memory.graph[$0].type.byteCount) })
    func users(_ tensors: [[TensorID]]) -> [TensorID: [Int]] {
      var users: [TensorID: [Int]] = [:]
      for (index, own) in tensors.enumerated() {
        for tensor in own { users[tensor, default: []].append(index) }
      }
      return users
    }
    (readers, writers) = (users(reads), users(writes))
    // What must have run before a tensor is there; nodes for which nothing runs hand it on.
    var producers: [TensorID: Set<Int>] = [:]
    var dependencies: [[Int]] = []
    for node in memory.graph.nodes {
      let before = node.inputs.reduce(into: Set<Int>()) { $0.formUnion(producers[$1] ?? []) }
      let isView = memory.isView(node)
      for id in node.outputs { producers[id] = isView ? before : [dependencies.count] }
      if isView { continue }
      // What a state becomes is written over what it was, after the nodes that read that.
      let isLast = node.outputs.contains(where: memory.isNextState)
      dependencies.append(isLast ? Array(dependencies.indices) : before.sorted())
    }
    self.dependencies = dependencies
  }

  private struct State {
    /// The nodes that have run, a bit for each.
    let done: [UInt64]
    let peak: Int
    /// What all steps have in use, to the fourth power: orders with the same peak differ by their other large steps.
    let sum: Double
    let live: Int
    let last: Int
    let before: Int
  }

  /// The nodes in the best order, as indices; nil when the given order is as good, or the search too long.
  func best() -> [Int]? {
    let words = (nodes.count + 63) / 64
    let most = Self.mostWork / max(1, nodes.count * words)
    guard nodes.count > 2, most > nodes.count else { return nil }
    var states = [State(done: [UInt64](repeating: 0, count: words), peak: 0, sum: 0, live: 0, last: -1, before: -1)]
    var queue = Heap()
    queue.insert(Heap.Entry(peak: 0, sum: 0, state: 0))
    var seen: Set<[UInt64]> = []
    while let index = queue.removeFirst()?.state {
      let state = states[index]
      guard seen.insert(state.done).inserted else { continue }
      func isDone(_ node: Int) -> Bool { state.done[node / 64] >> (node % 64) & 1 == 1 }
      let ready = nodes.indices.filter { !isDone($0) && dependencies[$0].allSatisfy(isDone) }
      if ready.isEmpty { return order(states, index) }
      guard states.count < most else { return nil }
      for node in ready {
        let dying = reads[node].filter { tensor in
          ((readers[tensor] ?? []) + (writers[tensor] ?? [])).allSatisfy { $0 == node || isDone($0) }
        }
        // Memory of which others write parts is needed from the first of them on.
        let new = writes[node].filter { tensor in !(writers[tensor] ?? []).contains(where: isDone) }
        let written = new.reduce(0) { $0 + (sizes[$1] ?? 0) }
        let freed = dying.reduce(0) { $0 + (sizes[$1] ?? 0) }
        // Most operators can write over what they read last.
        let shared = nodes[node].op is any SpatialOperator ? min(written, freed) : 0
        var done = state.done
        done[node / 64] |= 1 << (node % 64)
        let used = state.live + written - shared
        let next = State(
          done: done, peak: max(state.peak, used), sum: state.sum + power(used), live: state.live + written - freed,
          last: node, before: index)
        queue.insert(Heap.Entry(peak: next.peak, sum: next.sum, state: states.count))
        states.append(next)
      }
    }
    return nil
  }

  private func power(_ bytes: Int) -> Double {
    let square = Double(bytes) * Double(bytes)
    return square * square
  }

  private func order(_ states: [State], _ end: Int) -> [Int]? {
    var order: [Int] = []
    var index = end
    while states[index].last >= 0 {
      order.append(states[index].last)
      index = states[index].before
    }
    order.reverse()
    return order == Array(nodes.indices) ? nil : order
  }
}

/// A queue of states, the one with the smallest peak and sum first; the older one of equals.
private struct Heap {
  struct Entry {
    let peak: Int
    let sum: Double
    let state: Int

    static func < (a: Entry, b: Entry) -> Bool { (a.peak, a.sum, a.state) < (b.peak, b.sum, b.state) }
  }

  private var entries: [Entry] = []

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var index = entries.count - 1
    while index > 0, entries[index] < entries[(index - 1) / 2] {
      entries.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func removeFirst() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var index = 0
    while true {
      let smallest = [2 * index + 1, 2 * index + 2].filter { $0 < entries.count }.min { entries[$0] < entries[$1] }
      guard let smallest, entries[smallest] < entries[index] else { return first }
      entries.swapAt(index, smallest)
      index = smallest
    }
  }
}
