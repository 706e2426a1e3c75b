import Compiler
import Operators
import Support
import Testing

/// Requantization in 32 bits equals the full form for every accumulator.
@Suite struct NarrowRequantizationTests {
  /// A random scale, output stage and range of accumulators.
  private func example(_ random: inout SplitMix64) -> (Requantization, OutputStage, ClosedRange<Int64>) {
    let scale = Requantization(
      multiplier: Int32.random(in: 1 << 30...Int32.max, using: &random),
      shift: Int.random(in: -13 ... -2, using: &random))
    let low = Int32.random(in: -128 ... -20, using: &random)
    let stage = OutputStage(
      zeroPoint: [-128, 127, Int32.random(in: -128...127, using: &random)].randomElement(using: &random) ?? 0,
      clamp: (Bool.random(using: &random) ? -128 : low)...(Bool.random(using: &random) ? 127 : low + 90))
    let middle = Int64.random(in: -20_000...20_000, using: &random)
    let reach = Int64.random(in: 0...60_000, using: &random)
    return (scale, stage, (middle - reach)...(middle + reach))
  }

  @Test(arguments: UInt64(1)...8)
  func equalsTheFullFormForEveryAccumulator(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var exact = 0
    for _ in 0..<40 {
      let (scale, stage, range) = example(&random)
      let narrow = NarrowRequantization(stage, ranges: [range]) { _ in scale }
      guard narrow.channels[0] != nil else { continue }
      exact += 1
      var wrong = 0
      for accumulator in Int32(range.lowerBound)...Int32(range.upperBound) {
        let value = narrow.apply(accumulator, channel: 0).map { $0 + stage.clamp.lowerBound }
        if value != stage.apply(accumulator, scale) { wrong += 1 }
      }
      #expect(wrong == 0, "\(scale) \(stage) \(range)")
    }
    // Nearly all have an exact form; a search that gives up would hide behind the full form.
    #expect(exact >= 36)
  }

  /// In single precision products near a tie are ties: the steps lie a little off a straight line.
  @Test(arguments: UInt64(1)...4)
  func equalsSinglePrecisionForEveryAccumulator(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var exact = 0
    for _ in 0..<40 {
      let (_, stage, range) = example(&random)
      let exponent = Int.random(in: -10 ... -2, using: &random)
      let scale = try Requantization(
        single: Float(sign: .plus, exponent: exponent, significand: Float.random(in: 1..<2, using: &random)))
      let narrow = NarrowRequantization(stage, ranges: [range]) { _ in scale }
      guard narrow.channels[0] != nil else { continue }
      exact += 1
      var wrong = 0
      for accumulator in Int32(range.lowerBound)...Int32(range.upperBound) {
        let value = narrow.apply(accumulator, channel: 0).map { $0 + stage.clamp.lowerBound }
        if value != stage.apply(accumulator, scale) { wrong += 1 }
      }
      #expect(wrong == 0, "\(scale) \(stage) \(range)")
    }
    #expect(exact >= 36, "\(exact)")
  }

  /// Powers of 2 have exact ties, which go to the even neighbour: no straight line does that, and the full form is taken.
  @Test func tiesTakeTheFullForm() throws {
    let stage = OutputStage(zeroPoint: 0, clamp: -128...127)
    let half = try Requantization(single: 0.125)
    #expect([4, 12, 20, -4, -12, -20].map { stage.apply($0, half) } == [0, 2, 2, 0, -2, -2])
    #expect(NarrowRequantization(stage, ranges: [-3000...3000]) { _ in half }.isMixed)
    // Accumulators beyond 24 bits are rounded before they are multiplied.
    let small = try Requantization(single: 0x1p-25)
    #expect(stage.apply(1 << 24 + 1, small) == 0 && stage.apply(3 << 24 + 2, small) == 2)
  }

  /// Scales around and above 1, where the output leaps over values.
  @Test func equalsTheFullFormForSteepScales() {
    var random = SplitMix64(seed: 77)
    var exact = 0
    for _ in 0..<300 {
      let (scale, stage, _) = example(&random)
      let steep = Requantization(multiplier: scale.multiplier, shift: Int.random(in: -3...5, using: &random))
      let reach = Int64.random(in: 0...3000, using: &random)
      let narrow = NarrowRequantization(stage, ranges: [-reach...reach]) { _ in steep }
      guard narrow.channels[0] != nil else { continue }
      exact += 1
      for accumulator in Int32(-reach)...Int32(reach) {
        let value = narrow.apply(accumulator, channel: 0).map { $0 + stage.clamp.lowerBound }
        #expect(value == stage.apply(accumulator, steep), "\(accumulator) \(steep) \(stage)")
      }
    }
    #expect(exact >= 100, "\(exact)")
  }

  /// Large accumulators: both sides of every step, the ends, and random ones.
  @Test func equalsTheFullFormOnLargeRanges() {
    var random = SplitMix64(seed: 99)
    for _ in 0..<200 {
      let (scale, stage, _) = example(&random)
      let reach = Int64.random(in: 1_000_000...40_000_000, using: &random)
      let narrow = NarrowRequantization(stage, ranges: [-reach...reach]) { _ in scale }
      var values = [Int32(-reach), Int32(reach), 0, -1, 1]
      for _ in 0..<2000 { values.append(Int32.random(in: -1_000_000...1_000_000, using: &random)) }
      for _ in 0..<200 { values.append(Int32(Int64.random(in: -reach...reach, using: &random))) }
      for accumulator in values {
        guard let value = narrow.apply(accumulator, channel: 0) else { continue }
        #expect(value + stage.clamp.lowerBound == stage.apply(accumulator, scale))
      }
    }
  }

  /// Where the reference itself wraps or drops bits there is no 32-bit form.
  @Test func leavesWrappingScalesAlone() {
    let stage = OutputStage(zeroPoint: 0, clamp: -128...127)
    func narrow(_ scale: Requantization, _ range: ClosedRange<Int64>) -> NarrowRequantization {
      NarrowRequantization(stage, ranges: [range]) { _ in scale }
    }
    let left = Requantization(multiplier: 1 << 30, shift: 20)
    #expect(narrow(left, -100_000...100_000).isMixed)
    let small = Requantization(multiplier: 1 << 30, shift: -4)
    #expect(narrow(small, -3_000_000_000...5).isMixed)
    #expect(!narrow(small, -3_000...5).isMixed)
  }

  /// Accumulators so far from the first step that their distance is no 32-bit number.
  @Test func accumulatorsAtTheEndsOf32BitsAreRight() {
    let scale = Requantization(multiplier: 1 << 30, shift: -13)
    let (low, high) = (Int32.min + 1, Int32.max)
    for zeroPoint in [-128, -20, 0, 127] as [Int32] {
      let stage = OutputStage(zeroPoint: zeroPoint, clamp: -128...127)
      for (from, to) in [(low, high), (low, 5), (-5, high), (-2_000_000_000, 2_000_000_000)] as [(Int32, Int32)] {
        let narrow = NarrowRequantization(stage, ranges: [Int64(from)...Int64(to)]) { _ in scale }
        for accumulator in [from, from + 1, -1, 0, 1, 5, to - 1, to].filter({ $0 >= from && $0 <= to }) {
          guard let value = narrow.apply(accumulator, channel: 0) else { continue }
          #expect(value - 128 == stage.apply(accumulator, scale), "\(accumulator) of \(from)...\(to), \(zeroPoint)")
        }
      }
    }
    // Within reach the 32-bit form is taken.
    let stage = OutputStage(zeroPoint: 0, clamp: -128...127)
    #expect(!NarrowRequantization(stage, ranges: [-1_000_000_000...1_000_000_000]) { _ in scale }.isMixed)
  }

  /// Blocks of one length in all rows: no sum in a half overflows, and longer ones could.
  @Test func blocksAreAsLongAsTheySafelyCanBe() {
    var random = SplitMix64(seed: 5)
    func fits(_ rows: [[Int]], _ length: Int) -> Bool {
      rows.allSatisfy { row in
        stride(from: 0, to: row.count, by: length).allSatisfy { start in
          let block = row[start..<min(start + length, row.count)]
          // Whatever the signs of the weights are.
          return block.reduce(0) { $0 + $1 * 128 } <= 32767
        }
      }
    }
    for bound in [1, 3, 8, 20, 60, 127] {
      for count in [1, 7, 64, 300] {
        let rows = (0..<4).map { _ in (0..<count).map { _ in Int.random(in: 0...bound, using: &random) } }
        let length = LaneBlocks.commonLength(rows)
        #expect(length > 0 && length <= count && fits(rows, length))
        for longer in stride(from: length + 1, through: count, by: 1) { #expect(!fits(rows, longer)) }
      }
    }
    #expect(
      LaneBlocks.commonLength([[128, 127], [1, 1]]) == 2 && LaneBlocks.commonLength([[128, 128], [1, 1]]) == 1)
    #expect(LaneBlocks.commonLength([[Int](repeating: 0, count: 600)]) == 600 && LaneBlocks.commonLength([]) == 1)
    #expect(LaneBlocks.commonLength([[Int](repeating: 8, count: 600)]) == 31)
  }

  /// Puts words and pairs together as the C function `lane_sums` does, and checks what may stand in a half of a word.
  @Test func wordsHoldTheWeightsAndNeverOverflow() throws {
    var random = SplitMix64(seed: 6)
    func fits(_ weights: [Int32]) -> Bool {
      weights.reduce(0) { $0 + min($1 * -128, $1 * 127) } >= -32768
        && weights.reduce(0) { $0 + max($1 * -128, $1 * 127) } <= 32767
    }
    for bound in [1, 30, 64, 66, 90, 127] as [Int32] {
      for count in [1, 4, 7, 64, 5001] {
        let row = (0..<count).map { _ in Int32.random(in: -bound...bound, using: &random) }
        let packed = try #require(LaneBlocks.words(row))
        var weights = packed.words.map { word in (0..<4).map { Int32(Int8(truncatingIfNeeded: word >> (8 * $0))) } }
        #expect(weights.allSatisfy(fits) && weights.count == (count + 3) / 4)
        var word = 0
        var at = 0
        while packed.pairs[at] != LaneBlocks.end {
          word += Int(UInt8(truncatingIfNeeded: packed.pairs[at]))
          let pair = Array(packed.pairs[at + 1...at + 2])
          #expect(fits(pair) && weights[word].suffix(2) == [0, 0] || pair == [0, 0])
          // Only where four weights are too many do two of them stand apart.
          if pair != [0, 0] { #expect(!fits(Array(weights[word].prefix(2)) + pair)) }
          if pair != [0, 0] { weights[word].replaceSubrange(2..., with: pair) }
          word += 1
          at += 3
        }
        #expect(at + 1 == packed.pairs.count && at == 3 * packed.pairCount)
        let all = weights.flatMap { $0 }
        #expect(Array(all.prefix(count)) == row && all.dropFirst(count).allSatisfy { $0 == 0 })
      }
    }
    #expect(LaneBlocks.words([1, 2, -128, -128]) == nil)
    let apart = try #require(LaneBlocks.words([-128, 1, -128, 2, 3, 4, 5, 6]))
    #expect(
      apart.words == [0x0180, 0x0605_0403] && apart.pairs == [0, -128, 2, LaneBlocks.end] && apart.pairCount == 1)
  }
}
