import IR

/// A quotient of two small numbers times a factor, by the reciprocal of the denominator in fixed point.
///
/// Source: `DivElementwise` in `tensorflow/lite/kernels/internal/reference/div.h`. Where the reference is undefined, a result
/// far outside of any 16-bit range stands for a quotient by 0 or one that is too large, and 0 for one that is too small.
enum ScaledQuotient {
  static let limit: Int32 = 1 << 24

  static func value(_ numerator: Int32, _ denominator: Int32, _ scale: Requantization) -> Int32 {
    let a = denominator < 0 ? 0 &- numerator : numerator
    let b = denominator < 0 ? 0 &- denominator : denominator
    if a == 0 { return 0 }
    guard b > 0 else { return a > 0 ? limit : -limit }
    let room = b.leadingZeroBitCount
    let fraction = Int32(bitPattern: UInt32(bitPattern: b) << UInt32(room) &- 1 << 31)
    let headroom = (a < 0 ? ~a : a).leadingZeroBitCount - 1
    let quotient = roundingDoublingHighMultiply(a &<< Int32(headroom), FixedPoint.reciprocalOfOnePlus(fraction))
    let shift = scale.shift - (31 - room) - headroom
    guard shift <= 0 else { return a > 0 ? limit : -limit }
    return shift < -31
      ? 0 : roundingShiftRight(roundingDoublingHighMultiply(quotient, scale.multiplier), -shift)
  }
}
