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
      "scope", "\"layer\" | \"network\"",
      "the ratio in each layer, or over all layers together, which then keep the same part of their energy"),
    StepOption(
      "macs", "number", "multiply-accumulates that a chain may take, in parts of the layer's own; 1 without it"),
    StepOption(
      "rounding", "\"reconstruct\" | \"nearest\"",
      "with calibration vectors, so that the layer's outputs come closest; or its weights"),
    StepOption("layers", "[\"NAME\"]", "only these layers"),
  ]

  enum Method: String, CaseIterable { case auto, svd, spatial, tucker, cp }
  enum Scope: String, CaseIterable { case layer, network }
  /// The kinds of factors.
  enum Form { case channels, spatial, tucker, polyadic }

  let method: Method
  let amount: RankAmount
  let scope: Scope
  let macs: Double
  let rounding: WeightRounding
  let layers: [String]?

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    method = try json.choice("method", .auto)
    amount = try RankAmount(json)
    scope = try json.choice("scope", .layer)
    if scope == .network {
      guard case .ratio = amount else {
        throw try json.member("scope").failure("`network` goes with the member `ratio`")
      }
    }
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
    guard scope == .network, case .ratio(let ratio) = amount else {
      let factored = try factored(network, amount, context)
      network.graph = factored.graph
      return factored.notes
    }
    // The more energy stays, the more weights do.
    var (low, high) = (0, Self.energies)
    var found = try factored(network, .energy(0), context)
    while high - low > 1 {
      let middle = (low + high) / 2
      let trial = try factored(network, .energy(Double(middle) / Double(Self.energies)), context)
      if Double(trial.after) <= ratio * Double(trial.before) { (low, found) = (middle, trial) } else { high = middle }
    }
    network.graph = found.graph
    return found.notes + [
      "\(percent(Double(found.after) / Double(max(1, found.before)))) of the weights of \(found.sites) layers stay"
    ]
  }

  /// Parts of the energy that are told apart.
  private static let energies = 256

  private struct Factored {
    let graph: Graph
    let notes: [String]
    /// Weights of the layers that can be factored.
    let before: Int
    let after: Int
    let sites: Int
  }

  private func factored(
    _ network: CompressedNetwork, _ amount: RankAmount, _ context: CompressionContext
  ) throws(Diagnostic) -> Factored {
    let all = try network.graph.weightedLayers()
    let ranks = RankChoice(amount: amount, seed: context.seed)
    var notes: [String] = []
    var (before, after, sites) = (0, 0, 0)
    var chains: [(site: FactorableLayer, chain: [FactorLayer])] = []
    var walk = try LayerWalk(
      network.graph, vectors: rounding == .reconstruct ? try network.graph.inputs(context.calibration) : [])
    try walk.run({ context.progress(Self.name, $0, $1) }) { (index, problem) throws(Diagnostic) in
      guard layers?.contains(all[index].name) ?? true, let site = FactorableLayer(all[index], network.graph) else {
        return nil
      }
      sites += 1
      before += site.layer.weights.count
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
        after += attempt.count
        return (product.values, nil)
      }
      after += site.layer.weights.count
      if !obstacles.isEmpty { notes.append("\(site.text) stays: \(obstacles.joined(separator: ", "))") }
      return nil
    }
    var graph = walk.graph
    try graph.replace(chains)
    return Factored(graph: graph, notes: notes, before: before, after: after, sites: sites)
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
