import IR
import Quantization
import Support

/// What a network loses and takes with weights of other numbers of bits in its layers.
struct PrecisionTrials {
  let layers: [WeightedLayer]
  private let graph: Graph
  private let context: CompressionContext
  private let step: String
  private let among: [Int]
  /// For each layer and number of bits the weights on their grid.
  private let rounded: [[(weights: [Double], grid: WeightGrid)]]

  /// Vectors that run for each trial.
  private static let mostVectors = 24

  init(_ graph: Graph, among: [Int], _ context: CompressionContext, step: String) throws(Diagnostic) {
    (self.graph, self.among, self.context, self.step) = (graph, among, context, step)
    layers = try graph.weightedLayers()
    var rounded: [[(weights: [Double], grid: WeightGrid)]] = []
    for layer in layers {
      rounded.append(
        try among.map { (bits) throws(Diagnostic) in
          let search = Self.search(bits)
          let grid = try search.grid(layer.weights, channels: layer.channels, importance: nil)
          return (layer.weights.enumerated().map { search.nearest($1, $0 / max(1, layer.columns), grid) }, grid)
        })
    }
    self.rounded = rounded
  }

  static func search(_ bits: Int) -> GridSearch {
    GridSearch(bits: bits, scheme: .symmetric, search: .mse, isPerChannel: true)
  }

  /// The bits of each layer's weights.
  var bits: [[Double]] { layers.map { layer in among.map { Double($0) * Double(layer.weights.count) } } }

  var weights: Double { layers.reduce(0) { $0 + Double($1.weights.count) } }

  /// The network with some layers quantized, each weight by itself.
  private func network(_ choices: [Int?]) throws(Diagnostic) -> Graph {
    var trial = graph
    for (index, choice) in choices.enumerated() {
      guard let choice else { continue }
      try trial.replace(layers[index], weights: rounded[index][choice].weights, grid: rounded[index][choice].grid)
    }
    return trial
  }

  // MARK: what is lost

  /// For each layer and number of bits what the answers lose, in a unit that all have in common, and their signal.
  func losses(_ sensitivity: MixedPrecisionStep.Sensitivity) throws(Diagnostic) -> (noise: [[Double]], signal: Double) {
    if sensitivity == .hessian { return (try hessianLosses(), 1) }
    let error = try OutputError(graph, try graph.inputs(context.calibration), most: Self.mostVectors)
    var noise: [[Double]] = []
    var signal = 0.0
    for index in layers.indices {
      context.progress(step, index, layers.count)
      var own: [Double] = []
      for choice in among.indices {
        var choices = [Int?](repeating: nil, count: layers.count)
        choices[index] = choice
        let trial = try network(choices)
        if sensitivity == .kl {
          own.append(try error.divergence(trial))
        } else {
          let measured = try error.measure(trial)
          signal = measured.signal
          own.append(measured.noise)
        }
      }
      noise.append(own)
    }
    return (noise, signal)
  }

  /// The squared error of the weights times the mean eigenvalue of each layer's Hessian (Z. Dong et al., HAWQ-V2, NeurIPS 2020).
  private func hessianLosses() throws(Diagnostic) -> [[Double]] {
    let importance = try LayerImportance(
      graph, vectors: Array(try graph.inputs(context.calibration).prefix(Self.mostVectors)),
      context.labels.map { .labels(Array($0.prefix(Self.mostVectors))) } ?? .answers, seed: context.seed)
    let traces = try importance.hessianTraces()
    return layers.indices.map { index in
      // Noise in the estimate may make small ones negative.
      let mean = max(0, traces[index]) / Double(max(1, layers[index].weights.count))
      return rounded[index].map { own in
        mean * zip(own.weights, layers[index].weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
    }
  }

  // MARK: choices

  /// The places in the numbers of bits, for each layer.
  ///
  /// - Parameter obstacle: what is in the way when no choice keeps the budget.
  func choices(
    _ goal: [[Double]], keeping cost: [[Double]], within budget: Double, _ obstacle: String
  ) throws(Diagnostic) -> [Int] {
    guard let choices = BitAllocation.choose(minimizing: goal, keeping: cost, within: budget) else {
      throw Diagnostic("compress.budget", .negative, obstacle)
    }
    return choices
  }

  /// The choice that loses least within a budget on the target.
  ///
  /// - Parameter quantized: the network that becomes of a choice.
  func choices(
    _ noise: [[Double]], on figure: KeyPath<LayerCost, Int>, within budget: Double, _ unit: String,
    _ quantized: ([Int]) throws(Diagnostic) -> CompressedNetwork
  ) throws(Diagnostic) -> [Int] {
    guard let costs = context.costs else {
      throw Diagnostic(
        "compress.target", .usage, "a budget of \(unit) is about a target", notes: ["name it with --target"])
    }
    var cost = [[Double]](repeating: [], count: layers.count)
    let owners = layers.map { graph.nodes[$0.nodes[0]].origin }
    for choice in among.indices {
      context.progress("\(step): \(unit)", choice, among.count)
      let found = try costs(try network([Int?](repeating: choice, count: layers.count)))
      for (index, origin) in owners.enumerated() {
        // Several matrices of one operator share what it takes.
        let sharers = owners.count { $0 == origin }
        cost[index].append(Double(found.layers[origin]?[keyPath: figure] ?? 0) / Double(sharers))
      }
    }
    // What is not a layer's own, such as functions that several layers call, depends on all choices, and codes on the final
    // weights: the budget for layers is corrected by what their network takes.
    var own = budget
    var least = Int.max
    for _ in 0..<Self.mostCorrections {
      guard let choices = BitAllocation.choose(minimizing: noise, keeping: cost, within: own) else { break }
      let whole = try costs(try quantized(choices).graph).whole[keyPath: figure]
      least = min(least, whole)
      let excess = Double(whole) - budget
      guard excess > 0 else { return choices }
      own = min(own, BitAllocation.sum(cost, choices)) - excess
    }
    let cheapest = cost.map { values in values.indices.min { values[$0] < values[$1] } ?? 0 }
    least = min(least, try costs(try quantized(cheapest).graph).whole[keyPath: figure])
    guard Double(least) > budget else { return cheapest }
    throw Diagnostic(
      "compress.budget", .negative,
      "\(grouped(Int(budget))) \(unit) can't be kept by fewer bits: of the choices that were tried "
        + "the least takes \(grouped(least))")
  }

  private static let mostCorrections = 6

  /// The fewest bits with which not more of the labelled vectors become wrong.
  ///
  /// - Parameter quantized: the network that becomes of a choice.
  func choices(
    _ noise: [[Double]], accuracyLoss most: Double, _ quantized: ([Int]) throws(Diagnostic) -> CompressedNetwork
  ) throws(Diagnostic) -> [Int] {
    guard let labels = context.labels else {
      throw Diagnostic(
        "compress.labels", .usage, "a budget of accuracy takes the right answers to the calibration vectors",
        notes: ["give them with --calibrate-labels Y.npy"])
    }
    let vectors = LabelledVectors(inputs: context.calibration, labels: labels)
    let needed = try vectors.accuracy(of: graph) - most
    let finest = [Int](repeating: 0, count: layers.count)
    var best = finest
    let (low, high) = (BitAllocation.sum(noise, finest), noise.reduce(0) { $0 + ($1.max() ?? 0) })
    // Bounds of the losses, in equal ratios.
    var (good, bad) = (0, Self.bounds)
    while bad - good > 1 {
      context.progress("\(step): accuracy", good, Self.bounds)
      let middle = (good + bad) / 2
      let part = Double(middle) / Double(Self.bounds)
      let bound = max(low, high * RealFunctions.exp(-Self.decay * (1 - part)))
      let choices = BitAllocation.choose(minimizing: bits, keeping: noise, within: bound) ?? finest
      if try vectors.accuracy(of: try quantized(choices).graph) >= needed {
        (good, best) = (middle, choices)
      } else {
        bad = middle
      }
    }
    if best == finest, try vectors.accuracy(of: try quantized(finest).graph) < needed {
      throw Diagnostic(
        "compress.budget", .negative,
        "\(among[0]) bits for all weights lose more than \(percent(most)) of the answers already")
    }
    return best
  }

  /// Bounds between which is chosen, over a factor of e to the `decay`.
  private static let bounds = 64
  private static let decay = 16.0
}
