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
    guard let code = CanonicalCode(counts: counts), let lengths = code.table({ Int32($0) - 128 }) else { return nil }
    self.lengths = lengths
    var bits = CodeBits()
    for weight in weights { bits.append(Int(weight) + 128, code) }
    codes = bits.table
    extraBits = bits.extra
  }

  /// Adds the tables and gives the arguments for them.
  func write(_ code: inout LayerCode, shape: Shape) -> String {
    _ = code.function("huffman_start")
    _ = code.function("huffman_row")
    let codes = code.table(
      "codes", .int8, codes, rowLength: 32, comment: "Weights \(shape) as codes of variable length.")
    let table = code.table(
      "lengths", .int8, lengths, rowLength: 16,
      comment: "The shortest length, how many codes there are of each length from 1 on, and their weights.")
    return "\(codes), \(table)"
  }
}

extension CanonicalCode {
  /// Bits of the shortest codes.
  var shortest: Int { perLength.firstIndex { $0 > 0 } ?? 1 }

  /// What the C function `huffman_start` reads: the length of the shortest codes, the number of codes of each length from 1 on,
  /// then the bytes that the codes stand for, shortest codes first. Nil where a number of codes is no byte.
  ///
  /// - Parameter byte: of a symbol; only the lower 8 bits count.
  func table(_ byte: (Int) -> Int32) -> [Int32]? {
    guard perLength.allSatisfy({ $0 < 256 }) else { return nil }
    return ([shortest] + perLength.dropFirst()).map { Int32(Int8(truncatingIfNeeded: $0)) }
      + symbols.map { Int32(Int8(truncatingIfNeeded: byte($0))) }
  }
}

/// Codes one behind the other as kernels read them.
struct CodeBits {
  private var writer = BitWriter()
  private var count = 0
  /// By how many bits all codes together are longer than the shortest ones of their kinds.
  private(set) var extra = 0

  mutating func append(_ symbol: Int, _ code: CanonicalCode) {
    let own = code.codes[symbol]
    writer.append(own.code, bits: own.bits)
    count += own.bits
    extra += own.bits - code.shortest
  }

  /// The bytes, and those that are read ahead.
  var table: [Int32] {
    let bytes = writer.bytes.map { Int32(Int8(bitPattern: $0)) }
    return bytes + [Int32](repeating: 0, count: count / 8 + 5 - bytes.count)
  }
}
