import LinearAlgebra

/// How to choose weights of one layer: what each row is aimed at, and what it costs to miss that.
package struct LayerProblem {
  package let layer: WeightedLayer
  /// Whether the losses come from calibration vectors; without, every weight counts alike.
  package let isMeasured: Bool
  /// For each group of channels.
  private let losses: [QuadraticLoss]
  private let means: [(original: [Double], compressed: [Double])]
  /// The weights that would lose least, row after row.
  package let targets: [Double]

  init(_ layer: WeightedLayer) {
    self.layer = layer
    isMeasured = false
    losses = []
    means = []
    targets = layer.weights
  }

  init(_ layer: WeightedLayer, _ moments: LayerMoments, groups: Int) {
    self.layer = layer
    isMeasured = true
    var losses: [QuadraticLoss] = []
    var means: [(original: [Double], compressed: [Double])] = []
    var targets: [Double] = []
    let perGroup = max(1, layer.channels / max(1, groups))
    for group in 0..<groups {
      let problem = moments.problem(group)
      losses.append(problem.loss)
      means.append(problem.means)
      for channel in group * perGroup..<min(layer.channels, (group + 1) * perGroup) {
        targets += problem.target(Array(layer.row(channel)))
      }
    }
    self.losses = losses
    self.means = means
    self.targets = targets
  }

  private func group(_ channel: Int) -> Int { channel * losses.count / max(1, layer.channels) }

  package func loss(_ channel: Int) -> QuadraticLoss? { losses.isEmpty ? nil : losses[group(channel)] }

  func target(_ channel: Int) -> [Double] {
    Array(targets[channel * layer.columns..<(channel + 1) * layer.columns])
  }

  /// What a squared error of each weight costs by itself, row after row; nil when nothing was measured.
  var importance: [Double]? {
    losses.isEmpty
      ? nil
      : (0..<layer.channels).flatMap { channel in
        let loss = losses[group(channel)]
        return (0..<layer.columns).map { loss.hessian[$0 * layer.columns + $0] }
      }
  }

  /// What weights lose, summed over the rows.
  package func loss(of weights: [Double]) -> Double {
    let columns = layer.columns
    return (0..<layer.channels).reduce(0) { sum, channel in
      let row = Array(weights[channel * columns..<(channel + 1) * columns])
      let target = target(channel)
      return sum
        + (loss(channel)?.loss(row, target) ?? zip(row, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
    }
  }

  /// Weights that `choose` picks, each row so that it loses little.
  ///
  /// - Parameter choose: the value for a row, a column and a wanted value; a difference d from that costs curvature · d².
  package func chosen(
    rounds: Int = 20, _ choose: (_ channel: Int, _ column: Int, _ value: Double, _ curvature: Double) -> Double
  ) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(targets.count)
    for channel in 0..<layer.channels {
      let target = target(channel)
      guard let loss = loss(channel) else {
        result += target.enumerated().map { choose(channel, $0, $1, 1) }
        continue
      }
      let first = loss.rounded(target) { choose(channel, $0, $1, $2) }
      result += loss.improved(first, target, rounds: rounds) { choose(channel, $0, $1, $2) }
    }
    return result
  }

  /// What to add to the biases so that the means of the outputs are as before; nil when nothing was measured.
  ///
  /// Source: M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019, section 4.2.
  package func biasChanges(_ weights: [Double]) -> [Double]? {
    guard !means.isEmpty else { return nil }
    let columns = layer.columns
    return (0..<layer.channels).map { channel in
      let (original, compressed) = means[group(channel)]
      var change = 0.0
      for column in 0..<columns {
        let place = channel * columns + column
        change += layer.weights[place] * original[column] - weights[place] * compressed[column]
      }
      return change
    }
  }
}
