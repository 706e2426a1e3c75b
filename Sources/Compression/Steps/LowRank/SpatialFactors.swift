import LinearAlgebra

/// A convolution as one with filters height × 1 and one with filters 1 × width:
/// `w[n, y, x, c] ≈ Σ across[n, x, r] down[r, y, c]`, the singular value decomposition of the weights as a matrix with rows
/// (n, x) and columns (y, c).
///
/// Source: C. Tai, T. Xiao, Y. Zhang, X. Wang and W. E, Convolutional Neural Networks with Low-Rank Regularization, ICLR 2016,
/// after M. Jaderberg, A. Vedaldi and A. Zisserman, BMVC 2014.
struct SpatialFactors: FactoredWeights {
  /// filters · width × rank, and rank × height · depth.
  var factors: [Matrix]
  private let height: Int
  private let width: Int
  private let depth: Int

  /// - Parameter decomposition: of the unfolded target, whitened column of taps by column of taps.
  init(_ problem: LowRankProblem, _ decomposition: SingularValues, rank: Int) {
    (height, width, depth) = (problem.height, problem.width, problem.depth)
    let count = min(rank, decomposition.values.count)
    let values = Array(decomposition.values.prefix(count))
    factors = [
      decomposition.left.prefix(columns: count).scaled(columns: values),
      problem.columnMoments.restored(decomposition.right.prefix(columns: count).transposed),
    ]
  }

  /// Weights with rows (n, x) and columns (y, c).
  static func unfolded(_ weights: Matrix, _ problem: LowRankProblem) -> Matrix {
    folding(weights, height: problem.height, width: problem.width, depth: problem.depth)
  }

  /// Exchanges the axes y and x of [n, y, x, c]; rows become (n, x).
  private static func folding(_ weights: Matrix, height: Int, width: Int, depth: Int) -> Matrix {
    let rows = weights.values.count / max(1, height * depth)
    var result = Matrix(rows: rows, columns: height * depth)
    for row in 0..<rows {
      for column in 0..<height * depth {
        let (y, c) = (column / depth, column % depth)
        result[row, column] = weights[row / width, (y * width + row % width) * depth + c]
      }
    }
    return result
  }

  var product: Matrix {
    let folded = factors[0] * factors[1]
    let columns = height * width * depth
    var result = Matrix(rows: folded.rows / max(1, width), columns: columns)
    for row in 0..<result.rows {
      for column in 0..<columns {
        let (tap, c) = (column / depth, column % depth)
        result[row, column] = folded[row * width + tap % width, tap / width * depth + c]
      }
    }
    return result
  }

  func derivative(_ factor: Int, _ gradient: Matrix) -> Matrix {
    let folded = Self.folding(gradient, height: height, width: width, depth: depth)
    return factor == 0 ? folded * factors[1].transposed : factors[0].transposed * folded
  }

  func chain(_ problem: LowRankProblem) -> [FactorLayer] {
    let balance = problem.columnMoments.powers(factors[1]).balance
    let rank = factors[1].rows
    return [
      FactorLayer(.rows, dims: [rank, height, 1, depth], factors[1].scaled(rows: balance.factors).values),
      FactorLayer(
        .columns, dims: [problem.filters, 1, width, rank], factors[0].scaled(columns: balance.inverses).values),
    ]
  }

  var rankText: String { "rank \(factors[1].rows)" }
}
