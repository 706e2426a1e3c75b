import IR

/// Weights as a canonical Huffman code: the more frequent a weight, the fewer bits it takes.
///
/// The codes of one length are consecutive numbers, and longer ones continue them: how many codes there are of each length
/// tells all of them. Every decoded weight equals the original one; equal weights give equal codes on every machine.
package struct HuffmanCode {
  /// What the C functions of `huffman_row` read: the length of the shortest codes, the number of codes of each length from 1
  /// on, then the weights, shortest codes first.
  package let lengths: [Int32]
  /// The codes of all weights without gaps, the first in the upper bits of a byte, and four bytes that are read ahead.
  package let codes: [Int32]
  /// By how many bits all codes together are longer than the shortest ones.
  package let extraBits: Int

  package static let longest = 15
  /// Words that decoding needs.
  static let stateBytes = 34 * 4

  var byteCount: Int { lengths.count + codes.count }

  /// - Parameter weights: int8 values.
  /// - Returns: nil for no weights, and where a number of codes is no byte.
  package init?(_ weights: [Int32]) {
    var counts = [Int](repeating: 0, count: 256)
    for weight in weights { counts[Int(UInt8(truncatingIfNeeded: weight))] += 1 }
    let values = (Int32(-128)...127).filter { counts[Int(UInt8(truncatingIfNeeded: $0))] > 0 }
    guard !values.isEmpty else { return nil }
    let bits = Self.lengths(values.map { counts[Int(UInt8(truncatingIfNeeded: $0))] })
    let order = values.indices.sorted { (bits[$0], $0) < (bits[$1], $1) }
    var perLength = [Int32](repeating: 0, count: Self.longest + 1)
    for length in bits { perLength[length] += 1 }
    guard perLength.allSatisfy({ $0 < 256 }), let shortest = bits.min() else { return nil }
    perLength[0] = Int32(shortest)
    var codes = [(code: UInt64, bits: Int)](repeating: (0, 0), count: 256)
    var code: UInt64 = 0
    var length = shortest
    for index in order {
      code <<= UInt64(bits[index] - length)
      length = bits[index]
      codes[Int(UInt8(truncatingIfNeeded: values[index]))] = (code, length)
      code += 1
    }
    lengths = perLength.map { Int32(Int8(truncatingIfNeeded: $0)) } + order.map { values[$0] }
    var bytes: [Int32] = []
    // The bits that do not fill a byte yet.
    var rest: UInt64 = 0
    var count = 0
    var extra = 0
    for weight in weights {
      let own = codes[Int(UInt8(truncatingIfNeeded: weight))]
      rest = rest << UInt64(own.bits) | own.code
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

  /// The lengths of optimal codes for weights that occur so often; nearly optimal ones where these would be too long.
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
