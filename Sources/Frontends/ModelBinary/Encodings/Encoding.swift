import IR
import Support

/// How a constant's elements come out of payload blocks; `FORMAT.md` describes it.
///
/// Numbers are the elements as signed integers; those of floats are the integers with the same bits.
indirect enum Encoding: Sendable {
  /// All elements in their own size.
  case dense(block: [UInt8])
  /// Numbers of some bits each, above an offset.
  case packed(block: [UInt8], count: Int, bits: Int, offset: Int32)
  /// Numbers as a code of variable length.
  case huffman(block: [UInt8], count: Int)
  /// Numbers that are places in a table of rows of elements, `width` of them each.
  case codebook(Encoding, table: [UInt8], width: Int)

  /// Elements of the longest row of a table.
  static let widestRow = 64
  /// Numbers that are no zeros, and the zeros before each of them.
  case sparse(Encoding, gaps: Encoding)

  // MARK: numbers

  /// The bytes of a tensor's elements as numbers; nil for types whose elements do not fit.
  static func numbers(_ bytes: [UInt8], _ element: ElementType) -> [Int32]? {
    let size = element.size
    guard size <= 4 else { return nil }
    // Unsigned elements keep their values, which fit in any case.
    let isSigned = element != .uint8 && element != .bool
    let unused = UInt32(32 - 8 * size)
    return stride(from: 0, to: bytes.count - size + 1, by: size).map { start in
      let bits = bytes[start..<start + size].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return isSigned ? Int32(bitPattern: bits << unused) >> Int32(unused) : Int32(bitPattern: bits)
    }
  }

  /// The elements that numbers stand for, little-endian; upper bits that the type has not are cut off.
  static func bytes(_ numbers: [Int32], _ element: ElementType) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * element.size)
    for number in numbers {
      for index in 0..<element.size {
        bytes.append(UInt8(truncatingIfNeeded: number >> Int32(8 * index)))
      }
    }
    return bytes
  }

  // MARK: decoding

  /// The elements of a constant of this type.
  ///
  /// - Parameter fail: makes an error of a sentence about the encoding.
  func bytes(_ type: TensorType, _ fail: (String) -> Diagnostic) throws(Diagnostic) -> [UInt8] {
    if case .dense(let block) = self {
      guard block.count == type.byteCount else {
        throw fail("has a block of \(block.count) bytes, but the tensor needs \(type.byteCount)")
      }
      return block
    }
    guard type.element.size <= 4 else { throw fail("can't stand for elements of \(type.element.rawValue)") }
    let numbers = try numbers(type.element, count: type.shape.elementCount, fail)
    guard numbers.count == type.shape.elementCount else {
      throw fail("stands for \(numbers.count) elements, but the tensor has \(type.shape.elementCount)")
    }
    return Self.bytes(numbers, type.element)
  }

  /// - Parameter count: elements of the tensor, for the steps that fill up with zeros.
  private func numbers(
    _ element: ElementType, count: Int, _ fail: (String) -> Diagnostic
  ) throws(Diagnostic) -> [Int32] {
    switch self {
    case .dense(let block): return try Self.elements(block, element, fail)
    case .packed(let block, let count, let bits, let offset):
      guard block.count == (count * bits + 7) / 8 else {
        throw fail("has a block of \(block.count) bytes for \(count) numbers of \(bits) bits")
      }
      var reader = BitReader(block)
      return (0..<count).map { _ in Int32(bitPattern: reader.number(bits: bits) ?? 0) &+ offset }
    case .huffman(let block, let count):
      return try HuffmanBlock.decode(block, count: count, fail)
    case .codebook(let places, let table, let width):
      let values = try Self.elements(table, element, fail)
      guard values.count % width == 0 else {
        throw fail("has a table of \(values.count) elements, which are no rows of \(width)")
      }
      let (rows, places) = (values.count / width, try places.numbers(element, count: count, fail))
      guard places.count <= count / width else {
        throw fail("names \(places.count) rows of \(width) elements, but the tensor has \(count) elements")
      }
      var numbers: [Int32] = []
      numbers.reserveCapacity(places.count * width)
      for place in places {
        guard place >= 0, place < rows else { throw fail("names place \(place) of a table of \(rows)") }
        numbers += values[Int(place) * width..<(Int(place) + 1) * width]
      }
      return numbers
    case .sparse(let values, let gaps):
      let kept = try values.numbers(element, count: count, fail)
      let gaps = try gaps.numbers(element, count: count, fail)
      guard kept.count == gaps.count else { throw fail("has \(kept.count) values and \(gaps.count) gaps") }
      var numbers = [Int32](repeating: 0, count: count)
      var place = 0
      for (value, gap) in zip(kept, gaps) {
        guard gap >= 0, Int(gap) < count - place else { throw fail("has gaps that lead beyond the \(count) elements") }
        place += Int(gap)
        numbers[place] = value
        place += 1
      }
      return numbers
    }
  }

  /// The elements in a block.
  private static func elements(
    _ block: [UInt8], _ element: ElementType, _ fail: (String) -> Diagnostic
  ) throws(Diagnostic) -> [Int32] {
    guard let numbers = numbers(block, element), block.count % element.size == 0 else {
      throw fail("has a block that ends inside of an element")
    }
    return numbers
  }
}
