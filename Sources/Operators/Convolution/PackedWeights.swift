/// Rows of weights of few bits, packed into words.
struct PackedWeights {
  /// The words of all rows; a row is filled up with zeros. The first weight of a word stands in its upper bits.
  let words: [Int32]
  let wordsPerRow: Int
  /// Words after which sums of products in 16-bit halves of a word must be emptied.
  let block: Int

  /// Nil when a weight is no signed number of `bits` bits.
  init?(_ weights: [Int32], rowLength: Int, bits: Int) {
    let range = -(1 << (bits - 1))..<(1 << (bits - 1))
    guard rowLength > 0, weights.allSatisfy({ range.contains(Int($0)) }) else { return nil }
    let width = 32 / bits
    let mask = (UInt32(1) << UInt32(bits)) - 1
    let length = (rowLength + width - 1) / width
    var words: [Int32] = []
    /// The sums of the weights' magnitudes, word by word.
    var magnitudes: [[Int]] = []
    for start in stride(from: 0, to: weights.count, by: rowLength) {
      let row = weights[start..<start + rowLength]
      var own: [Int] = []
      for word in 0..<length {
        let part = row.dropFirst(word * width).prefix(width)
        var value: UInt32 = 0
        for (position, weight) in part.enumerated() {
          value |= (UInt32(bitPattern: weight) & mask) << UInt32(32 - bits * (position + 1))
        }
        words.append(Int32(bitPattern: value))
        own.append(part.reduce(0) { $0 + Int($1.magnitude) })
      }
      magnitudes.append(own)
    }
    self.words = words
    wordsPerRow = length
    block = LaneBlocks.commonLength(magnitudes)
  }
}
