extension FixedPoint {
  /// ln x in Q5 for a number x ≥ 1 in Q12.
  ///
  /// Source: `log_x_for_x_greater_than_or_equal_to_1_impl` in `tensorflow/lite/kernels/internal/common.h`.
  static func logarithm(_ x: Int32) -> Int32 {
    let (root, rootOfRoot): (Int32, Int32) = (1_518_500_250, 1_805_811_301)
    // The mantissa and the exponent of x, and those of x / sqrt 2, whichever is nearer to the middle.
    let zeros = x.leadingZeroBitCount
    let first = saturatingShiftLeft(roundingDoublingHighMultiply(saturatingShiftLeft(x, zeros - 1), root), 1)
    let firstExponent = Int32(12 - zeros) << 25 &+ 1 << 23
    let headroom = roundingDoublingHighMultiply(x, root).leadingZeroBitCount - 1
    let second = saturatingShiftLeft(x, headroom)
    let secondExponent = Int32(12 - headroom) << 25 &- 1 << 23
    let r = min(first, second)
    let exponent = max(firstExponent, secondExponent)
    let sum = Int64(r) + Int64(rootOfRoot)
    let p = Int32((sum + (sum >= 0 ? 1 : -1)) / 2)
    let q = (r &- rootOfRoot) &* 2
    let square = roundingDoublingHighMultiply(q, q)
    let numerator =
      roundingDoublingHighMultiply(q, r)
      &+ roundingDoublingHighMultiply(roundingDoublingHighMultiply(q, square), 117_049_297)
    let denominator =
      roundingDoublingHighMultiply(p, 1_057_819_769 &+ q &+ roundingDoublingHighMultiply(127_690_142, square))
      &+ roundingDoublingHighMultiply(638_450_708, q)
    let fraction = roundingDoublingHighMultiply(roundingShiftRight(numerator, 6), reciprocalOfOnePlus(denominator))
    return saturatingShiftLeft(roundingDoublingHighMultiply(exponent, 1_488_522_236) &+ fraction, 1)
  }
}
