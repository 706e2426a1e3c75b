/// Where sums of products in the 16-bit halves (lanes) of a word must be emptied before they overflow.
///
/// A product of a weight and an int8 value lies between −128 and 127 times the weight. A block of weights is short enough when
/// the sum of these bounds is a 16-bit number for every lane that shares the block.
package enum LaneBlocks {
  /// The weights of a row, four to a word, as the C function `lane_sums` reads them.
  package struct Words: Equatable, Sendable {
    /// The first weight in the lowest byte; zeros fill the last word.
    package var words: [Int32] = []
    /// The last two weights of words that are too large for two 16-bit sums, where the word has zeros: as bytes, for each of
    /// them the number of words between it and the one before, then the two. ``end`` follows behind the last one.
    package var pairs: [Int32] = []
    /// How many they are.
    package var pairCount = 0
  }

  /// What stands in place of a distance behind the last pair.
  package static let end: Int32 = -1
  /// The largest distance in one byte.
  private static let farthest = 254

  /// - Returns: nil when half of a word is too large by itself, which only −128 twice is.
  package static func words(_ row: [Int32]) -> Words? {
    let padded = row + [Int32](repeating: 0, count: (4 - row.count % 4) % 4)
    var result = Words()
    var skipped = 0
    for start in stride(from: 0, to: padded.count, by: 4) {
      var four = Array(padded[start..<start + 4])
      if fits(four[...]) {
        skipped += 1
      } else {
        guard fits(four.prefix(2)), fits(four.suffix(2)) else { return nil }
        while skipped > farthest {
          result.append(skip: farthest, 0, 0)
          skipped -= farthest + 1
        }
        result.append(skip: skipped, four[2], four[3])
        (four[2], four[3], skipped) = (0, 0, 0)
      }
      let bytes = four.map { UInt32(UInt8(truncatingIfNeeded: $0)) }
      result.words.append(Int32(bitPattern: bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24))
    }
    result.pairs.append(end)
    return result
  }

  /// The largest number of neighbours that can form a block everywhere, when all blocks of all rows are equally long.
  ///
  /// - Parameter rows: the sum of the weights' magnitudes of each element that is not divided.
  /// - Returns: at least 1. Sums of words then fit into 32 bits with their sign, and so do all sums on the way.
  package static func commonLength(_ rows: [[Int]]) -> Int {
    let longest = rows.map(\.count).max() ?? 1
    var length = max(1, longest)
    while length > 1 {
      let fits = rows.allSatisfy { row in
        stride(from: 0, to: row.count, by: length).allSatisfy { start in
          row[start..<min(start + length, row.count)].reduce(0, +) <= 255
        }
      }
      if fits { break }
      length -= 1
    }
    return length
  }

  /// Every sum of products with int8 values is a 16-bit number.
  private static func fits(_ weights: ArraySlice<Int32>) -> Bool {
    weights.reduce(0) { $0 + min($1 * -128, $1 * 127) } >= -32768
      && weights.reduce(0) { $0 + max($1 * -128, $1 * 127) } <= 32767
  }
}

extension LaneBlocks.Words {
  fileprivate mutating func append(skip: Int, _ first: Int32, _ second: Int32) {
    pairs += [Int32(Int8(truncatingIfNeeded: skip)), first, second]
    pairCount += 1
  }
}
