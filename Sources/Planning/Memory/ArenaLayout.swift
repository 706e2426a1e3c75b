package import Operators

/// Offsets of buffers in one block of memory, such that buffers which are needed at the same time do not overlap, unless an
/// output may lie over an input.
package struct ArenaLayout: Equatable, Sendable {
  /// A buffer that is needed from the step `first` to the step `last`.
  package struct Buffer: Equatable, Sendable {
    package let size: Int
    package let alignment: Int
    package let first: Int
    package let last: Int

    package init(size: Int, alignment: Int, first: Int, last: Int) {
      self.size = size
      self.alignment = alignment
      self.first = first
      self.last = last
    }

    func overlapsInTime(_ other: Buffer) -> Bool { first <= other.last && other.first <= last }
  }

  /// An output that may lie over an input, both as indices of buffers.
  package struct Share: Equatable, Sendable {
    package let input: Int
    package let output: Int
    package let overlap: Overlap

    package init(input: Int, output: Int, overlap: Overlap) {
      self.input = input
      self.output = output
      self.overlap = overlap
    }

    /// The most bytes that input and output can have in common.
    func saving(input: Int, output: Int) -> Int { max(0, min(output - max(0, overlap.distance), input)) }
  }

  package let buffers: [Buffer]
  package let shares: [Share]
  /// Offset of each buffer in bytes.
  package private(set) var offsets: [Int]
  /// Size of the block in bytes.
  package private(set) var size: Int
  /// No layout can be smaller: the most bytes that are needed during one step, less what outputs and inputs can share.
  package let lowerBound: Int
  /// No other layout is smaller.
  package var isOptimal: Bool { size == lowerBound }

  /// - Parameter effort: how many orders are tried, beyond the first few, until one reaches the lower bound.
  package init(_ buffers: [Buffer], shares: [Share] = [], effort: Int = 0) {
    self.buffers = buffers
    self.shares = shares
    lowerBound = Self.lowerBound(buffers, shares)
    let placer = Placer(buffers, shares)
    let bySize = buffers.indices.sorted {
      (buffers[$1].size, buffers[$0].first, $0) < (buffers[$0].size, buffers[$1].first, $1)
    }
    let byTime = buffers.indices.sorted { (buffers[$0].first, $0) < (buffers[$1].first, $1) }
    var order = bySize
    (offsets, size) = placer.place(order)
    for other in [byTime, byTime.reversed()] where size > lowerBound {
      let (offsets, size) = placer.place(other)
      if size < self.size { (self.offsets, self.size, order) = (offsets, size, other) }
    }
    guard buffers.count > 2, effort > 0 else { return }
    // Two buffers of the best order so far change places.
    var random = SmallRandom()
    for _ in 0..<effort where size > lowerBound {
      var next = order
      next.swapAt(random.next(below: next.count), random.next(below: next.count))
      let (offsets, size) = placer.place(next)
      if size <= self.size { (self.offsets, self.size, order) = (offsets, size, next) }
    }
  }

  private static func lowerBound(_ buffers: [Buffer], _ shares: [Share]) -> Int {
    let outputs = Set(shares.map(\.output)).sorted()
    let steps = Set(buffers.map(\.first))
    var bound = 0
    for step in steps {
      func isLive(_ index: Int) -> Bool { buffers[index].first <= step && step <= buffers[index].last }
      var bytes = buffers.indices.reduce(0) { $0 + (isLive($1) ? buffers[$1].size : 0) }
      for output in outputs where isLive(output) {
        let own = shares.filter { $0.output == output && isLive($0.input) }
        let saving = own.reduce(0) {
          $0 + $1.saving(input: buffers[$1.input].size, output: buffers[output].size)
        }
        bytes -= min(saving, buffers[output].size)
      }
      bound = max(bound, bytes)
    }
    return bound
  }
}

/// Places buffers one after the other, each at the lowest offset that is free for its time.
private struct Placer {
  let buffers: [ArenaLayout.Buffer]
  /// The shares of a buffer, as (the other buffer, whether the other one is the input, overlap).
  private var shares: [Int: [(other: Int, isInput: Bool, overlap: Overlap)]] = [:]
  private let neighbours: [[Int]]

  init(_ buffers: [ArenaLayout.Buffer], _ shares: [ArenaLayout.Share]) {
    self.buffers = buffers
    for share in shares {
      self.shares[share.output, default: []].append((share.input, true, share.overlap))
      self.shares[share.input, default: []].append((share.output, false, share.overlap))
    }
    neighbours = buffers.indices.map { index in
      buffers.indices.filter { $0 != index && buffers[index].overlapsInTime(buffers[$0]) && buffers[$0].size > 0 }
    }
  }

  func place(_ order: [Int]) -> (offsets: [Int], size: Int) {
    var offsets = [Int](repeating: -1, count: buffers.count)
    var size = 0
    for index in order {
      let buffer = buffers[index]
      let others = neighbours[index].filter { offsets[$0] >= 0 }
      func aligned(_ offset: Int) -> Int { (offset + buffer.alignment - 1) / buffer.alignment * buffer.alignment }
      var candidates = [0] + others.map { aligned(offsets[$0] + buffers[$0].size) }
      let own = shares[index] ?? []
      for share in own where offsets[share.other] >= 0 {
        let (other, step) = (offsets[share.other], share.overlap.step)
        candidates.append(other % step)
        // The place closest to the limit, and the first one above 0 that keeps the step.
        let limit = share.isInput ? other - share.overlap.distance : other + share.overlap.distance
        candidates.append(limit >= 0 ? limit : other % step)
      }
      func isFree(_ offset: Int) -> Bool {
        others.allSatisfy { other in
          if offset >= offsets[other] + buffers[other].size || offset + buffer.size <= offsets[other] { return true }
          return own.contains {
            $0.other == other
              && ($0.isInput
                ? $0.overlap.allows(input: offsets[other], output: offset)
                : $0.overlap.allows(input: offset, output: offsets[other]))
          }
        }
      }
      let offset = candidates.filter { $0.isMultiple(of: buffer.alignment) && isFree($0) }.min() ?? aligned(size)
      offsets[index] = offset
      size = max(size, offset + buffer.size)
    }
    return (offsets, size)
  }
}

/// Numbers that are the same on every machine and in every run (xorshift64*).
private struct SmallRandom {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next(below bound: Int) -> Int {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % bound
  }
}
