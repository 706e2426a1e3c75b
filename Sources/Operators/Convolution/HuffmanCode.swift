import IR
import Support

/// Weights as a canonical Huffman code: the more frequent a weight, the fewer bits it takes.
///
/// Every decoded weight equals the original one; equal weights give equal codes on every machine.
package struct HuffmanCode {
  /// What the C functions of `huffman_row` read: the length of the shortest codes, the number of codes of each length from 1
  /// on, then the weights, shortest codes first.
  package let lengths: [Int32]
  /// The codes of all weights without gaps, the first in the upper bits of a byte, and four bytes that are read ahead.
  package let codes: [Int32]
  /// By how many bits all codes together are longer than the shortest ones.
  package let extraBits: Int

  /// Words that decoding needs.
  static let stateBytes = 34 * 4

  var byteCount: Int { lengths.count + codes.count }

  /// - Returns: nil for no weights, for one that is no int8, and where a number of codes is no byte.
  package init?(_ weights: [Int32]) {
    guard weights.allSatisfy({ (-128...127).contains($0) }) else { return nil }
    // Symbols in the order of the values: −128 is 0.
    var counts = [Int](repeating: 0, count: 256)
    for weight in weights { counts[Int(weight) + 128] += 1 }
    guard let code = CanonicalCode(counts: counts), let shortest = code.perLength.firstIndex(where: { $0 > 0 }),
      code.perLength.allSatisfy({ $0 < 256 })
    else { return nil }
    let perLength = [shortest] + code.perLength.dropFirst()
    lengths = perLength.map { Int32(Int8(truncatingIfNeeded: $0)) } + code.symbols.map { Int32($0) - 128 }
    var bytes: [Int32] = []
    // The bits that do not fill a byte yet.
    var rest: UInt64 = 0
    var count = 0
    var extra = 0
    for weight in weights {
      let own = code.codes[Int(weight) + 128]
      rest = rest << UInt64(own.bits) | UInt64(own.code)
      count += own.bits
      extra += own.bits - shortest
      while count >= 8 {
        count -= 8
        bytes.append(Int32(Int8(truncatingIfNeeded: rest >> UInt64(count))))
      }
      rest &= (1 << UInt64(count)) - 1
    }
    bytes.append(Int32(Int8(truncatingIfNeeded: rest << UInt64(8 - count))))
    self.codes = bytes + [Int32](repeating: 0, count: 4)
    extraBits = extra
  }

  /// Adds the tables and gives the arguments for them.
  func write(_ code: inout LayerCode, shape: Shape) -> String {
    _ = code.function("huffman_row")
    let codes = code.table(
      "codes", .int8, codes, rowLength: 32, comment: "Weights \(shape) as codes of variable length.")
    let table = code.table(
      "lengths", .int8, lengths, rowLength: 16,
      comment: "The shortest length, how many codes there are of each length from 1 on, and their weights.")
    return "\(codes), \(table)"
  }
}
