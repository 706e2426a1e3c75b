import IR
import Support

/// Which scales the tensors between layers may have.
package enum ScaleForm: String, Sendable {
  case any
  /// Powers of two, one for each tensor: numbers with a binary point at a place of their own.
  case dynamicFixedPoint = "dynamic-fixed-point"
  /// The same power of two for all tensors.
  case fixedPoint = "fixed-point"
}

extension AffineRange {
  /// Whether the 256 values count from 0 on.
  private var isUnsigned: Bool { low >= 0 }

  /// The least power of two whose steps cover the range.
  var powerOfTwoScale: Float {
    let needed = isUnsigned ? high / 255 : max(high / 127, -low / 128)
    // A tensor of zeros may have any scale.
    guard needed.isFinite, needed > 0x1p-100 else { return 0x1p-8 }
    let exponent = Int(needed.exponent) + (needed.significand > 1 ? 1 : 0)
    return Float(sign: .plus, exponent: exponent, significand: 1)
  }

  /// A quantization without an offset: signed numbers, or unsigned ones when there is nothing below zero.
  func binaryPoint(scale: Float) throws(Diagnostic) -> Quantization {
    try .perTensor(scale: scale, zeroPoint: isUnsigned ? -128 : 0)
  }
}
