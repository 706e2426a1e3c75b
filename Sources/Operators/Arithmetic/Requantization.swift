package import Support

/// The factor by which an accumulator becomes an output value: `multiplier` × 2^(`shift` − 31).
package struct Requantization: Equatable, Sendable {
  /// How the product of an accumulator and the factor becomes an integer.
  package enum Arithmetic: String, Sendable {
    /// That of TensorFlow Lite Micro built with double rounding (`tensorflow/lite/kernels/internal/quantization_util.cc` and
    /// `common.cc`): a factor of 31 bits, rounded after the multiplication and again after the shift.
    case fixedPoint = "fixed_point"
    /// That of ONNX Runtime (`MlasRequantizeOutput` in `onnxruntime/core/mlas/lib/quantize.cpp`): accumulator and product are
    /// single-precision numbers, and the product is rounded to the nearest integer, ties to even.
    case singlePrecision = "single_precision"
  }

  /// A fixed-point number with 31 fraction bits: 0, or from 2^30 to 2^31 − 1. In single precision the lowest 7 bits are 0.
  package let multiplier: Int32
  /// From −31 to 30; positive to the left.
  package let shift: Int
  package let arithmetic: Arithmetic

  package init(multiplier: Int32, shift: Int, arithmetic: Arithmetic = .fixedPoint) {
    self.multiplier = multiplier
    self.shift = shift
    self.arithmetic = arithmetic
  }

  /// The nearest factor to `scale`; a factor below 2^−32 becomes 0, as in the reference.
  package init(scale: Double) throws(Diagnostic) {
    guard scale.isFinite, scale >= 0 else {
      throw Diagnostic("requantization.scale", "the ratio of scales \(scale) is not a non-negative number")
    }
    guard scale > 0 else {
      self.init(multiplier: 0, shift: 0)
      return
    }
    var shift = Int(scale.exponent) + 1
    var mantissa = Int64((scale.significand / 2 * 0x1p31).rounded())
    if mantissa == 1 << 31 {
      mantissa /= 2
      shift += 1
    }
    if shift < -31 {
      self.init(multiplier: 0, shift: 0)
      return
    }
    guard shift <= 30 else {
      throw Diagnostic("requantization.scale", "the ratio of scales \(scale) is 2^30 or more")
    }
    self.init(multiplier: Int32(truncatingIfNeeded: mantissa), shift: shift)
  }

  /// The factor of a layer's accumulators, in the steps in which `arithmetic` computes it from the scales of the file.
  ///
  /// Sources: `PopulateConvolutionQuantizationParams` in `tensorflow/lite/kernels/kernel_util.cc`; `ComputeOutputScale` in
  /// `onnxruntime/core/providers/cpu/quantization/qlinearconv.cc`.
  package init(input: Float, weights: Float, output: Float, _ arithmetic: Arithmetic) throws(Diagnostic) {
    switch arithmetic {
    case .fixedPoint: try self.init(scale: Double(input) * Double(weights) / Double(output))
    case .singlePrecision: try self.init(single: input * weights / output)
    }
  }

  /// A single-precision factor; one below 2^−32 becomes 0, since its product with any accumulator is less than a half.
  package init(single scale: Float) throws(Diagnostic) {
    let exact = try Requantization(scale: Double(scale))
    self.init(multiplier: exact.multiplier, shift: exact.shift, arithmetic: .singlePrecision)
  }

  /// How a shift stands in constants: one of single precision is larger by this.
  package static let singlePrecisionMark = 64

  /// A factor from the constants of an operator in integer normal form.
  package init(multiplier: Int32, markedShift: Int32) {
    let isSingle = markedShift > 31
    self.init(
      multiplier: multiplier, shift: Int(markedShift) - (isSingle ? Self.singlePrecisionMark : 0),
      arithmetic: isSingle ? .singlePrecision : .fixedPoint)
  }

  /// The shift as constants of integer operators and the C function `scale` have it: it tells the arithmetic, too.
  package var markedShift: Int32 {
    Int32(truncatingIfNeeded: shift + (arithmetic == .singlePrecision ? Self.singlePrecisionMark : 0))
  }

  /// A factor that must be above 0 and below 1, as ADD and SUB need it.
  package init(scaleBelowOne scale: Double) throws(Diagnostic) {
    guard scale > 0, scale < 1 else {
      throw Diagnostic("requantization.scale", "the ratio of scales \(scale) must be above 0 and below 1")
    }
    try self.init(scale: scale)
  }

  /// `value` times the factor.
  ///
  /// In fixed point it is rounded twice: to nearest after the multiplication, and half away from zero after the shift; a left
  /// shift drops the bits above 32, as the reference does. In single precision results saturate at
  /// ±2^``SinglePrecision/resultBits``.
  package func apply(_ value: Int32) -> Int32 {
    if arithmetic == .singlePrecision { return SinglePrecision.product(value, multiplier, shift) }
    let shifted = shift > 0 ? value &<< Int32(shift) : value
    let high = roundingDoublingHighMultiply(shifted, multiplier)
    return shift < 0 ? roundingShiftRight(high, -shift) : high
  }

  /// The 15 highest bits of the multiplier, rounded.
  package var reducedMultiplier: Int32 { multiplier < 0x7FFF_0000 ? (multiplier + 1 << 15) >> 16 : 0x7FFF }

  /// `sum`, of less than 2^47, times the 15 highest bits of the factor, which is below 2^7; rounded once, cut to 32 bits.
  ///
  /// Source: `MultiplyByQuantizedMultiplier` for 64 bits in `tensorflow/lite/kernels/internal/common.cc`.
  package func apply(wide sum: Int64) -> Int32 {
    let shift = Int64(15 - self.shift)
    return Int32(truncatingIfNeeded: (sum * Int64(reducedMultiplier) + 1 << (shift - 1)) >> shift)
  }
}

/// The high half of 2·a·b, rounded to nearest with ties upward; saturates for a = b = −2^31.
///
/// Equals gemmlowp's `SaturatingRoundingDoublingHighMul`: truncating (ab + 2^30) for ab ≥ 0 and (ab + 1 − 2^30) for
/// ab < 0 by 2^31 is the floor of (ab + 2^30) / 2^31 in both cases.
package func roundingDoublingHighMultiply(_ a: Int32, _ b: Int32) -> Int32 {
  if a == Int32.min && b == Int32.min { return Int32.max }
  return Int32(truncatingIfNeeded: (Int64(a) * Int64(b) + 1 << 30) >> 31)
}

/// `value` / 2^`exponent` for an exponent from 0 to 31, rounded to nearest, half away from zero.
package func roundingShiftRight(_ value: Int32, _ exponent: Int) -> Int32 {
  let mask = Int32(truncatingIfNeeded: (Int64(1) << Int64(exponent)) - 1)
  let remainder = value & mask
  let threshold = mask >> 1 + (value < 0 ? 1 : 0)
  return value >> Int32(exponent) + (remainder > threshold ? 1 : 0)
}

extension ClosedRange<Int32> {
  /// `value`, or the nearest bound of the range.
  package func clamping(_ value: Int32) -> Int32 { Swift.min(Swift.max(value, lowerBound), upperBound) }
}
