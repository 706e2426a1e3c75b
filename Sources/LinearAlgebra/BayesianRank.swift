import Support

/// The rank of the signal in a noisy matrix, without a parameter to choose: empirical variational Bayesian matrix factorization,
/// whose global solution is known in closed form (Nakajima, Sugiyama, Babacan and Tomioka, "Global analytic solution of
/// fully-observed variational Bayesian matrix factorization", JMLR 14, 2013, theorem 2 and corollary 3). The variance of the
/// noise is estimated too, by the least free energy.
package enum BayesianRank {
  /// - Parameter values: the singular values of an `m x n` matrix, all of them, descending.
  /// - Returns: how many stand above the noise; at most `min(m, n)`.
  package static func rank(_ values: [Double], rows: Int, columns: Int) -> Int {
    let small = min(rows, columns)
    let large = Double(max(rows, columns))
    guard small > 0, let first = values.first, first > 0 else { return 0 }
    let energy = Energy(values: values, ratio: Double(small) / large, large: large)
    // Singular values that round to zero say nothing of the noise.
    let floor = first * first * 1e-30 / large
    let squares = values.map { $0 * $0 }
    let upper = squares.reduce(0, +) / (Double(small) * large)
    let rest = min(Int((Double(small) / (1 + energy.ratio)).rounded(.up)) - 1, values.count - 1)
    let tail = squares.dropFirst(rest)
    let mean = tail.reduce(0, +) / (large * Double(max(1, tail.count)))
    let lower = max((tail.first ?? 0) / (large * energy.threshold), mean, floor)
    let noise = energy.minimum(from: min(lower, upper), to: upper)
    let least = (large * noise * energy.threshold).squareRoot()
    return values.prefix { $0 > least }.count
  }

  /// The free energy as a function of the noise's variance, up to constants.
  private struct Energy {
    let values: [Double]
    /// The shorter side of the matrix by the longer one.
    let ratio: Double
    /// The longer side.
    let large: Double

    /// The square of a singular value of the signal is above this, in units of the noise.
    var threshold: Double {
      let bound = 2.5129 * ratio.squareRoot()
      return (1 + bound) * (1 + ratio / bound)
    }

    func value(_ noise: Double) -> Double {
      values.reduce(0.0) { sum, value in
        let x = value * value / (large * noise)
        // A value of zero adds the same for every variance but for its logarithm, which the last term has.
        guard x > 0 else { return sum + RealFunctions.log(noise) }
        guard x > threshold else { return sum + x - RealFunctions.log(x) }
        let shifted = x - (1 + ratio)
        let tau = (shifted + max(0, shifted * shifted - 4 * ratio).squareRoot()) / 2
        return sum + x - tau + RealFunctions.log((tau + 1) / x) + ratio * RealFunctions.log(tau / ratio + 1)
      }
    }

    /// Where the energy is least: the best of many steps, refined by the golden section.
    func minimum(from low: Double, to high: Double) -> Double {
      guard low < high else { return high }
      let steps = 200
      let span = RealFunctions.log(high / low)
      func noise(_ step: Double) -> Double { low * RealFunctions.exp(span * step / Double(steps)) }
      let best = (0...steps).min { value(noise(Double($0))) < value(noise(Double($1))) } ?? 0
      var (left, right) = (Double(max(0, best - 1)), Double(min(steps, best + 1)))
      let golden = 0.6180339887498949
      while right - left > 1e-6 {
        let (a, b) = (right - golden * (right - left), left + golden * (right - left))
        if value(noise(a)) <= value(noise(b)) { right = b } else { left = a }
      }
      return noise((left + right) / 2)
    }
  }
}
