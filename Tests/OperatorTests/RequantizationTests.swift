import Compiler
import Operators
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
