import Support

/// A payload block with numbers as a canonical Huffman code: the table, then the codes.
///
/// Table: one byte, the bytes of a number (1, 2 or 4); for each length of codes from 1 to 15 how many there are, two bytes
/// each; the numbers in the order of their codes, signed. All little-endian. Then the codes, highest bits first.
enum HuffmanBlock {
  private static let headSize = 1 + 2 * CanonicalCode.longest

  /// - Returns: nil when there is nothing to code, or more different numbers than a table holds.
  static func encode(_ numbers: [Int32]) -> [UInt8]? {
    let distinct = Set(numbers).sorted()
    guard let least = distinct.first, let largest = distinct.last, distinct.count <= Int(UInt16.max) else { return nil }
    let places = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    let symbols = numbers.map { places[$0, default: 0] }
    var counts = [Int](repeating: 0, count: distinct.count)
    for symbol in symbols { counts[symbol] += 1 }
    guard let code = CanonicalCode(counts: counts) else { return nil }
    let width = [1, 2, 4].first { fits(least, $0) && fits(largest, $0) } ?? 4
    var bytes = [UInt8(width)]
    for count in code.perLength.dropFirst() { bytes += littleEndian(UInt32(count), 2) }
    for symbol in code.symbols { bytes += littleEndian(UInt32(bitPattern: distinct[symbol]), width) }
    var writer = BitWriter()
    for symbol in symbols { writer.append(code.codes[symbol].code, bits: code.codes[symbol].bits) }
    return bytes + writer.bytes
  }

  /// - Parameter fail: makes an error of a sentence about the block.
  static func decode(
    _ bytes: [UInt8], count: Int, _ fail: (String) -> Diagnostic
  ) throws(Diagnostic) -> [Int32] {
    guard bytes.count >= headSize else { throw fail("is shorter than the table of a Huffman code") }
    let width = Int(bytes[0])
    guard [1, 2, 4].contains(width) else {
      throw fail("has numbers of \(width) bytes in the table of its Huffman code")
    }
    var perLength = [0]
    // Of all codes of a length, those that no shorter code begins.
    var free = 1
    for length in 1...CanonicalCode.longest {
      let own = Int(bytes[2 * length - 1]) | Int(bytes[2 * length]) << 8
      free *= 2
      guard own <= free else { throw fail("has more codes of \(length) bits than there are") }
      free -= own
      perLength.append(own)
    }
    let values = perLength.reduce(0, +)
    let start = headSize + values * width
    guard values > 0, start <= bytes.count else { throw fail("ends in the table of its Huffman code") }
    // A code has at least one bit, which bounds what is allocated.
    guard count <= (bytes.count - start) * 8 else { throw fail("holds fewer than \(count) codes") }
    let table = (0..<values).map { number(bytes[(headSize + $0 * width)...].prefix(width)) }
    var reader = BitReader(Array(bytes[start...]))
    var numbers: [Int32] = []
    numbers.reserveCapacity(count)
    for _ in 0..<count {
      guard let place = place(&reader, perLength) else { throw fail("holds a code that is not in its table") }
      numbers.append(table[place])
    }
    guard reader.bitCount - reader.position < 8 else { throw fail("is longer than its \(count) codes") }
    return numbers
  }

  /// The place in the table of the next code; nil when it is none.
  private static func place(_ reader: inout BitReader, _ perLength: [Int]) -> Int? {
    // The first code of a length, and the codes before it.
    var (code, first, before) = (0, 0, 0)
    for length in 1...CanonicalCode.longest {
      guard let bit = reader.bit() else { return nil }
      code = code << 1 | Int(bit)
      if code - first < perLength[length] { return before + code - first }
      before += perLength[length]
      first = (first + perLength[length]) << 1
    }
    return nil
  }

  private static func fits(_ number: Int32, _ width: Int) -> Bool {
    width == 4 || Int32(-1) << Int32(8 * width - 1) <= number && number < Int32(1) << Int32(8 * width - 1)
  }

  private static func littleEndian(_ number: UInt32, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int32 {
    let bits = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let unused = Int32(32 - 8 * bytes.count)
    return Int32(bitPattern: bits << UInt32(unused)) >> unused
  }
}
