import LinearAlgebra
import Support

/// How the ranks of a layer's factors are found.
enum RankAmount: Sendable {
  /// The part of the energy of the layer's sums that stays, or without calibration vectors, of the weights.
  case energy(Double)
  case fixed(Int)
  /// The part of the layer's number of weights that its factors may have.
  case ratio(Double)
  /// What variational Bayesian factorization of the weights tells from noise.
  case bayes

  init(_ json: JSONCursor) throws(Diagnostic) {
    let given = try json.object().map(\.0).filter { ["energy", "rank", "ratio"].contains($0) }
    guard given.count == 1 else {
      throw json.failure("needs one of the members `energy`, `rank` and `ratio`")
    }
    if let part = try json.number("energy", 0...1) {
      self = .energy(part)
    } else if let part = try json.number("ratio", 0...1) {
      self = .ratio(part)
    } else {
      let member = try json.member("rank")
      if case .string(let word) = member.value {
        guard word == "bayes" else { throw member.failure("must be a number or `bayes`, not `\(word)`") }
        self = .bayes
      } else {
        self = .fixed(try member.int(1...65_535))
      }
    }
  }
}

/// Finds ranks and factors for a layer.
struct RankChoice: Sendable {
  let amount: RankAmount
  /// Of random starts.
  let seed: UInt64

  func factored(_ problem: LowRankProblem, _ form: LowRankStep.Form) -> any FactoredWeights {
    switch form {
    case .channels: channels(problem)
    case .spatial: spatial(problem)
    case .tucker: tucker(problem)
    case .polyadic: polyadic(problem)
    }
  }

  private func channels(_ problem: LowRankProblem) -> any FactoredWeights {
    let found = SingularValues(problem.moments.whitened(problem.target))
    let rank = rank(found, weightsOfOne: problem.filters + problem.target.columns, problem) { problem.weights }
    return ChannelFactors(problem, found, rank: rank)
  }

  private func spatial(_ problem: LowRankProblem) -> any FactoredWeights {
    let found = SingularValues(problem.columnMoments.whitened(SpatialFactors.unfolded(problem.target, problem)))
    let rank = rank(
      found, weightsOfOne: problem.filters * problem.width + problem.height * problem.depth, problem
    ) { SpatialFactors.unfolded(problem.weights, problem) }
    return fitted(SpatialFactors(problem, found, rank: rank), problem)
  }

  /// The rank of a product of two factors.
  ///
  /// - Parameters:
  ///   - weightsOfOne: weights of both factors for each rank.
  ///   - plain: the matrix as it is.
  private func rank(
    _ found: SingularValues, weightsOfOne: Int, _ problem: LowRankProblem, _ plain: () -> Matrix
  ) -> Int {
    switch amount {
    case .energy(let part): max(1, found.rank(keeping: part))
    case .fixed(let rank): rank
    case .ratio(let part): max(1, Int(part * Double(problem.weights.values.count)) / max(1, weightsOfOne))
    case .bayes: Self.bayes(plain())
    }
  }

  private static func bayes(_ matrix: Matrix) -> Int {
    max(1, BayesianRank.rank(SingularValues(matrix).values, rows: matrix.rows, columns: matrix.columns))
  }

  private func tucker(_ problem: LowRankProblem) -> any FactoredWeights {
    var ranks = (left: 1, right: 1)
    switch amount {
    case .fixed(let rank): ranks = (min(rank, problem.filters), min(rank, problem.depth))
    case .bayes:
      ranks = (Self.bayes(problem.weights), Self.bayes(problem.weights.reshaped(columns: problem.depth)))
    case .energy(let part):
      let path = tuckerPath(problem)
      var (low, high) = (-1, path.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        let start = TuckerWeights(problem, left: path[middle].left, right: path[middle].right)
        if problem.kept(start.product) >= part { high = middle } else { low = middle }
      }
      ranks = path[high]
    case .ratio(let part):
      let most = part * Double(problem.weights.values.count)
      ranks =
        tuckerPath(problem).last {
          Double(TuckerWeights.weights(problem, left: $0.left, right: $0.right)) <= most
        } ?? ranks
    }
    return fitted(TuckerWeights(problem, left: ranks.left, right: ranks.right), problem)
  }

  /// From ranks of 1 to full ones, each time raising the one that wins most energy for each weight.
  private func tuckerPath(_ problem: LowRankProblem) -> [(left: Int, right: Int)] {
    let whitened = problem.whitenedPixels(problem.pixelMoments)
    let left = SingularValues(whitened).values
    let right = SingularValues(whitened.reshaped(columns: problem.depth)).values
    var path = [(left: 1, right: 1)]
    while let now = path.last, now.left < left.count || now.right < right.count {
      func gain(_ values: [Double], _ rank: Int, _ next: (left: Int, right: Int)) -> Double {
        guard rank < values.count else { return -1 }
        let added =
          TuckerWeights.weights(problem, left: next.left, right: next.right)
          - TuckerWeights.weights(problem, left: now.left, right: now.right)
        return values[rank] * values[rank] / Double(max(1, added))
      }
      let next = [(left: now.left + 1, right: now.right), (left: now.left, right: now.right + 1)]
      let isLeft = gain(left, now.left, next[0]) >= gain(right, now.right, next[1])
      path.append(isLeft ? next[0] : next[1])
    }
    return path
  }

  private func polyadic(_ problem: LowRankProblem) -> any FactoredWeights {
    let weightsOfOne = problem.filters + problem.taps + problem.depth
    // The least rank that saves no weights; higher ones are not looked at.
    let useless = (problem.weights.values.count + weightsOfOne - 1) / weightsOfOne
    var rank: Int
    switch amount {
    case .fixed(let fixed): rank = fixed
    case .ratio(let part): rank = Int(part * Double(problem.weights.values.count)) / weightsOfOne
    case .bayes:
      // A tensor's rank is at least that of each of its unfoldings.
      rank = max(Self.bayes(problem.weights), Self.bayes(problem.weights.reshaped(columns: problem.depth)))
    case .energy(let part):
      rank = useless
      var low = 0
      while rank - low > 1 {
        let middle = (low + rank) / 2
        let trial = PolyadicWeights(problem, rank: middle, seed: seed, isRough: true)
        if problem.kept(trial.product) >= part { rank = middle } else { low = middle }
      }
    }
    return fitted(PolyadicWeights(problem, rank: min(max(1, rank), useless), seed: seed), problem)
  }

  /// What was found for weights, or pixels by themselves, made the best for the layer's sums.
  private func fitted(_ weights: some FactoredWeights, _ problem: LowRankProblem) -> any FactoredWeights {
    guard problem.moments.matrix != nil else { return weights }
    var weights = weights
    weights.fit(problem)
    return weights
  }
}
