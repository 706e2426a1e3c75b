import IR

/// Values that a mask replaced by −∞, or by about the lowest float, so that a softmax gives them no share.
///
/// The range of such a tensor is that of the other values and so much below that a value at its lower end has a share of less than
/// e⁻¹⁰ of the smallest other one; there the masked values are, since what is outside of the range saturates.
enum MaskedScores {
  private static let margin = 10.0

  static func isMasked(_ value: Float) -> Bool { value <= -1e30 }

  static func others(_ values: [Float]) -> [Float] { values.filter { !isMasked($0) } }

  static func widened(_ range: AffineRange) -> AffineRange {
    AffineRange(low: range.low - margin, high: range.high)
  }
}
