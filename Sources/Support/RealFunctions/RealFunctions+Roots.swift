extension RealFunctions {
  /// The natural logarithm, by x = 2^k·m with m from √½ to √2 and the series of 2·artanh((m − 1) / (m + 1)).
  package static func log(_ x: Double) -> Double {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return -.infinity }
    if x == .infinity { return x }
    var (k, m) = (Double(x.exponent), x.significand)
    if m > 1.4142135623730951 {
      m /= 2
      k += 1
    }
    let z = (m - 1) / (m + 1)
    var sum = 0.0
    for n in stride(from: 23.0, through: 1, by: -2) { sum = sum * z * z + 1 / n }
    // ln 2 in two parts: the first has so few bits that its product with k is exact.
    return k * 0x1.62e42feep-1 + (2 * z * sum + k * 0x1.a39ef35793c76p-33)
  }

  /// x^y; whole exponents of negative numbers keep their sign.
  package static func power(_ x: Double, _ y: Double) -> Double {
    if y == 0 { return 1 }
    if y == 0.5 { return x.squareRoot() }
    if y == -0.5 { return 1 / x.squareRoot() }
    let isWhole = y.rounded() == y
    if isWhole, y.magnitude <= 64 {
      let product = (0..<Int(y.magnitude)).reduce(1.0) { product, _ in product * x }
      return y < 0 ? 1 / product : product
    }
    if x < 0 {
      guard isWhole else { return .nan }
      let magnitude = exp(y * log(-x))
      return (y / 2).rounded() == y / 2 ? magnitude : -magnitude
    }
    return exp(y * log(x))
  }

  /// The error function, by its series for small x and the continued fraction of its complement for large ones.
  package static func error(_ x: Double) -> Double {
    let magnitude = x.magnitude
    if x.isNaN { return x }
    if magnitude > 6 { return x < 0 ? -1 : 1 }
    if magnitude < 2.5 {
      // 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5…(2n+1)): all terms have one sign, so none cancel.
      var (term, sum) = (x, x)
      for n in 1..<80 {
        term *= 2 * x * x / Double(2 * n + 1)
        sum += term
      }
      return 2 / Double.pi.squareRoot() * exp(-x * x) * sum
    }
    var fraction = magnitude
    for n in stride(from: 60.0, to: 0, by: -1) { fraction = magnitude + n / 2 / fraction }
    let complement = exp(-x * x) / (fraction * Double.pi.squareRoot())
    return x < 0 ? complement - 1 : 1 - complement
  }

  package static func sine(_ x: Double) -> Double { circular(x, shift: 0) }
  package static func cosine(_ x: Double) -> Double { circular(x, shift: 1) }

  /// sin(x + shift·π/2), by reduction to |r| ≤ π/4 and Taylor series; for numbers so large that the reduction would lose
  /// their digits it is not a number.
  private static func circular(_ x: Double, shift: Int) -> Double {
    guard x.magnitude < 1e8 else { return .nan }
    let k = (x * 2 / Double.pi).rounded()
    // π/2 in three parts; the products of the first two with k are exact.
    let r = x - k * 0x1.921fb544p+0 - k * 0x1.0b4611a6p-34 - k * 0x1.3198a2e037073p-69
    let quarter = (Int(k) + shift) & 3
    var sum = 0.0
    if quarter & 1 == 0 {
      for n in stride(from: 21.0, to: 1, by: -2) { sum = -r * r / (n * (n - 1)) * (1 + sum) }
      sum = r * (1 + sum)
    } else {
      for n in stride(from: 20.0, to: 1, by: -2) { sum = -r * r / (n * (n - 1)) * (1 + sum) }
      sum += 1
    }
    return quarter & 2 == 0 ? sum : -sum
  }
}
