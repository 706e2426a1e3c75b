import IR

/// 1 / sqrt(x) of a whole number by five Newton steps in fixed point.
///
/// Source: `GetInvSqrtQuantizedMultiplierExp` in `tensorflow/lite/kernels/internal/common.h`.
enum InverseSquareRoot {
  /// The root as a factor; 0 counts as 1.
  static func factor(_ x: Int32) -> Requantization {
    if x <= 1 { return Requantization(multiplier: Int32.max, shift: 0) }
    var x = x
    var shift = 11
    while x >= 1 << 29 {
      x /= 4
      shift += 1
    }
    let pairs = (x.leadingZeroBitCount - 1) / 2 - 1
    shift -= pairs
    x <<= Int32(2 * pairs)
    let half = roundingShiftRight(x >> 1, 1)
    var root: Int32 = 1 << 28
    for _ in 0..<5 {
      let square = roundingDoublingHighMultiply(root, root)
      let cube = FixedPoint.saturatingShiftLeft(roundingDoublingHighMultiply(square, root), 6)
      root = FixedPoint.saturatingShiftLeft(
        roundingDoublingHighMultiply(3 << 27, root) &- roundingDoublingHighMultiply(half, cube), 3)
    }
    root = roundingDoublingHighMultiply(root, 1_518_500_250)
    if shift < 0 {
      root <<= Int32(-shift)
      shift = 0
    }
    return Requantization(multiplier: root, shift: -shift)
  }

  /// 1 / sqrt(x) × `scale`, with 20 more bits in between. For x ≤ 0 the result is larger than any 16-bit number: 0 gives the
  /// highest output in the reference too, negative numbers are an error there.
  ///
  /// Source: `RsqrtEvalQuantized` in `tensorflow/lite/micro/kernels/elementwise.cc`.
  static func value(_ x: Int32, _ scale: Requantization) -> Int32 {
    if x <= 0 { return 1 << 24 }
    let factor = factor(x)
    let fine = Requantization(multiplier: factor.multiplier, shift: factor.shift + 20).apply(1)
    return Requantization(multiplier: scale.multiplier, shift: scale.shift - 20).apply(fine)
  }
}
