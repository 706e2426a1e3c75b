/// Where sums of products in the 16-bit halves (lanes) of a word must be emptied before they overflow.
///
/// A product of a weight and an int8 value lies between −128 and 127 times the weight. A block of weights is short enough when
/// the sum of these bounds is a 16-bit number for every lane that shares the block.
package enum LaneBlocks {
  /// Numbers of pairs of weights for rows of an even length that share their blocks; as few blocks as possible.
  ///
  /// - Returns: nil when a pair of a row is too large by itself, which only −128 twice is.
  package static func pairs(_ rows: [ArraySlice<Int32>]) -> [Int32]? {
    let count = (rows.first?.count ?? 0) / 2
    var blocks: [Int32] = []
    var low = [Int32](repeating: 0, count: rows.count)
    var high = low
    var pairs: Int32 = 0
    for pair in 0..<count {
      let bounds = rows.map { row -> (low: Int32, high: Int32) in
        let (a, b) = (row[row.startIndex + 2 * pair], row[row.startIndex + 2 * pair + 1])
        return (min(a * -128, a * 127) + min(b * -128, b * 127), max(a * -128, a * 127) + max(b * -128, b * 127))
      }
      guard bounds.allSatisfy({ $0.low >= -32768 && $0.high <= 32767 }) else { return nil }
      let fits = zip(bounds, zip(low, high)).allSatisfy { own, sum in
        sum.0 + own.low >= -32768 && sum.1 + own.high <= 32767
      }
      if !fits || pairs == 127 {
        blocks.append(pairs)
        for lane in rows.indices { (low[lane], high[lane]) = (0, 0) }
        pairs = 0
      }
      for (lane, own) in bounds.enumerated() {
        low[lane] += own.low
        high[lane] += own.high
      }
      pairs += 1
    }
    return pairs > 0 ? blocks + [pairs] : blocks
  }
}
