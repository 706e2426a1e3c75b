/// Exponential, reciprocal, logistic function and hyperbolic tangent in 32-bit fixed point.
///
/// `Qm` is a number with m integer bits and 31 − m fraction bits. Results are those of gemmlowp's `fixedpoint.h`, which
/// the reference kernels use: the same polynomial, the same Newton steps, the same roundings.
package enum FixedPoint {
  private static let one = Int32.max

  /// Shifts left by `exponent` and saturates.
  static func saturatingShiftLeft(_ value: Int32, _ exponent: Int) -> Int32 {
    let threshold = Int32(1) << Int32(31 - exponent) - 1
    if value > threshold { return Int32.max }
    if value < -threshold { return Int32.min }
    return value << Int32(exponent)
  }

  /// e^a for a Q0 number in [−1/4, 0): a Taylor polynomial of fourth order around −1/8.
  private static func expNearZero(_ a: Int32) -> Int32 {
    let expOfMinusEighth: Int32 = 1_895_147_668
    let third: Int32 = 715_827_883
    let x = a &+ 1 << 28
    let x2 = roundingDoublingHighMultiply(x, x)
    let x3 = roundingDoublingHighMultiply(x2, x)
    let x4 = roundingDoublingHighMultiply(x2, x2)
    let cubicAndQuartic = roundingDoublingHighMultiply(roundingShiftRight(x4, 2) &+ x3, third)
    let series = x &+ roundingShiftRight(cubicAndQuartic &+ x2, 1)
    return expOfMinusEighth &+ roundingDoublingHighMultiply(expOfMinusEighth, series)
  }

  /// e^a in Q0 for a Qm number a ≤ 0 with m = `integerBits` of at most 5.
  package static func exp(_ a: Int32, integerBits: Int) -> Int32 {
    if a == 0 { return one }
    let fractionBits = 31 - integerBits
    let quarter = Int32(1) << Int32(fractionBits - 2)
    let inQuarter = a & (quarter - 1) &- quarter
    var result = expNearZero(saturatingShiftLeft(inQuarter, integerBits))
    let remainder = inQuarter &- a
    // e^(−2^k) in Q0 for k = −2 ... 4.
    let powers: [Int32] = [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242]
    for (index, power) in powers.enumerated() where integerBits > index - 2 {
      if remainder & (Int32(1) << Int32(fractionBits + index - 2)) != 0 {
        result = roundingDoublingHighMultiply(result, power)
      }
    }
    return result
  }

  /// Q2 approximation of 1 / ((1 + a) / 2) for a Q0 number a in [0, 1]: three Newton steps.
  private static func reciprocalOfHalfOnePlus(_ a: Int32) -> Int32 {
    let sum = Int64(a) + Int64(one)
    let halfDenominator = Int32(truncatingIfNeeded: (sum + (sum >= 0 ? 1 : -1)) / 2)
    let oneInQ2 = Int32(1) << 29
    var x = 1_515_870_810 &+ roundingDoublingHighMultiply(halfDenominator, -1_010_580_540)
    for _ in 0..<3 {
      let error = oneInQ2 &- roundingDoublingHighMultiply(halfDenominator, x)
      x = x &+ saturatingShiftLeft(roundingDoublingHighMultiply(x, error), 2)
    }
    return x
  }

  /// 1 / (1 + a) in Q0 for a Q0 number a in [0, 1].
  package static func reciprocalOfOnePlus(_ a: Int32) -> Int32 {
    saturatingShiftLeft(reciprocalOfHalfOnePlus(a), 1)
  }

  /// The logistic function of a Q4 number, in Q0.
  package static func logistic(_ a: Int32) -> Int32 {
    if a == 0 { return 1 << 30 }
    let positive = reciprocalOfOnePlus(exp(a > 0 ? 0 &- a : a, integerBits: 4))
    return a > 0 ? positive : one &- positive
  }

  /// The hyperbolic tangent of a Q4 number, in Q0.
  package static func tanh(_ a: Int32) -> Int32 {
    if a == 0 { return 0 }
    // tanh(x) = (1 − e^−2x) / (1 + e^−2x); doubling a Q4 number is reading it as Q5.
    let x = reciprocalOfHalfOnePlus(exp(a < 0 ? a : 0 &- a, integerBits: 5))
    let magnitude = saturatingShiftLeft(x &- 1 << 29, 2)
    return a < 0 ? 0 &- magnitude : magnitude
  }

  /// 1 / `x` for a positive Q12 number: a Q0 mantissa in (1/2, 1], and by how many bits it must be shifted right.
  package static func reciprocal(_ x: Int32) -> (mantissa: Int32, bitsOverUnit: Int) {
    let headroom = x.leadingZeroBitCount
    let fraction = Int32(bitPattern: UInt32(bitPattern: x) << UInt32(headroom) &- 1 << 31)
    return (reciprocalOfOnePlus(fraction), 12 - headroom)
  }
}
