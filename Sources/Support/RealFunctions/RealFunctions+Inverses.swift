extension RealFunctions {
  /// By two halvings of the angle and the series of the rest.
  package static func arctangent(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x.magnitude > 1 { return (x < 0 ? -1 : 1) * Double.pi / 2 - arctangent(1 / x) }
    // tan(a/2) = tan a / (1 + √(1 + tan² a)), so that at most tan(π/16) = 0.199 is left.
    var z = x
    for _ in 0..<2 { z = z / (1 + (1 + z * z).squareRoot()) }
    var sum = 0.0
    for n in stride(from: 25.0, through: 1, by: -2) { sum = 1 / n - z * z * sum }
    return 4 * z * sum
  }

  /// Not a number outside of −1...1.
  package static func arcsine(_ x: Double) -> Double {
    guard x.magnitude < 1 else { return x.magnitude == 1 ? x * Double.pi / 2 : .nan }
    return arctangent(x / ((1 - x) * (1 + x)).squareRoot())
  }

  /// By the half angle, which loses nothing near 1.
  package static func arccosine(_ x: Double) -> Double {
    guard x.magnitude <= 1 else { return .nan }
    return x == -1 ? Double.pi : 2 * arctangent(((1 - x) / (1 + x)).squareRoot())
  }

  /// ln(1 + x) without cancellation near 0: the rounding error of 1 + x is divided out again.
  package static func logOf1Plus(_ x: Double) -> Double {
    let sum = 1 + x
    return sum == 1 || !sum.isFinite ? (sum == 1 ? x : log(sum)) : log(sum) * (x / (sum - 1))
  }

  package static func inverseHyperbolicSine(_ x: Double) -> Double {
    let a = x.magnitude
    if a > 1e8 { return (x < 0 ? -1 : 1) * (log(a) + log(2)) }
    let value = logOf1Plus(a + a * a / (1 + (1 + a * a).squareRoot()))
    return x < 0 ? -value : value
  }

  /// Not a number below 1.
  package static func inverseHyperbolicCosine(_ x: Double) -> Double {
    guard x >= 1 else { return .nan }
    if x > 1e8 { return log(x) + log(2) }
    let t = x - 1
    return logOf1Plus(t + (2 * t + t * t).squareRoot())
  }
}
