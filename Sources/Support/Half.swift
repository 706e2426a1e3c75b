/// IEEE 754 half precision, which not every platform's Swift has.
package enum Half {
  /// The float with the value of the half-precision number with the given bits.
  package static func widened(_ bits: UInt16) -> Float {
    let sign: FloatingPointSign = bits >> 15 == 0 ? .plus : .minus
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023)
    switch exponent {
    case 0: return Float(sign: sign, exponent: -24, significand: fraction)
    case 31: return fraction == 0 ? (sign == .plus ? .infinity : -.infinity) : .nan
    default: return Float(sign: sign, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }
}
