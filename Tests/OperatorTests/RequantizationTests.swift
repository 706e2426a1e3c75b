import Compiler
import Operators
import Support
import Testing

/// The fixed-point arithmetic against definitions that are written in another way.
@Suite struct RequantizationTests {
  @Test func decomposesScales() throws {
    #expect(try Requantization(scale: 1) == Requantization(multiplier: 1 << 30, shift: 1))
    #expect(try Requantization(scale: 0.5) == Requantization(multiplier: 1 << 30, shift: 0))
    #expect(try Requantization(scale: 0) == Requantization(multiplier: 0, shift: 0))
    #expect(try Requantization(scale: 0x1p-40) == Requantization(multiplier: 0, shift: 0))
    // A mantissa that rounds up to 1 moves into the exponent.
    #expect(try Requantization(scale: 1 - 0x1p-40) == Requantization(multiplier: 1 << 30, shift: 1))
    #expect(throws: (any Error).self) { try Requantization(scale: 0x1p31) }
    #expect(throws: (any Error).self) { try Requantization(scale: .nan) }
  }

  @Test func roundsHalfAwayFromZero() {
    #expect(
      [-6, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6].map { roundingShiftRight($0, 2) } == [-2, -1, -1, -1, 0, 0, 0, 1, 1, 1, 2])
    #expect(roundingShiftRight(Int32.max, 31) == 1)
    #expect(roundingShiftRight(Int32.min, 31) == -1)
    #expect(roundingShiftRight(-7, 0) == -7)
  }

  @Test func doublingHighMultiplyEqualsItsDefinition() {
    var random = SplitMix64(seed: 7)
    let corners: [Int32] = [Int32.min, Int32.min + 1, -1, 0, 1, 1 << 30, Int32.max]
    let values = corners + (0..<2000).map { _ in Int32.random(in: Int32.min...Int32.max, using: &random) }
    for (a, b) in zip(values, values.reversed()) + corners.flatMap({ a in corners.map { (a, $0) } }) {
      let product = Int64(a) * Int64(b)
      let nudge = product >= 0 ? Int64(1) << 30 : 1 - Int64(1) << 30
      let expected = a == Int32.min && b == Int32.min ? Int64(Int32.max) : (product + nudge) / (Int64(1) << 31)
      #expect(Int64(roundingDoublingHighMultiply(a, b)) == expected)
    }
  }

  /// The integers against single-precision arithmetic itself: accumulators and factors of all sizes, ties and their neighbours.
  @Test func singlePrecisionEqualsFloats() throws {
    var random = SplitMix64(seed: 11)
    var checked = 0
    func check(_ value: Int32, _ scale: Float) throws {
      let exact = (Float(value) * scale).rounded(.toNearestOrEven)
      let expected = Int32(max(-0x1p22, min(0x1p22, exact)))
      let actual = try Requantization(single: scale).apply(value)
      if actual != expected { Issue.record("\(value) * \(scale): \(actual), not \(expected)") }
      checked += 1
    }
    let corners: [Int32] = [
      Int32.min, Int32.min + 1, -1 << 24 - 1, -3, -1, 0, 1, 2, 1 << 23, 1 << 24 - 1, 1 << 24 + 1, 3 << 24 + 1,
      Int32.max,
    ]
    for exponent in -160...29 {
      for _ in 0..<60 {
        let bits = Int.random(in: 0...23, using: &random)
        let mantissa = (UInt32.random(in: 0..<1 << 23, using: &random) >> UInt32(bits)) << UInt32(bits)
        let scale = Float(bitPattern: UInt32(max(0, exponent + 127)) << 23 | mantissa)
        for value in corners { try check(value, scale) }
        for size in [UInt32(8), 16, 24, 30] {
          try check(Int32.random(in: Int32.min...Int32.max, using: &random) >> (32 - Int32(size)), scale)
        }
        // Where the result is about to change, and where a product lies half way.
        let steps = Double(Int.random(in: -300...300, using: &random)) + 0.5
        guard let near = Int32(exactly: (steps / Double(scale)).rounded()), near.magnitude < 1 << 31 - 2 else {
          continue
        }
        for distance in -2...2 as ClosedRange<Int32> { try check(near + distance, scale) }
      }
    }
    #expect(checked > 200_000)
  }

  /// The mark in the shift tells the arithmetic for every factor.
  @Test func constantsKeepTheArithmetic() throws {
    for exponent in -40...29 {
      let scale = Float(sign: .plus, exponent: exponent, significand: 1.3)
      for own in [try Requantization(single: scale), try Requantization(scale: Double(scale))] {
        #expect(Requantization(multiplier: own.multiplier, markedShift: own.markedShift) == own)
        #expect(Int8(exactly: own.markedShift) != nil)
      }
    }
    // The order of the roundings counts: (0.1 * 0.3) / 0.7 in single precision.
    let scale = try Requantization(input: 0.1, weights: 0.3, output: 0.7, .singlePrecision)
    #expect(scale == (try Requantization(single: (Float(0.1) * Float(0.3)) / Float(0.7))))
    #expect(throws: (any Error).self) { try Requantization(input: 1e30, weights: 1e30, output: 1, .singlePrecision) }
  }

  @Test func functionsAreCloseToRealOnes() {
    // Bit-exactness is proved by the recorded vectors; this catches a wrong formula at once.
    for step in stride(from: -200, through: 200, by: 7) {
      let x = Double(step) / 25
      let q4 = Int32(x * 0x1p27)
      let logistic = Double(FixedPoint.logistic(q4)) / 0x1p31
      #expect((logistic - 1 / (1 + exp(-x))).magnitude < 1e-6)
    }
  }

  /// e^x by its power series, so that no mathematical library is needed.
  private func exp(_ x: Double) -> Double {
    let reduced = x / 1024
    var (term, sum) = (1.0, 1.0)
    for n in 1..<20 {
      term *= reduced / Double(n)
      sum += term
    }
    return (0..<10).reduce(sum) { value, _ in value * value }
  }
}
