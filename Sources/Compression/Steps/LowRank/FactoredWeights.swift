import LinearAlgebra

/// Weights of a layer as a product of factors, in each of which they are linear, and the smaller layers that stand for it.
protocol FactoredWeights: Sendable {
  var factors: [Matrix] { get set }
  /// The weights: a row for each filter.
  var product: Matrix { get }
  /// For each element of a factor, what of the sum of all elements of `gradient` times those of ``product`` is multiplied by it.
  func derivative(_ factor: Int, _ gradient: Matrix) -> Matrix
  /// The layers, the first one first. What one gives to the next has in every channel the same mean square, so that one scale
  /// suits all channels once it is quantized; the weights behind it have a scale for each row.
  func chain(_ problem: LowRankProblem) -> [FactorLayer]
  /// Such as `rank 8`, for notes.
  var rankText: String { get }
}

/// One of the layers that stand for a factored one.
struct FactorLayer {
  /// What of the factored layer's stride, dilation and padding it takes over.
  enum Movement { case none, all, rows, columns }

  let movement: Movement
  let isDepthwise: Bool
  /// Of the weights: [filters, height, width, depth], depthwise [1, height, width, filters].
  let dims: [Int]
  let weights: [Double]

  init(_ movement: Movement, isDepthwise: Bool = false, dims: [Int], _ weights: [Double]) {
    self.movement = movement
    self.isDepthwise = isDepthwise
    self.dims = dims
    self.weights = weights
  }
}

extension FactoredWeights {
  /// Improves the factors, one after the other, so that the sums of the layer come closest: each step is a problem of least
  /// squares in one factor, which conjugate gradients solve without its matrix (M. Hestenes and E. Stiefel, 1952). Every step
  /// lowers the loss (product − target) H (product − target)ᵀ.
  mutating func fit(_ problem: LowRankProblem) {
    var loss = Double.infinity
    for _ in 0..<FactorFit.mostSweeps {
      for factor in factors.indices { improve(factor, problem) }
      let now = problem.moments.powers(product - problem.target).reduce(0, +)
      if now >= loss * (1 - FactorFit.least) { break }
      loss = now
    }
  }

  private mutating func improve(_ factor: Int, _ problem: LowRankProblem) {
    var residual = derivative(factor, problem.moments.applied(to: problem.target - product))
    var direction = residual
    var length = residual.energy
    let enough = length * FactorFit.precision
    for _ in 0..<FactorFit.mostSteps where length > enough {
      var moved = self
      moved.factors[factor] = direction
      let image = derivative(factor, problem.moments.applied(to: moved.product))
      let curvature = zip(direction.values, image.values).reduce(0) { $0 + $1.0 * $1.1 }
      guard curvature > 0 else { break }
      let step = length / curvature
      factors[factor] = factors[factor].adding(step, direction)
      residual = residual.adding(-step, image)
      let next = residual.energy
      direction = residual.adding(next / length, direction)
      length = next
    }
  }
}

private enum FactorFit {
  static let mostSweeps = 12
  /// Of conjugate gradients, for one factor in one sweep.
  static let mostSteps = 12
  /// Gradients that are as small a part as this of the first one, squared, are left.
  static let precision = 1e-14
  /// The part of the loss that another sweep must take away.
  static let least = 1e-4
}

extension Matrix {
  fileprivate func adding(_ factor: Double, _ other: Matrix) -> Matrix {
    Matrix(rows: rows, columns: columns, zip(values, other.values).map { $0 + factor * $1 })
  }

  /// Each row multiplied by its factor.
  func scaled(rows factors: [Double]) -> Matrix {
    Matrix(rows: rows, columns: columns, values.enumerated().map { $1 * factors[$0 / max(1, columns)] })
  }
}

extension [Double] {
  /// What brings channels of these mean squares to 1, and what takes it back; channels that are always 0 stay.
  var balance: (factors: [Double], inverses: [Double]) {
    let roots = map { $0 > 0 && $0.isFinite ? $0.squareRoot() : 1 }
    return (roots.map { 1 / $0 }, roots)
  }
}
