/// Offsets of buffers in one block of memory, such that buffers which are needed at the same time do not overlap.
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

  package let buffers: [Buffer]
  /// Offset of each buffer in bytes.
  package let offsets: [Int]
  /// Size of the block in bytes.
  package let size: Int
  /// No layout can be smaller: the most bytes that are needed during one step.
  package let lowerBound: Int

  /// Places the largest buffers first, each at the lowest offset that is free for its time.
  package init(_ buffers: [Buffer]) {
    self.buffers = buffers
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    let order = buffers.indices.sorted {
      (buffers[$1].size, buffers[$0].first, $0) < (buffers[$0].size, buffers[$1].first, $1)
    }
    for index in order {
      let buffer = buffers[index]
      var offset = 0
      for other in placed.sorted(by: { (offsets[$0], $0) < (offsets[$1], $1) })
      where buffers[other].overlapsInTime(buffer) && buffers[other].size > 0 {
        if offset + buffer.size <= offsets[other] { break }
        let end = offsets[other] + buffers[other].size
        offset = max(offset, (end + buffer.alignment - 1) / buffer.alignment * buffer.alignment)
      }
      offsets[index] = offset
      placed.append(index)
    }
    self.offsets = offsets
    size = buffers.indices.map { offsets[$0] + buffers[$0].size }.max() ?? 0
    let steps = Set(buffers.map(\.first))
    lowerBound =
      steps.map { step in buffers.reduce(0) { $0 + ($1.first <= step && step <= $1.last ? $1.size : 0) } }.max() ?? 0
  }
}
