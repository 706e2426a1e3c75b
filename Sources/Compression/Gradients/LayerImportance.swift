package import IR
import Operators
package import Support

/// How much the loss of a float network depends on its weights, measured with calibration vectors.
///
/// All results are lists with an entry for each of ``layers``; weights stand in the order of ``WeightedLayer/weights``. For a
/// network whose loss has no slope, see ``TrainingLoss/isFlat``, the gradients of its outputs with random signs take the place
/// of those of the loss, which makes the means of their squares the exact Gauss–Newton diagonal on average.
package struct LayerImportance: Sendable {
  package let layers: [WeightedLayer]
  private let differentiator: Differentiator
  private let loss: TrainingLoss
  private let vectors: [[Tensor]]
  private let seed: UInt64
  /// The weights of each layer in the graph.
  private let weights: [TensorID]

  /// - Parameters:
  ///   - vectors: for each one a tensor an input.
  ///   - seed: of random signs.
  /// - Throws: when an operator has no derivative, when there is no vector, or when the targets do not suit them.
  package init(
    _ graph: Graph, vectors: [[Tensor]], _ targets: TrainingTargets = .answers, seed: UInt64 = 1
  ) throws(Diagnostic) {
    guard !vectors.isEmpty else { throw Diagnostic("importance.vectors", .usage, "there is no calibration vector") }
    layers = try graph.weightedLayers()
    if let layer = layers.first(where: \.isQuantized) {
      throw Diagnostic(
        "importance.type", at: graph.location(graph.nodes[layer.nodes[0]]),
        "has integer weights; importances are measured in float networks")
    }
    differentiator = try Differentiator(graph)
    loss = try TrainingLoss(graph, targets, count: vectors.count)
    weights = layers.map { graph.nodes[$0.nodes[0]].inputs[$0.position] }
    self.vectors = vectors
    self.seed = seed
  }

  /// The mean over the vectors of |Σ activation × gradient| over each output channel: to first order how much the loss changes
  /// when the channel becomes 0.
  ///
  /// Source: P. Molchanov et al., Pruning Convolutional Neural Networks for Resource Efficient Inference, ICLR 2017,
  /// equation 7.
  package func channelTaylor() throws(Diagnostic) -> [[Double]] {
    var means = layers.map { [Double](repeating: 0, count: $0.channels) }
    let graph = differentiator.graph
    let outputs = layers.map { layer in layer.nodes.compactMap { graph.nodes[$0].outputs.first } }
    try forEachVector(outputs.flatMap { $0 }) { (values, gradients) throws(Diagnostic) in
      for (index, layer) in layers.enumerated() {
        var sums = [Double](repeating: 0, count: layer.channels)
        for id in outputs[index] {
          guard let gradient = gradients[id], let activation = try values[id]?.floats("an activation") else { continue }
          // The last axis counts the channels; a layer with one scale is one channel.
          for place in activation.indices { sums[place % sums.count] += Double(activation[place] * gradient[place]) }
        }
        for channel in sums.indices { means[index][channel] += sums[channel].magnitude / Double(vectors.count) }
      }
    }
    return means
  }

  /// The mean over the vectors of |weight × gradient|.
  package func weightTaylor() throws(Diagnostic) -> [[Double]] {
    try weightMeans { ($0 * $1).magnitude }
  }

  /// ½ h w² for each weight w, with h the mean over the vectors of its squared gradient: what setting the weight to 0 adds to
  /// the loss near a minimum, with the empirical Fisher information as the diagonal of the Hessian.
  ///
  /// Source: Y. LeCun, J. Denker and S. Solla, Optimal Brain Damage, NIPS 1989, equation 4.
  package func brainDamage() throws(Diagnostic) -> [[Double]] {
    try weightMeans { $0 * $0 * $1 * $1 / 2 }
  }

  /// The mean over the vectors of what `measure` makes of each weight and its gradient.
  private func weightMeans(_ measure: (_ weight: Double, _ gradient: Double) -> Double) throws(Diagnostic) -> [[Double]]
  {
    var means = layers.map { [Double](repeating: 0, count: $0.weights.count) }
    try forEachVector(weights) { (_, gradients) throws(Diagnostic) in
      for (index, layer) in layers.enumerated() {
        guard let gradient = gradients[weights[index]] else { continue }
        for (place, value) in layer.rows(gradient).enumerated() {
          means[index][place] += measure(layer.weights[place], Double(value)) / Double(vectors.count)
        }
      }
    }
    return means
  }

  private func forEachVector(
    _ targets: [TensorID],
    _ body: (_ values: [TensorID: Tensor], _ gradients: [TensorID: [Float]]) throws(Diagnostic) -> Void
  ) throws(Diagnostic) {
    var random = SplitMix64(seed: seed)
    for (index, vector) in vectors.enumerated() {
      let values = try differentiator.values(vector)
      let seeds = loss.isFlat ? try loss.randomSeeds(values, &random) : try loss.evaluate(index, values).seeds
      try body(values, try differentiator.gradients(of: targets, values: values, seeds: seeds))
    }
  }
}

// MARK: - second derivatives

extension LayerImportance {
  /// An estimate of the trace of the Hessian of the mean loss by the weights of each layer: the mean of vᵀ H v over vectors v
  /// of random signs, with H v from the difference of gradients at weights a small step along v and against it.
  ///
  /// HAWQ-V2 ranks layers by the trace over the number of weights. Sources: Z. Dong et al., HAWQ-V2: Hessian Aware
  /// trace-Weighted Quantization of Neural Networks, NeurIPS 2020, section 3.3; M. Hutchinson, A stochastic estimator of the
  /// trace of the influence matrix, 1989.
  ///
  /// - Parameters:
  ///   - probes: random vectors for each layer and calibration vector.
  ///   - step: its length over that of the weights.
  package func hessianTraces(probes: Int = 4, step: Double = 0.01) throws(Diagnostic) -> [Double] {
    var traces = [Double](repeating: 0, count: layers.count)
    var random = SplitMix64(seed: seed)
    for (index, vector) in vectors.enumerated() {
      let values = try differentiator.values(vector)
      for layer in layers.indices {
        for _ in 0..<max(1, probes) {
          traces[layer] += try curvature(layer, index, values, step, &random) / Double(vectors.count * max(1, probes))
        }
      }
    }
    return traces
  }

  /// vᵀ H v of one vector's loss for random signs v.
  private func curvature(
    _ layer: Int, _ vector: Int, _ values: [TensorID: Tensor], _ step: Double, _ random: inout SplitMix64
  ) throws(Diagnostic) -> Double {
    let id = weights[layer]
    guard let tensor = values[id] else { return 0 }
    let own = try tensor.floats("the weights")
    let meanSquare = own.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, own.count))
    // Of weights that are all 0 the size is unknown.
    let length = Float(meanSquare > 0 ? step * meanSquare.squareRoot() : step)
    let signs = own.map { _ in random.nextSign() }
    func gradient(_ side: Float) throws(Diagnostic) -> [Float] {
      let moved = Tensor(tensor.type, floats: zip(own, signs).map { $0 + side * length * $1 })
      let changed = try differentiator.values(values, replacing: [id: moved])
      let seeds = try loss.evaluate(vector, changed, answers: values).seeds
      return try differentiator.gradients(of: [id], values: changed, seeds: seeds)[id] ?? []
    }
    let (up, down) = (try gradient(1), try gradient(-1))
    var sum = 0.0
    for place in signs.indices { sum += (Double(up[place]) - Double(down[place])) * Double(signs[place]) }
    return sum / (2 * Double(length))
  }
}

extension WeightedLayer {
  /// Values in the order of the tensor, such as gradients, in the order of ``weights``.
  func rows(_ values: [Float]) -> [Float] {
    guard let axis, axis > 0 else { return values }
    return type.shape.rowOrder(axis).map { values[$0] }
  }
}
