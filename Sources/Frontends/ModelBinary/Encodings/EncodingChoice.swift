package import IR
import Support

/// How constants are stored in a model.bin.
package enum ConstantPacking: Sendable {
  /// As they lie in memory.
  case dense
  /// In the shortest encoding without codes of variable length.
  case packed
  /// In the shortest encoding.
  case coded

  /// Bytes that a constant takes in the payload of a file: its blocks, without the words about it in the header.
  package func size(of bytes: [UInt8], _ element: ElementType) -> Int {
    Encoding.shortest(of: bytes, element, self).payloadSize
  }
}

/// The shortest encoding of a constant.
extension Encoding {
  /// The shortest one of those that this writer knows and `packing` allows; the first of equally short ones.
  static func shortest(of bytes: [UInt8], _ element: ElementType, _ packing: ConstantPacking) -> Encoding {
    let dense = Encoding.dense(block: bytes)
    guard packing != .dense, let numbers = numbers(bytes, element), !numbers.isEmpty else { return dense }
    let search = EncodingSearch(takesCodes: packing == .coded)
    var best = search.best([dense] + search.direct(numbers))
    let widths = (1...widestSearched).filter { numbers.count % $0 == 0 }
    for table in widths.map({ search.tabled(numbers, element, width: $0) }) + [search.sparse(numbers, element)] {
      if let table, table.size < best.size { best = table }
    }
    return best
  }

  /// Rows of tables that are looked for.
  private static let widestSearched = 16

  /// What the encoding takes of a file, beside what every constant takes; words in the graph header are estimates.
  var size: Int {
    switch self {
    case .dense(let block): block.count
    case .packed(let block, _, _, _): block.count + 3 * Self.member
    case .huffman(let block, _): block.count + Self.member
    case .codebook(let places, let table, let width):
      places.size + table.count + Self.step + (width > 1 ? Self.member : 0)
    case .sparse(let values, let gaps): values.size + gaps.size + Self.step
    }
  }

  /// Bytes of the blocks.
  var payloadSize: Int {
    switch self {
    case .dense(let block), .packed(let block, _, _, _), .huffman(let block, _): block.count
    case .codebook(let places, let table, _): places.payloadSize + table.count
    case .sparse(let values, let gaps): values.payloadSize + gaps.payloadSize
    }
  }

  /// Bytes that one more member of a step takes in the header.
  private static let member = 20
  /// Bytes that one more step takes there with its block, and on average to align this.
  private static let step = 150

}

/// The encodings among which the shortest one is looked for.
private struct EncodingSearch {
  let takesCodes: Bool

  func best(_ encodings: [Encoding]) -> Encoding {
    var best = encodings[0]
    for encoding in encodings.dropFirst() where encoding.size < best.size { best = encoding }
    return best
  }

  /// Encodings of numbers by themselves.
  func direct(_ numbers: [Int32]) -> [Encoding] {
    guard let least = numbers.min(), let largest = numbers.max() else { return [] }
    var encodings: [Encoding] = []
    let bits = UInt32.bitWidth - UInt32(bitPattern: largest &- least).leadingZeroBitCount
    var writer = BitWriter()
    for number in numbers { writer.append(UInt32(bitPattern: number &- least), bits: bits) }
    encodings.append(.packed(block: writer.bytes, count: numbers.count, bits: bits, offset: least))
    if takesCodes, let block = HuffmanBlock.encode(numbers) {
      encodings.append(.huffman(block: block, count: numbers.count))
    }
    return encodings
  }

  /// Few different rows of `width` values, with the places of each in a table; nil where they are not few.
  func tabled(_ numbers: [Int32], _ element: ElementType, width: Int = 1) -> Encoding? {
    guard width > 1 else {
      let values = Set(numbers).sorted()
      guard values.count <= 1 << 16, values.count < numbers.count else { return nil }
      let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, Int32($0)) })
      return .codebook(
        best(direct(numbers.map { places[$0, default: 0] })), table: Encoding.bytes(values, element), width: 1)
    }
    // In the order in which they come, since that is the same for equal networks.
    var known: [ArraySlice<Int32>: Int32] = [:]
    var (rows, places): ([Int32], [Int32]) = ([], [])
    let most = numbers.count / width / 2
    for start in stride(from: 0, to: numbers.count, by: width) {
      let row = numbers[start..<start + width]
      if let place = known[row] {
        places.append(place)
        continue
      }
      guard known.count < min(most, 1 << 16) else { return nil }
      places.append(Int32(known.count))
      known[row] = Int32(known.count)
      rows += row
    }
    return .codebook(best(direct(places)), table: Encoding.bytes(rows, element), width: width)
  }

  func sparse(_ numbers: [Int32], _ element: ElementType) -> Encoding? {
    var (kept, gaps, gap): ([Int32], [Int32], Int32) = ([], [], 0)
    for number in numbers {
      if number == 0 {
        gap += 1
      } else {
        kept.append(number)
        gaps.append(gap)
        gap = 0
      }
    }
    guard !kept.isEmpty, kept.count < numbers.count else { return nil }
    let values = best(direct(kept) + [tabled(kept, element)].compactMap { $0 })
    return .sparse(values, gaps: best(direct(gaps)))
  }
}
