import IR
import Support

/// The bits of the tensors between layers.
package enum ActivationWidth: Int, Sendable {
  /// int8, with a zero point.
  case byte = 8
  /// int16, symmetric, beside int8 weights and biases of 64 bits.
  ///
  /// Source: the TensorFlow Lite specification of 16x8 quantization.
  case short = 16

  var element: ElementType { self == .byte ? .int8 : .int16 }

  /// The quantization that covers a range with any scale.
  func quantization(_ range: AffineRange) throws(Diagnostic) -> Quantization {
    guard self == .short else { return try range.quantization() }
    let scale = Float(max(-range.low, range.high) / 32767)
    // A tensor of zeros may have any scale.
    return try .perTensor(scale: scale.isFinite && scale > 0 ? scale : 1 / 32768, zeroPoint: 0)
  }

  /// The least power of two whose steps cover the range.
  func powerOfTwoScale(_ range: AffineRange) -> Float {
    let needed =
      switch self {
      case .byte: range.isUnsigned ? range.high / 255 : max(range.high / 127, -range.low / 128)
      case .short: max(range.high / 32767, -range.low / 32767)
      }
    guard needed.isFinite, needed > 0x1p-100 else { return 0x1p-8 }
    let exponent = Int(needed.exponent) + (needed.significand > 1 ? 1 : 0)
    return Float(sign: .plus, exponent: exponent, significand: 1)
  }

  /// A quantization without an offset: signed numbers, or as bytes unsigned ones when there is nothing below zero.
  func binaryPoint(_ range: AffineRange, scale: Float) throws(Diagnostic) -> Quantization {
    try .perTensor(scale: scale, zeroPoint: self == .byte && range.isUnsigned ? -128 : 0)
  }
}

extension AffineRange {
  /// Whether there is nothing below zero.
  fileprivate var isUnsigned: Bool { low >= 0 }
}
