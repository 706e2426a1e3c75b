import IR
import Support

/// How SOFTMAX and LOG_SOFTMAX bring distances from a row's maximum to a fixed-point number with 5 integer bits.
///
/// Source: `PreprocessSoftmaxScaling` and `CalculateInputRadius` in `tensorflow/lite/kernels/internal/quantization_util.cc`.
struct SoftmaxScaling {
  let multiplier: Int32
  /// To the left.
  let shift: Int
  /// Longer distances count as infinite.
  let radius: Int

  init(beta: Float, scale: Float) throws(Diagnostic) {
    let factor = min(Double(beta) * Double(scale) * 0x1p26, 0x1p31 - 1)
    guard factor > 1 else {
      throw Diagnostic("operator.scale", "beta × input scale must be above 2^-26")
    }
    var mantissa = (factor.significand * 0x1p30).rounded()
    var shift = Int(factor.exponent) + 1
    if mantissa == 0x1p31 {
      mantissa /= 2
      shift += 1
    }
    multiplier = Int32(mantissa)
    self.shift = shift
    radius = Int(31 * 0x1p26 / Double(sign: .plus, exponent: shift, significand: 1))
  }

  /// A distance d ≥ 0 from the maximum, times −scale × beta.
  func scaled(_ distance: Int) -> Int32 {
    roundingDoublingHighMultiply(Int32(-distance) &<< Int32(shift), multiplier)
  }

  /// e^(−d · scale · beta) in Q0 for d = 0, 1 … up to the largest 8-bit distance that counts.
  var exponentials: [Int32] {
    (0...min(255, radius)).map { FixedPoint.exp(scaled($0), integerBits: 5) }
  }
}
