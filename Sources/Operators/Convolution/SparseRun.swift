/// The weights of a row that are not zero, each with the distance from the one before it, for kernels that walk only these.
struct SparseRun {
  struct Entry: Equatable {
    /// Elements from the entry before; the first one counts from element 0.
    let distance: Int
    let weight: Int32
  }

  private(set) var entries: [Entry] = []

  /// - Parameters:
  ///   - reach: the largest distance; larger gaps are bridged by weights of zero.
  ///   - magnitude: the largest magnitude of an entry; larger weights are divided between two entries.
  ///   - isTaken: weights that do not count as zero.
  init(
    _ weights: ArraySlice<Int32>, reach: Int, magnitude: Int32 = 128, where isTaken: (Int32) -> Bool = { $0 != 0 }
  ) {
    var last = 0
    for (position, weight) in weights.enumerated() where isTaken(weight) {
      while position - last > reach {
        entries.append(Entry(distance: reach, weight: 0))
        last += reach
      }
      let first = min(max(weight, -magnitude), magnitude)
      entries.append(Entry(distance: position - last, weight: first))
      if first != weight { entries.append(Entry(distance: 0, weight: weight - first)) }
      last = position
    }
  }

  /// Entries two to a word, the first one in the upper half; an odd number of them is filled up with zero bits.
  ///
  /// - Parameter pack: the 16 bits of an entry.
  func words(_ pack: (Entry) -> UInt32) -> [Int32] {
    stride(from: 0, to: entries.count, by: 2).map { first in
      let second = first + 1 < entries.count ? pack(entries[first + 1]) : 0
      return Int32(bitPattern: pack(entries[first]) << 16 | second)
    }
  }
}
