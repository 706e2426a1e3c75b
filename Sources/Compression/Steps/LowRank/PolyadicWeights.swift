import LinearAlgebra

/// A convolution as a 1×1 convolution, a depthwise one and another 1×1: `w[n, t, c] ≈ Σ expand[n, r] taps[t, r] reduce[c, r]`,
/// the canonical polyadic decomposition of the weights over filters, taps and channels.
///
/// Source: V. Lebedev et al., Speeding-up Convolutional Neural Networks Using Fine-tuned CP-Decomposition, ICLR 2015; height
/// and width stay one axis here, which takes one layer less and is never worse at the same rank.
struct PolyadicWeights: FactoredWeights {
  private var polyadic: PolyadicFactors

  /// - Parameter isRough: whether a few sweeps are enough, to see what the rank can keep.
  init(_ problem: LowRankProblem, rank: Int, seed: UInt64, isRough: Bool = false) {
    let moments = problem.pixelMoments
    polyadic = PolyadicFactors(
      problem.whitenedPixels(moments), depth: problem.depth, rank: rank, seed: seed, least: isRough ? 1e-4 : 1e-7)
    polyadic.last = moments.restored(polyadic.last.transposed).transposed
  }

  /// filters × rank, taps × rank, and depth × rank.
  var factors: [Matrix] {
    get { [polyadic.first, polyadic.middle, polyadic.last] }
    set { polyadic = PolyadicFactors(first: newValue[0], middle: newValue[1], last: newValue[2]) }
  }

  var product: Matrix { polyadic.product }

  func derivative(_ factor: Int, _ gradient: Matrix) -> Matrix {
    polyadic.projection(gradient, PolyadicFactors.Axis.allCases[factor])
  }

  func chain(_ problem: LowRankProblem) -> [FactorLayer] {
    let rank = polyadic.rank
    let reduce = polyadic.last.transposed
    let inputs = problem.pixelMoments.powers(reduce).balance
    let reduced = reduce.scaled(rows: inputs.factors)
    let filters = polyadic.middle.scaled(columns: inputs.inverses)
    var taken = Matrix(rows: rank, columns: problem.target.columns)
    for r in 0..<rank {
      for column in 0..<taken.columns {
        taken[r, column] = filters[column / problem.depth, r] * reduced[r, column % problem.depth]
      }
    }
    let outputs = problem.moments.powers(taken).balance
    return [
      FactorLayer(.none, dims: [rank, 1, 1, problem.depth], reduced.values),
      FactorLayer(
        .all, isDepthwise: true, dims: [1, problem.height, problem.width, rank],
        filters.scaled(columns: outputs.factors).values),
      FactorLayer(
        .none, dims: [problem.filters, 1, 1, rank], polyadic.first.scaled(columns: outputs.inverses).values),
    ]
  }

  var rankText: String { "rank \(polyadic.rank)" }
}
