package import Support

/// Random numbers of other distributions, the same on every machine.
extension SplitMix64 {
  /// −1 or 1.
  package mutating func nextSign() -> Float { next() >> 63 == 0 ? 1 : -1 }

  /// Uniform in 0..<1.
  package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal, by the method of Box and Muller.
  package mutating func nextNormal() -> Double {
    let radius = (-2 * RealFunctions.log(1 - nextUnit())).squareRoot()
    return radius * RealFunctions.cosine(2 * Double.pi * nextUnit())
  }
}
