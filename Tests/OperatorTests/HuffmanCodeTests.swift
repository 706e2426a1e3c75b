import Compiler
import IR
import Operators
import Support
import TestSupport
import Testing

/// Weights as codes of variable length: decoding gives them back, and so do the kernels.
@Suite struct HuffmanCodeTests {
  /// Reads codes as the C functions `huffman_row` and `coded_run` do.
  private struct CodeReader {
    private let codes: [Int32]
    private var bits: UInt32
    private var (more, index) = (16, 4)

    init(_ codes: [Int32]) {
      self.codes = codes
      bits = codes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32(UInt8(truncatingIfNeeded: $1)) }
    }

    /// A code, and the byte that it stands for.
    mutating func next(_ table: Table) -> Int32 {
      var length = table.counts[0]
      while bits > table.last[length] { length += 1 }
      let byte = table.bytes[Int((bits >> UInt32(32 - length)) &- table.base[length])]
      bits <<= UInt32(length)
      more -= length
      if more < 0 {
        let (high, low) = (UInt8(truncatingIfNeeded: codes[index]), UInt8(truncatingIfNeeded: codes[index + 1]))
        bits |= (UInt32(high) << 8 | UInt32(low)) << UInt32(-more)
        (more, index) = (more + 16, index + 2)
      }
      return byte
    }
  }

  /// What the C function `huffman_start` makes of the table of a code.
  private struct Table {
    let bytes: [Int32]
    let counts: [Int]
    private(set) var last = [UInt32](repeating: 0, count: 16)
    private(set) var base = [UInt32](repeating: 0, count: 16)

    init(_ bytes: [Int32]) {
      self.bytes = bytes
      counts = bytes.prefix(16).map { Int(UInt8(truncatingIfNeeded: $0)) }
      var (next, place): (UInt32, UInt32) = (0, 16)
      for length in 1...15 {
        base[length] = next &- place
        next &+= UInt32(counts[length])
        place &+= UInt32(counts[length])
        last[length] = (next << UInt32(32 - length)) &- 1
        next <<= 1
      }
    }
  }

  private func decode(_ code: HuffmanCode, _ count: Int) -> [Int32] {
    let table = Table(code.lengths)
    var reader = CodeReader(code.codes)
    return (0..<count).map { _ in reader.next(table) }
  }

  /// Decodes filter by filter.
  private func decode(_ code: CodedWeights, filters: Int, taps: Int) -> [Int32] {
    let (gaps, values) = (Table(code.gaps), Table(code.values))
    var reader = CodeReader(code.codes)
    var weights = [Int32](repeating: 0, count: filters * taps)
    var place = code.first
    for filter in 0..<filters {
      var count = 0
      while place < taps {
        weights[filter * taps + place] = reader.next(values)
        place += Int(UInt8(truncatingIfNeeded: reader.next(gaps)))
        count += 1
      }
      #expect(count <= code.longest)
      place -= taps
    }
    return weights
  }

  @Test func decodingGivesTheWeightsBack() throws {
    var random = SplitMix64(seed: 3)
    // Frequencies that need codes of up to 21 bits when their length is not limited.
    var (a, b) = (1, 1)
    var fibonacci: [Int32] = []
    for value in Int32(0)..<22 {
      fibonacci += [Int32](repeating: value - 11, count: a)
      (a, b) = (b, a + b)
    }
    let examples: [[Int32]] = [
      [5], [-128], [7, 7, 7, 7, 7], [1, -1], [127, -128, 0], fibonacci.shuffled(using: &random),
      (0..<5000).map { _ in Int32.random(in: -128...127, using: &random) },
      (0..<5000).map { _ in (0..<4).reduce(0) { sum, _ in sum + Int32.random(in: -20...20, using: &random) } },
      (0..<999).map { _ in
        Double.random(in: 0..<1, using: &random) < 0.95 ? 0 : Int32.random(in: -9...9, using: &random)
      },
    ]
    for weights in examples {
      let code = try #require(HuffmanCode(weights))
      #expect(decode(code, weights.count) == weights)
      #expect(code.codes.count == (weights.count * Int(code.lengths[0]) + code.extraBits) / 8 + 5)
      #expect(Set(code.lengths.dropFirst(16)) == Set(weights))
    }
    #expect(HuffmanCode([]) == nil)
    // 256 codes of 8 bits gain nothing.
    #expect(HuffmanCode(Array(-128...127)) == nil)
  }

  /// Frequencies that halve are optimal as they are: the k-th weight takes k bits.
  @Test func frequentWeightsTakeFewBits() throws {
    var random = SplitMix64(seed: 4)
    var weights: [Int32] = [-10]
    var bits = 10
    for value in Int32(0)..<10 {
      weights += [Int32](repeating: value * 3 - 12, count: 512 >> value)
      bits += (512 >> Int(value)) * Int(value + 1)
    }
    let code = try #require(HuffmanCode(weights.shuffled(using: &random)))
    #expect(Array(code.lengths.prefix(16)) == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0, 0, 0, 0, 0])
    #expect(code.codes.count == bits / 8 + 5)
  }

  @Test func weightsThatAreNotZeroAndTheirGaps() throws {
    var random = SplitMix64(seed: 5)
    func pruned(_ count: Int, _ density: Double, _ values: ClosedRange<Int32>) -> [Int32] {
      (0..<count).map { _ in
        Double.random(in: 0..<1, using: &random) < density ? Int32.random(in: values, using: &random) : 0
      }
    }
    let none = [Int32](repeating: 0, count: 3000)
    let examples: [(weights: [Int32], taps: Int)] = [
      (none, 3000), (none, 1), ([-128], 1), ([0, 0, 5], 3), ([7, 0, 0], 3), ([7, 7, 7, 7], 2),
      // Gaps that are as long as one code reaches, and longer ones, over the ends of filters.
      ([1] + none.prefix(254) + [2], 256), ([1] + none.prefix(255) + [2], 257), ([1] + none.prefix(511) + [2], 3),
      (none + [-128] + none, 6001), (none + [127] + none, 17), ([1] + none, 3001),
      (Array(-128...127), 16), (Array(repeating: -128, count: 99), 33), (pruned(6000, 0.1, -128...127), 60),
      (pruned(6000, 0.1, -1...1), 1000), (pruned(6000, 0.002, 3...3), 50), (pruned(6000, 1, -128...127), 75),
    ]
    for (weights, taps) in examples {
      let code = try #require(CodedWeights(weights, taps: taps))
      #expect(decode(code, filters: weights.count / taps, taps: taps) == weights)
      #expect(code.places == code.places.sorted() && Set(code.places).count == code.places.count)
    }
  }

  /// A weight that is not zero takes about as many bits as its entropy and that of its gap.
  @Test func prunedWeightsTakeFewBits() throws {
    var random = SplitMix64(seed: 6)
    let weights = (0..<50_000).map { _ in
      Double.random(in: 0..<1, using: &random) < 0.1 ? Int32.random(in: 1...16, using: &random) : 0
    }
    let code = try #require(CodedWeights(weights, taps: 500))
    // Four bits of the weights, and the entropy of one in ten: -0.1 log2 0.1 - 0.9 log2 0.9.
    let entropy = 0.1 * 4 + 0.468996
    #expect(Double(code.codes.count * 8) < entropy * 50_000 * 1.02)
    #expect(code.values.count == 16 + 16)
  }
}
