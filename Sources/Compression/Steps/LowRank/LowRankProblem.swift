import LinearAlgebra

/// Weights [filters, height, width, depth] that a product of factors is to come close to, and what an error costs.
struct LowRankProblem {
  let filters: Int
  let height: Int
  let width: Int
  let depth: Int
  /// The weights as they are: a row of height · width · depth for each filter.
  let weights: Matrix
  /// The weights that would lose least.
  let target: Matrix
  /// Of what a filter reads.
  let moments: SecondMoments

  var taps: Int { height * width }

  init(filters: Int, height: Int, width: Int, depth: Int, _ problem: LayerProblem) {
    self.filters = filters
    self.height = height
    self.width = width
    self.depth = depth
    let columns = height * width * depth
    weights = Matrix(rows: filters, columns: columns, problem.layer.weights)
    target = Matrix(rows: filters, columns: columns, problem.targets)
    moments = SecondMoments(problem.loss(0).map { Matrix(rows: columns, columns: columns, $0.hessian) })
  }

  /// Of one pixel's channels, on average over the taps.
  var pixelMoments: SecondMoments {
    moments.mean(over: (0..<taps).map { tap in (0..<depth).map { tap * depth + $0 } })
  }

  /// Of one column of a filter's taps, on average over the columns.
  var columnMoments: SecondMoments {
    moments.mean(
      over: (0..<width).map { x in
        (0..<height).flatMap { y in (0..<depth).map { (y * width + x) * depth + $0 } }
      })
  }

  /// The part of the energy of the layer's sums (with moments that are the identity: of the weights) that `product` keeps.
  func kept(_ product: Matrix) -> Double {
    let whole = moments.powers(target).reduce(0, +)
    guard whole > 0 else { return 1 }
    return 1 - moments.powers(product - target).reduce(0, +) / whole
  }

  /// The weights with pixels whitened by themselves, for decompositions that take the channels of a pixel as one axis.
  func whitenedPixels(_ moments: SecondMoments) -> Matrix {
    moments.whitened(target.reshaped(columns: depth)).reshaped(columns: target.columns)
  }
}
