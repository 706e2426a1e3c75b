/// Products of single-precision numbers by integer arithmetic alone, as the C function `single_scale` computes them.
enum SinglePrecision {
  /// Results of 2^22 or more saturate: they lie outside of every output type's values.
  static let resultBits = 22
  /// Significant bits of a number.
  private static let significantBits = 24

  /// `value` as a single-precision number, times the number `multiplier` × 2^(`shift` − 31), rounded to the nearest integer;
  /// all three roundings take ties to even.
  ///
  /// The integers are exact: at most 31 bits times 24 bits. A product is rounded to 24 significant bits first, as the
  /// single-precision number would be. Products below the range of normal numbers round to 0 in both.
  static func product(_ value: Int32, _ multiplier: Int32, _ shift: Int) -> Int32 {
    let whole = UInt64(value.magnitude)
    let excess = excess(whole)
    let rounded = toEven(whole, excess) << UInt64(excess)
    var product = rounded * UInt64(multiplier >> 7)
    if product == 0 { return 0 }
    var right = significantBits - shift
    let result: Int32
    if right < 64 - resultBits, product >> UInt64(resultBits + right) != 0 {
      result = 1 << Int32(resultBits)
    } else {
      // The product is less than 2^(22 + right) and at least 2^23, so that `right` stays positive.
      let excess = self.excess(product)
      product = toEven(product, excess)
      right -= excess
      result = right > significantBits + 1 ? 0 : Int32(truncatingIfNeeded: toEven(product, right))
    }
    return value < 0 ? -result : result
  }

  /// How many bits `value` has beyond those that are significant.
  private static func excess(_ value: UInt64) -> Int { max(0, 64 - value.leadingZeroBitCount - significantBits) }

  /// `value` / 2^`bits`, rounded to nearest, ties to even.
  private static func toEven(_ value: UInt64, _ bits: Int) -> UInt64 {
    if bits == 0 { return value }
    let half = UInt64(1) << UInt64(bits - 1)
    return (value + half - 1 + (value >> UInt64(bits) & 1)) >> UInt64(bits)
  }
}
