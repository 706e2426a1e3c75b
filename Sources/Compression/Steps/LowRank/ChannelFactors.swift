import LinearAlgebra

/// Weights through fewer filters: W ≈ A · B, a layer with B's rows as filters and a 1×1 convolution (or dense layer) with A.
///
/// A holds the principal components of the layer's sums, B what projects on them: W ≈ U Uᵀ W with the left singular vectors U
/// of the whitened weights, which is the matrix of the rank whose sums come closest.
///
/// Source: X. Zhang, J. Zou, K. He and J. Sun, Accelerating Very Deep Convolutional Networks for Classification and Detection,
/// TPAMI 2016, section 3.1; E. Denton et al., NIPS 2014.
struct ChannelFactors: FactoredWeights {
  /// filters × rank, and rank × taps · depth.
  var factors: [Matrix]

  /// - Parameter decomposition: of the whitened weights.
  init(_ problem: LowRankProblem, _ decomposition: SingularValues, rank: Int) {
    let left = decomposition.left.prefix(columns: min(rank, decomposition.values.count))
    factors = [left, left.transposed * problem.target]
  }

  var product: Matrix { factors[0] * factors[1] }

  func derivative(_ factor: Int, _ gradient: Matrix) -> Matrix {
    factor == 0 ? gradient * factors[1].transposed : factors[0].transposed * gradient
  }

  func chain(_ problem: LowRankProblem) -> [FactorLayer] {
    let balance = problem.moments.powers(factors[1]).balance
    let rank = factors[1].rows
    return [
      FactorLayer(
        .all, dims: [rank, problem.height, problem.width, problem.depth],
        factors[1].scaled(rows: balance.factors).values),
      FactorLayer(.none, dims: [problem.filters, 1, 1, rank], factors[0].scaled(columns: balance.inverses).values),
    ]
  }

  var rankText: String { "rank \(factors[1].rows)" }
}
