/// Weights of dense layers in words that serve several units at once.
enum UnitWords {
  /// Weights plus 128 of four units to a word, the first in the lowest byte; for each four units as many words as there are
  /// inputs. Units behind the last have weights 0.
  ///
  /// - Parameter weights: int8 values, [units, depth].
  static func bytes(_ weights: [Int32], depth: Int, units: Int) -> [Int32] {
    var words: [Int32] = []
    for first in stride(from: 0, to: units, by: 4) {
      for d in 0..<depth {
        var word: UInt32 = 0
        for unit in first..<first + 4 {
          let weight = unit < units ? weights[unit * depth + d] : 0
          word |= UInt32(UInt8(truncatingIfNeeded: weight + 128)) << UInt32(8 * (unit - first))
        }
        words.append(Int32(bitPattern: word))
      }
    }
    return words
  }
}
