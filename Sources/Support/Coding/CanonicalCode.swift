/// A canonical prefix code over some symbols: the more frequent a symbol, the fewer bits it takes (Huffman, "A method for the
/// construction of minimum-redundancy codes", 1952).
///
/// The codes of one length are consecutive numbers, and longer ones continue them: how many codes there are of each length
/// tells all of them. Codes begin at their highest bit.
package struct CanonicalCode: Equatable, Sendable {
  package static let longest = 15

  /// How many codes there are of each length, from 0 to the longest.
  package let perLength: [Int]
  /// The symbols in the order of their codes.
  package let symbols: [Int]
  /// Code and length of each symbol; a place for every symbol up to the largest one.
  package let codes: [(code: UInt32, bits: Int)]

  /// - Parameter counts: how often each symbol occurs; the ones that do not occur get no code.
  /// - Returns: nil when nothing occurs.
  package init?(counts: [Int]) {
    let occurring = counts.indices.filter { counts[$0] > 0 }
    guard !occurring.isEmpty else { return nil }
    let bits = Self.lengths(occurring.map { counts[$0] })
    let order = occurring.indices.sorted { (bits[$0], $0) < (bits[$1], $1) }
    var perLength = [Int](repeating: 0, count: Self.longest + 1)
    for length in bits { perLength[length] += 1 }
    self.init(perLength: perLength, symbols: order.map { occurring[$0] })
  }

  /// - Parameters:
  ///   - perLength: see above; the codes must not be more than there are of their lengths.
  ///   - symbols: as many, from 0 on, each once.
  init(perLength: [Int], symbols: [Int]) {
    var codes = [(code: UInt32, bits: Int)](repeating: (0, 0), count: (symbols.max() ?? -1) + 1)
    var code: UInt32 = 0
    var place = 0
    for length in 1...Self.longest {
      for _ in 0..<perLength[length] {
        codes[symbols[place]] = (code, length)
        place += 1
        code += 1
      }
      code <<= 1
    }
    self.perLength = perLength
    self.symbols = symbols
    self.codes = codes
  }

  package static func == (a: CanonicalCode, b: CanonicalCode) -> Bool {
    a.perLength == b.perLength && a.symbols == b.symbols
  }

  /// The bits that the symbols take together.
  package func bits(of counts: [Int]) -> Int { zip(counts, codes).reduce(0) { $0 + $1.0 * $1.1.bits } }

  // MARK: lengths

  /// The lengths of optimal codes for symbols that occur so often; nearly optimal ones where these would be too long.
  private static func lengths(_ counts: [Int]) -> [Int] {
    guard counts.count > 1 else { return [1] }
    var counts = counts
    while true {
      let lengths = unlimitedLengths(counts)
      if lengths.allSatisfy({ $0 <= longest }) { return lengths }
      counts = counts.map { ($0 + 1) / 2 }
    }
  }

  /// Huffman's construction with two queues: leaves in the order of their counts, and pairs, which arise in that order.
  private static func unlimitedLengths(_ counts: [Int]) -> [Int] {
    let leaves = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
    var pairs: [(count: Int, children: [Int])] = []
    // Nodes are leaves, then pairs.
    var (leaf, pair) = (0, 0)
    func take() -> (count: Int, node: Int) {
      if leaf < leaves.count, pair >= pairs.count || counts[leaves[leaf]] <= pairs[pair].count {
        leaf += 1
        return (counts[leaves[leaf - 1]], leaves[leaf - 1])
      }
      pair += 1
      return (pairs[pair - 1].count, counts.count + pair - 1)
    }
    for _ in 1..<counts.count {
      let (first, second) = (take(), take())
      pairs.append((first.count + second.count, [first.node, second.node]))
    }
    var depths = [Int](repeating: 0, count: counts.count + pairs.count)
    for index in pairs.indices.reversed() {
      for child in pairs[index].children { depths[child] = depths[counts.count + index] + 1 }
    }
    return Array(depths.prefix(counts.count))
  }
}
