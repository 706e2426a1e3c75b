import IR
import LinearAlgebra
package import Support

/// Layers become chains of smaller ones, whose weights are the factors of the layer's own.
package struct LowRankStep: CompressionStep {
  package static let name = "low-rank"
  package static let summary = "layers of a float network become chains of smaller ones, by factors of their weights"
  package static let options = [
    StepOption(
      "method", "\"auto\" | \"svd\" | \"spatial\" | \"tucker\" | \"cp\"",
      "through fewer filters (svd: dense layers and all convolutions); filters of k×1 and 1×k; between two 1×1 convolutions "
        + "(tucker), also with a depthwise one (cp); auto: tucker for convolutions of several taps, where that pays, svd for the rest"
    ),
    StepOption(
      "energy", "0...1",
      "the part of the squared outputs of each layer that stays, or without calibration vectors, of its squared weights"
    ),
    StepOption(
      "rank", "number | \"bayes\"", "instead: the rank; or what variational Bayesian factorization tells from noise"),
    StepOption("ratio", "0...1", "instead: the part of each layer's number of weights that its factors may have"),
    StepOption(
      "macs", "number", "multiply-accumulates that a chain may take, in parts of the layer's own; 1 without it"),
    StepOption(
      "rounding", "\"reconstruct\" | \"nearest\"",
      "with calibration vectors, so that the layer's outputs come closest; or its weights"),
    StepOption("layers", "[\"NAME\"]", "only these layers"),
  ]

  enum Method: String, CaseIterable { case auto, svd, spatial, tucker, cp }
  /// The kinds of factors.
  enum Form { case channels, spatial, tucker, polyadic }

  let method: Method
  let amount: RankAmount
  let macs: Double
  let rounding: WeightRounding
  let layers: [String]?

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    method = try json.choice("method", .auto)
    amount = try RankAmount(json)
    macs = try json.number("macs", 0...1000) ?? 1
    rounding = try json.choice("rounding", .reconstruct)
    layers = try json.optional("layers")?.strings()
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    let all = try network.graph.weightedLayers()
    guard network.isFloat, all.contains(where: { !$0.isQuantized }) else {
      throw Diagnostic(
        "compress.low-rank", .usage, "low-rank takes a float network, and this one is quantized",
        notes: ["let it come before `quantize`, and give the network as floats"])
    }
    for name in layers ?? [] { try all.requireLayer(name) }
    let ranks = RankChoice(amount: amount, seed: context.seed)
    var notes: [String] = []
    var chains: [(site: FactorableLayer, chain: [FactorLayer])] = []
    var walk = try LayerWalk(
      network.graph, vectors: rounding == .reconstruct ? try network.graph.inputs(context.calibration) : [])
    try walk.run({ context.progress(Self.name, $0, $1) }) { (index, problem) throws(Diagnostic) in
      guard layers?.contains(all[index].name) ?? true, let site = FactorableLayer(all[index], network.graph) else {
        return nil
      }
      let own = LowRankProblem(
        filters: site.filters, height: site.height, width: site.width, depth: site.depth, problem)
      var obstacles: [String] = []
      for form in forms(site) {
        let attempt = try attempt(form, site, own, ranks, network.graph)
        if let obstacle = attempt.obstacle {
          obstacles.append(obstacle)
          continue
        }
        let product = attempt.weights.product
        notes.append(
          "\(site.text): \(attempt.weights.rankText), \(attempt.count) weights instead of \(site.layer.weights.count), "
            + "\(percent(own.kept(product))) of the energy of its \(problem.isMeasured ? "outputs" : "weights")")
        chains.append((site, attempt.chain))
        return (product.values, nil)
      }
      if !obstacles.isEmpty { notes.append("\(site.text) stays: \(obstacles.joined(separator: ", "))") }
      return nil
    }
    var graph = walk.graph
    try graph.replace(chains)
    network.graph = graph
    return notes
  }

  /// The kinds of factors that may take a layer's place; the first that pays does.
  private func forms(_ site: FactorableLayer) -> [Form] {
    switch method {
    case .svd: [.channels]
    case .auto: site.taps == 1 ? [.channels] : [.tucker, .channels]
    case .spatial: site.taps == 1 ? [] : [.spatial]
    case .tucker: site.taps == 1 ? [] : [.tucker]
    case .cp: site.taps == 1 ? [] : [.polyadic]
    }
  }

  private struct Attempt {
    let weights: any FactoredWeights
    let chain: [FactorLayer]
    let count: Int
    /// What speaks against it.
    let obstacle: String?
  }

  private func attempt(
    _ form: Form, _ site: FactorableLayer, _ problem: LowRankProblem, _ ranks: RankChoice, _ graph: Graph
  ) throws(Diagnostic) -> Attempt {
    let weights = ranks.factored(problem, form)
    let chain = weights.chain(problem)
    let (before, after) = (site.layer.weights.count, chain.reduce(0) { $0 + $1.weights.count })
    let work = try site.multiplyAccumulates(chain, in: graph)
    var obstacle: String?
    if after >= before {
      obstacle = "\(weights.rankText) would take \(after) weights instead of \(before)"
    } else if Double(work.chain) > macs * Double(work.own) {
      obstacle = "\(weights.rankText) would take \(work.chain) multiply-accumulates instead of \(work.own)"
    }
    return Attempt(weights: weights, chain: chain, count: after, obstacle: obstacle)
  }
}
