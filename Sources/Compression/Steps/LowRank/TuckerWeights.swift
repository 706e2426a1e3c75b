import LinearAlgebra

/// A convolution between two 1×1 convolutions: `w[n, t, c] ≈ Σ expand[n, p] core[p, t, q] reduce[q, c]`, the Tucker-2
/// decomposition of the weights over filters and channels.
///
/// Source: Y.-D. Kim et al., Compression of Deep Convolutional Neural Networks for Fast and Low Power Mobile Applications,
/// ICLR 2016.
struct TuckerWeights: FactoredWeights {
  /// filters × p, p × taps · q, and q × depth.
  var factors: [Matrix]

  init(_ problem: LowRankProblem, left: Int, right: Int) {
    let moments = problem.pixelMoments
    let start = TuckerFactors(problem.whitenedPixels(moments), depth: problem.depth, left: left, right: right)
    factors = [start.left, start.core, moments.restored(start.right.transposed)]
  }

  var product: Matrix {
    let (q, depth) = (factors[2].rows, factors[2].columns)
    let taps = factors[1].columns / max(1, q)
    return ((factors[0] * factors[1]).reshaped(columns: q) * factors[2]).reshaped(columns: taps * depth)
  }

  func derivative(_ factor: Int, _ gradient: Matrix) -> Matrix {
    let (q, depth) = (factors[2].rows, factors[2].columns)
    if factor == 2 {
      return (factors[0] * factors[1]).reshaped(columns: q).transposed * gradient.reshaped(columns: depth)
    }
    let narrow = (gradient.reshaped(columns: depth) * factors[2].transposed).reshaped(columns: factors[1].columns)
    return factor == 0 ? narrow * factors[1].transposed : factors[0].transposed * narrow
  }

  /// A 1×1 convolution that would not narrow anything belongs to the core.
  func chain(_ problem: LowRankProblem) -> [FactorLayer] {
    let isReducing = factors[2].rows < problem.depth
    let isExpanding = factors[1].rows < problem.filters
    var reduce = isReducing ? factors[2] : Matrix(identity: problem.depth)
    var core = isExpanding ? factors[1] : factors[0] * factors[1]
    if !isReducing {
      core = (core.reshaped(columns: factors[2].rows) * factors[2]).reshaped(columns: problem.target.columns)
    }
    let inputs = problem.pixelMoments.powers(reduce).balance
    var layers: [FactorLayer] = []
    if isReducing {
      reduce = reduce.scaled(rows: inputs.factors)
      core = core.reshaped(columns: reduce.rows).scaled(columns: inputs.inverses).reshaped(columns: core.columns)
      layers.append(FactorLayer(.none, dims: [reduce.rows, 1, 1, problem.depth], reduce.values))
    }
    let taken = (core.reshaped(columns: reduce.rows) * reduce).reshaped(columns: problem.target.columns)
    let outputs = problem.moments.powers(taken).balance
    if isExpanding { core = core.scaled(rows: outputs.factors) }
    layers.append(FactorLayer(.all, dims: [core.rows, problem.height, problem.width, reduce.rows], core.values))
    if isExpanding {
      let expand = factors[0].scaled(columns: outputs.inverses)
      layers.append(FactorLayer(.none, dims: [problem.filters, 1, 1, expand.columns], expand.values))
    }
    return layers
  }

  /// The number of weights of such a chain.
  static func weights(_ problem: LowRankProblem, left: Int, right: Int) -> Int {
    (right < problem.depth ? right * problem.depth : 0) + left * problem.taps * right
      + (left < problem.filters ? left * problem.filters : 0)
  }

  var rankText: String { "a core of \(factors[2].rows) channels to \(factors[1].rows)" }
}
