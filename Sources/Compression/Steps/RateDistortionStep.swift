import Frontends
import IR
package import Support

/// Weights that are both few in bits and close in effect: each weight becomes the multiple of its layer's scale with the least
/// sum of loss and λ times the bits that its code takes. Zeros come by themselves, where they cost least.
///
/// One λ holds for the whole network, so that no bit in one layer would buy more than in another; losses of layers are weighed
/// by what they do to the answers.
package struct RateDistortionStep: CompressionStep {
  package static let name = "rate-distortion"
  package static let summary = "integers with the best trade of coded size and output error, zeros included"
  package static let options = [
    StepOption("bits-per-weight", "0.1...8", "what a coded weight takes on average, tables included"),
    StepOption("rate", "4...320", "instead: the compression rate, 32 over the bits of a weight"),
  ]

  let bits: Double

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    let (bits, rate) = (try json.number("bits-per-weight", 0.1...8), try json.number("rate", 4...320))
    guard let wanted = bits ?? rate.map({ 32 / $0 }), bits == nil || rate == nil else {
      throw json.failure("needs one of the members `bits-per-weight` and `rate`")
    }
    self.bits = wanted
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    let vectors = try network.graph.inputs(context.calibration)
    // First with what the layers read in the network as it is, to find λ.
    var problems: [LayerProblem] = []
    var survey = try LayerWalk(network.graph, vectors: vectors)
    try survey.run { (_, problem) throws(Diagnostic) in
      problems.append(problem)
      return nil
    }
    let sensitivities = try sensitivities(network.graph, vectors, problems, context)
    let total = problems.reduce(0) { $0 + $1.layer.weights.count }
    let wanted = bits * Double(total)
    var (aim, best): (Double, (graph: Graph, bits: Double)?) = (wanted, nil)
    for _ in 0..<Self.mostWalks {
      let lambda = lambda(problems, sensitivities, bits: aim, context)
      // Then layer by layer, with what each one reads in the compressed network.
      var walk = try LayerWalk(network.graph, vectors: vectors)
      var size = 0.0
      try walk.run({ context.progress(Self.name, $0, $1) }) { (index, problem) throws(Diagnostic) in
        let best = RateDistortionRounding(problem, lambda: lambda / sensitivities[index], isDraft: false).solve()
        size += Double(best.bits)
        return (best.weights, best.grid)
      }
      let isBetter = best.map { $0.bits > wanted ? size < $0.bits : size <= wanted && size > $0.bits } ?? true
      if isBetter { best = (walk.graph, size) }
      if size <= wanted, size >= Self.closeEnough * wanted { break }
      aim *= wanted / max(1, size)
    }
    if let best { network.graph = best.graph }
    return []
  }

  /// Walks until the size is as wanted.
  private static let mostWalks = 4
  /// The part of the wanted size from which on no other is looked for.
  private static let closeEnough = 0.985

  /// The λ with which drafts of all layers take so many bits together, by bisection.
  private func lambda(
    _ problems: [LayerProblem], _ sensitivities: [Double], bits: Double, _ context: CompressionContext
  ) -> Double {
    var (low, high) = (-60.0, 40.0)
    for round in 0..<Self.bisections {
      context.progress("search for the trade", round, Self.bisections)
      let middle = (low + high) / 2
      let lambda = RealFunctions.exp(middle)
      var size = 0
      for (problem, sensitivity) in zip(problems, sensitivities) {
        size += RateDistortionRounding(problem, lambda: lambda / sensitivity, isDraft: true).solve().bits
      }
      if Double(size) > bits { low = middle } else { high = middle }
    }
    return RealFunctions.exp(high)
  }

  private static let bisections = 18
  /// Vectors that run for each layer to find out what its errors do.
  private static let mostVectors = 24

  /// How much squared error of the answers comes of each squared error in the sums of a layer: measured with its weights rounded
  /// to few bits. Without vectors, relative errors of layers count alike.
  private func sensitivities(
    _ graph: Graph, _ vectors: [[Tensor]], _ problems: [LayerProblem], _ context: CompressionContext
  ) throws(Diagnostic) -> [Double] {
    guard !vectors.isEmpty else {
      return problems.map { 1 / max($0.layer.weights.reduce(0) { $0 + $1 * $1 }, .leastNormalMagnitude) }
    }
    let error = try OutputError(graph, vectors, most: Self.mostVectors)
    let search = GridSearch(bits: 4, scheme: .symmetric, search: .mse, isPerChannel: true)
    var sensitivities: [Double] = []
    for (index, problem) in problems.enumerated() {
      context.progress("sensitivity", index, problems.count)
      let layer = problem.layer
      let grid = try search.grid(layer.weights, channels: layer.channels, importance: nil)
      let rounded = layer.weights.enumerated().map { search.nearest($1, $0 / max(1, layer.columns), grid) }
      var trial = graph
      try trial.replace(layer, weights: rounded, grid: layer.isQuantized ? grid : nil)
      let noise = try error.measure(trial).noise
      let own = problem.loss(of: rounded)
      sensitivities.append(own > 0 && noise > 0 ? noise / own : 1e-12)
    }
    return sensitivities
  }
}
