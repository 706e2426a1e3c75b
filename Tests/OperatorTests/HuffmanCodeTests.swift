import Compiler
import IR
import Operators
import Support
import TestSupport
import Testing

/// Weights as codes of variable length: decoding gives them back, and so do the kernels.
@Suite struct HuffmanCodeTests {
  /// Decodes as the C functions `huffman_start` and `huffman_row` do.
  private func decode(_ code: HuffmanCode, _ count: Int) -> [Int32] {
    let counts = code.lengths.prefix(16).map { Int(UInt8(truncatingIfNeeded: $0)) }
    var last = [UInt32](repeating: 0, count: 16)
    var base = [UInt32](repeating: 0, count: 16)
    var (next, place): (UInt32, UInt32) = (0, 16)
    for length in 1...15 {
      base[length] = next &- place
      next &+= UInt32(counts[length])
      place &+= UInt32(counts[length])
      last[length] = (next << UInt32(32 - length)) &- 1
      next <<= 1
    }
    func byte(_ index: Int) -> UInt32 { UInt32(UInt8(truncatingIfNeeded: code.codes[index])) }
    var bits = (0..<4).reduce(UInt32(0)) { $0 << 8 | byte($1) }
    var (more, index) = (16, 4)
    return (0..<count).map { _ in
      var length = counts[0]
      while bits > last[length] { length += 1 }
      let weight = code.lengths[Int((bits >> UInt32(32 - length)) &- base[length])]
      bits <<= UInt32(length)
      more -= length
      if more < 0 {
        bits |= (byte(index) << 8 | byte(index + 1)) << UInt32(-more)
        (more, index) = (more + 16, index + 2)
      }
      return weight
    }
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
}
