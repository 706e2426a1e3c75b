import LinearAlgebra

/// What other weights of one output channel cost: the mean squared change of the channel's sums over the calibration vectors,
/// (v − w) H (v − w)ᵀ for weights v beside the best ones w, where H holds the second moments of what the channel reads.
package struct QuadraticLoss: Sendable {
  package let size: Int
  /// H, row after row, with a little added to its diagonal: inputs that are always 0 have no say otherwise.
  package let hessian: [Double]
  /// The order in which weights are rounded: those with the largest moments first, since the later ones make up for them.
  private let order: [Int]
  /// Upper triangle U with H⁻¹ = Uᵀ U in this order; nil for channels with so many weights that it takes too long.
  private let upper: [Double]?

  /// Weights of a channel up to which H is inverted.
  private static let largestInverse = 1536
  /// What is added to the diagonal, as a part of its mean.
  package static let damping = 0.01

  /// - Parameter moments: E[x xᵀ], row after row.
  package init(moments: [Double], size: Int) {
    var hessian = moments
    let mean = (0..<size).reduce(0) { $0 + moments[$1 * size + $1] } / Double(max(1, size))
    let added = max(mean * Self.damping, 1e-12)
    for i in 0..<size { hessian[i * size + i] += added }
    self.size = size
    self.hessian = hessian
    let order = (0..<size).sorted {
      (hessian[$1 * size + $1], $0) < (hessian[$0 * size + $0], $1)
    }
    self.order = order
    upper = size <= Self.largestInverse ? Self.upper(hessian, order) : nil
  }

  private static func upper(_ hessian: [Double], _ order: [Int]) -> [Double]? {
    let size = order.count
    let permuted = order.flatMap { row in order.map { hessian[row * size + $0] } }
    guard let inverse = Cholesky(permuted, size: size)?.inverse, let lower = Cholesky(inverse, size: size)?.factor
    else { return nil }
    var upper = [Double](repeating: 0, count: size * size)
    for i in 0..<size { for j in 0...i { upper[j * size + i] = lower[i * size + j] } }
    return upper
  }

  /// The loss of weights v beside w.
  package func loss(_ v: [Double], _ w: [Double]) -> Double {
    let difference = zip(v, w).map { $0 - $1 }
    return hessian.withUnsafeBufferPointer { h in
      var sum = 0.0
      for i in 0..<size where difference[i] != 0 {
        var row = 0.0
        for j in 0..<size { row += h[i * size + j] * difference[j] }
        sum += row * difference[i]
      }
      return sum
    }
  }

  /// Chooses one weight after the other and moves the ones that are not chosen yet so that they make up for the change.
  ///
  /// - Parameter choose: gives the value of the weight at a place instead of the wanted one; a difference d costs curvature · d².
  ///
  /// Source: E. Frantar et al., GPTQ, ICLR 2023, after B. Hassibi and D. Stork, Optimal Brain Surgeon, 1993.
  package func rounded(_ wanted: [Double], _ choose: (_ place: Int, _ value: Double, _ curvature: Double) -> Double)
    -> [Double]
  {
    guard let upper else {
      return wanted.indices.map { choose($0, wanted[$0], hessian[$0 * size + $0]) }
    }
    var values = order.map { wanted[$0] }
    var result = wanted
    upper.withUnsafeBufferPointer { u in
      for i in 0..<size {
        let pivot = u[i * size + i]
        let chosen = choose(order[i], values[i], 1 / (pivot * pivot))
        let error = (values[i] - chosen) / pivot
        result[order[i]] = chosen
        guard error != 0 else { continue }
        for j in i + 1..<max(size, i + 1) { values[j] -= error * u[i * size + j] }
      }
    }
    return result
  }

  /// Chooses each weight again, the others as they are, until nothing changes.
  ///
  /// Every choice that is taken lowers loss + cost of the choices, so that the result is never worse than `values`; this is the
  /// coordinate descent that replaces AdaRound's (M. Nagel et al., ICML 2020) relaxation.
  ///
  /// - Parameter choose: as above.
  package func improved(
    _ values: [Double], _ wanted: [Double], rounds: Int,
    _ choose: (_ place: Int, _ value: Double, _ curvature: Double) -> Double
  ) -> [Double] {
    var values = values
    // H (v − w), kept up to date.
    var gradient = [Double](repeating: 0, count: size)
    hessian.withUnsafeBufferPointer { h in
      gradient.withUnsafeMutableBufferPointer { g in
        for j in 0..<size {
          let difference = values[j] - wanted[j]
          guard difference != 0 else { continue }
          for i in 0..<size { g[i] += h[j * size + i] * difference }
        }
        for _ in 0..<rounds {
          var changes = false
          for i in order {
            let curvature = h[i * size + i]
            let best = values[i] - g[i] / curvature
            let chosen = choose(i, best, curvature)
            let change = chosen - values[i]
            guard abs(change) > 1e-9 * abs(chosen) + 1e-15 else { continue }
            values[i] = chosen
            changes = true
            for k in 0..<size { g[k] += h[i * size + k] * change }
          }
          if !changes { break }
        }
      }
    }
    return values
  }
}
