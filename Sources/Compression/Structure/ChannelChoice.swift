import IR
import Operators

/// Which classes of channels go.
struct ChannelChoice {
  /// Classes that the same layers make: the channels of one layer, or of several whose outputs are added.
  struct Group {
    /// Places in ``ChannelStructure/layers``, in their order.
    let layers: [Int]
    /// Places in ``ChannelStructure/classes`` of those that could go.
    let candidates: [Int]
  }

  private let structure: ChannelStructure
  private let scores: [Double?]
  let groups: [Group]
  /// Channels of each tensor that are left.
  private var left: [TensorID: Int] = [:]
  /// Numbers of the classes that go.
  private(set) var removed: Set<Int> = []

  /// - Parameter scores: of each class; those without can't go.
  init(_ structure: ChannelStructure, _ scores: [Double?]) {
    self.structure = structure
    self.scores = scores
    for id in structure.tensors { left[id] = structure.graph[id].type.channelCount }
    var places: [[Int]: Int] = [:]
    var groups: [(layers: [Int], candidates: [Int])] = []
    for (index, own) in structure.classes.enumerated() where !own.isFixed && scores[index] != nil {
      let layers = Array(Set(own.rows.map(\.layer))).sorted()
      if let place = places[layers] {
        groups[place].candidates.append(index)
      } else {
        places[layers] = groups.count
        groups.append((layers, [index]))
      }
    }
    self.groups = groups.map { Group(layers: $0.layers, candidates: $0.candidates) }
  }

  /// Removes a part of a group's channels, those that matter least first; of equal ones the first.
  mutating func remove(_ ratio: Double, of group: Int) {
    let candidates = groups[group].candidates
    remove(candidates.map { ($0, scores[$0] ?? 0) }, count: Self.count(candidates.count, ratio))
  }

  /// Removes a part of the channels of several groups, wherever they matter least.
  ///
  /// - Parameter isComparable: whether scores of different groups are in one unit. Otherwise each counts as a part of its
  ///   group's mean.
  mutating func remove(_ ratio: Double, ofAll groups: [Int], isComparable: Bool) {
    let all = groups.flatMap { group in
      let candidates = self.groups[group].candidates
      let mean = candidates.reduce(0) { $0 + (scores[$1] ?? 0) } / Double(max(1, candidates.count))
      let unit = isComparable || mean <= 0 ? 1 : mean
      return candidates.map { ($0, (scores[$0] ?? 0) / unit) }
    }
    remove(all, count: Self.count(all.count, ratio))
  }

  private static func count(_ candidates: Int, _ ratio: Double) -> Int { Int((Double(candidates) * ratio).rounded()) }

  private mutating func remove(_ candidates: [(index: Int, score: Double)], count: Int) {
    var rest = count
    for (index, _) in candidates.sorted(by: { ($0.score, $0.index) < ($1.score, $1.index) }) where rest > 0 {
      let own = structure.classes[index]
      var lost: [TensorID: Int] = [:]
      for member in own.members { lost[member.tensor, default: 0] += 1 }
      // Every tensor keeps a channel.
      guard lost.allSatisfy({ $1 < left[$0] ?? 0 }) else { continue }
      for (id, count) in lost { left[id, default: 0] -= count }
      removed.insert(own.number)
      rest -= 1
    }
  }

  /// How many channels of a group go.
  func removedCount(_ group: Int) -> Int {
    groups[group].candidates.count { removed.contains(structure.classes[$0].number) }
  }
}
