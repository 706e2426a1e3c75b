/// Numbers of some bits each, one behind the other in bytes, the highest bit of each first.
package struct BitWriter: Sendable {
  /// The last byte is filled up with zeros.
  package private(set) var bytes: [UInt8] = []
  /// Bits of the last byte that are free.
  private var free = 0

  package init() {}

  /// - Parameter count: from 0 to 32; higher bits of the number are not written.
  package mutating func append(_ number: UInt32, bits count: Int) {
    var rest = count
    while rest > 0 {
      if free == 0 {
        bytes.append(0)
        free = 8
      }
      let part = min(rest, free)
      let bits = number >> UInt32(rest - part) & ((1 << UInt32(part)) - 1)
      bytes[bytes.count - 1] |= UInt8(bits << UInt32(free - part))
      free -= part
      rest -= part
    }
  }
}

/// Reads what `BitWriter` writes.
package struct BitReader: Sendable {
  private let bytes: [UInt8]
  /// Bits that were read.
  package private(set) var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var bitCount: Int { bytes.count * 8 }

  /// The next bit; nil at the end.
  package mutating func bit() -> UInt32? {
    guard position < bitCount else { return nil }
    defer { position += 1 }
    return UInt32(bytes[position / 8] >> UInt8(7 - position % 8) & 1)
  }

  /// A number of up to 32 bits; nil when there are not as many.
  package mutating func number(bits count: Int) -> UInt32? {
    guard count <= bitCount - position else { return nil }
    var number: UInt32 = 0
    for _ in 0..<count { number = number << 1 | (bit() ?? 0) }
    return number
  }
}
