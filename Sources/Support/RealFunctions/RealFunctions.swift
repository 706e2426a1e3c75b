/// Functions of real numbers in double precision by arithmetic alone, so that every machine gets the same bits.
///
/// They are exact to some units in the last place of a double, far below the rounding to a float.
package enum RealFunctions {
  /// e^x, by x = k·ln 2 + r with |r| ≤ ln 2 / 2 and the Taylor series of e^r.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.7 { return .infinity }
    if x < -745.2 { return 0 }
    let k = (x * 1.4426950408889634).rounded()
    // ln 2 in two parts: the first has so few bits that its product with k is exact.
    let r = x - k * 0x1.62e42feep-1 - k * 0x1.a39ef35793c76p-33
    var sum = 1.0
    for n in stride(from: 14.0, to: 0, by: -1) { sum = 1 + sum * r / n }
    // In two steps, since 2^k alone may be too small for a normal number.
    let half = (k / 2).rounded(.down)
    return sum * Double(sign: .plus, exponent: Int(half), significand: 1)
      * Double(sign: .plus, exponent: Int(k - half), significand: 1)
  }

  /// e^x − 1 without cancellation near 0.
  package static func expMinus1(_ x: Double) -> Double {
    guard x.magnitude < 1e-3 else { return exp(x) - 1 }
    return x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5))))
  }

  package static func tanh(_ x: Double) -> Double {
    if x.magnitude < 1e-4 { return x - x * x * x / 3 }
    if x.magnitude > 22 { return x < 0 ? -1 : 1 }
    let square = exp(2 * x)
    return (square - 1) / (square + 1)
  }

  package static func exp(_ x: Float) -> Float { Float(exp(Double(x))) }
  package static func tanh(_ x: Float) -> Float { Float(tanh(Double(x))) }
}
