import IR
import Quantization
package import Support

/// Weights of as many bits in each layer as it needs: the layers whose errors the answers hardly show get few.
///
/// For each layer and number of bits the error of the answers is measured with that layer alone quantized; the errors of layers
/// add up, since they are small and independent. Beginning with the most bits, the layer loses bits next whose loss of bits costs
/// least error for each bit, until the budget is kept.
///
/// Source: the greedy form of the integer program in Z. Yao et al., HAWQ-V3, ICML 2021, with measured errors in place of traces
/// of Hessians.
package struct MixedPrecisionStep: CompressionStep {
  package static let name = "mixed-precision"
  package static let summary = "weights of as many bits in each layer as the outputs need"
  package static let options = [
    StepOption("bits-per-weight", "2...8", "what weights take on average"),
    StepOption("decibels", "number", "instead: the least average at which the outputs keep this signal-to-noise ratio"),
    StepOption("among", "[2, 3, 4, 5, 6, 8]", "numbers of bits that a layer may have; these without it"),
    StepOption(
      "sensitivity", "\"outputs\" | \"hessian\"",
      "what tells how much a layer's errors matter: the answers with it alone quantized, or the trace of the Hessian of the loss "
        + "(float networks)"),
    StepOption("rounding", "\"reconstruct\" | \"nearest\"", "as in `quantize`"),
  ]

  let bits: Double?
  let wanted: Double?
  enum Sensitivity: String, CaseIterable { case outputs, hessian }

  let among: [Int]
  let sensitivity: Sensitivity
  let rounding: WeightRounding

  /// Vectors that run for each trial.
  private static let mostVectors = 24

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    bits = try json.number("bits-per-weight", 2...8)
    wanted = try json.number("decibels", -20...200)
    guard (bits == nil) != (wanted == nil) else {
      throw json.failure("needs one of the members `bits-per-weight` and `decibels`")
    }
    let list = try json.optional("among")?.ints(2...8) ?? [2, 3, 4, 5, 6, 8]
    among = Set(list).sorted(by: >)
    guard !among.isEmpty else { throw try json.member("among").failure("must name a number of bits") }
    rounding = try json.choice("rounding", .reconstruct)
    sensitivity = try json.choice("sensitivity", .outputs)
    guard sensitivity == .outputs || bits != nil else {
      throw try json.member("sensitivity").failure("`hessian` tells no decibels; it goes with `bits-per-weight`")
    }
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    guard !context.calibration.isEmpty else {
      throw Diagnostic(
        "compress.calibrate", .usage, "finding out which layers need many bits takes typical inputs",
        notes: ["give some with --calibrate X.npy"])
    }
    let graph = network.graph
    let layers = try graph.weightedLayers()
    let error = try OutputError(graph, try graph.inputs(context.calibration), most: Self.mostVectors)
    let traces = try sensitivity == .hessian ? self.traces(graph, context) : nil
    var noise: [[Double]] = []
    var signal = 0.0
    for (index, layer) in layers.enumerated() {
      context.progress(Self.name, index, layers.count)
      var own: [Double] = []
      for bits in among {
        let search = Self.search(bits)
        let grid = try search.grid(layer.weights, channels: layer.channels, importance: nil)
        let rounded = layer.weights.enumerated().map { search.nearest($1, $0 / max(1, layer.columns), grid) }
        if let traces {
          own.append(traces[index] * zip(rounded, layer.weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
          continue
        }
        var trial = graph
        try trial.replace(layer, weights: rounded, grid: grid)
        let measured = try error.measure(trial)
        signal = measured.signal
        own.append(measured.noise)
      }
      noise.append(own)
    }
    let choices = choose(noise, sizes: layers.map(\.weights.count), signal: signal)
    try network.quantizeWeights(
      choices.map { Self.search(among[$0]) }, reconstructs: rounding == .reconstruct, step: Self.name, context)
    return zip(layers, choices).map { "\($0.name): \(among[$1]) bits" }
  }

  /// The mean eigenvalue of each layer's Hessian (Z. Dong et al., HAWQ-V2, NeurIPS 2020).
  private func traces(_ graph: Graph, _ context: CompressionContext) throws(Diagnostic) -> [Double] {
    let importance = try LayerImportance(
      graph, vectors: Array(try graph.inputs(context.calibration).prefix(Self.mostVectors)),
      context.labels.map { .labels(Array($0.prefix(Self.mostVectors))) } ?? .answers, seed: context.seed)
    let traces = try importance.hessianTraces()
    // Noise in the estimate may make small ones negative.
    return zip(traces, importance.layers).map { max(0, $0) / Double(max(1, $1.weights.count)) }
  }

  private static func search(_ bits: Int) -> GridSearch {
    GridSearch(bits: bits, scheme: .symmetric, search: .mse, isPerChannel: true)
  }

  /// For each layer the place in ``among``.
  ///
  /// - Parameters:
  ///   - noise: for each layer and number of bits the squared error of the answers.
  ///   - sizes: weights of the layers.
  func choose(_ noise: [[Double]], sizes: [Int], signal: Double) -> [Int] {
    var choices = [Int](repeating: 0, count: sizes.count)
    let total = Double(sizes.reduce(0, +))
    func isEnough(_ choices: [Int]) -> Bool {
      if let bits {
        return zip(choices, sizes).reduce(0) { $0 + Double(among[$1.0]) * Double($1.1) } <= bits * total
      }
      return false
    }
    while !isEnough(choices) {
      var best: (layer: Int, price: Double)?
      for layer in choices.indices where choices[layer] + 1 < among.count {
        let next = choices[layer] + 1
        let saved = Double(among[next - 1] - among[next]) * Double(sizes[layer])
        let price = (noise[layer][next] - noise[layer][next - 1]) / max(1, saved)
        if best.map({ price < $0.price }) ?? true { best = (layer, price) }
      }
      guard let best else { break }
      choices[best.layer] += 1
      let sum = zip(choices, noise).reduce(0) { $0 + $1.1[$1.0] }
      if let wanted, OutputFidelity.decibels(signal: signal, noise: sum) < wanted {
        choices[best.layer] -= 1
        break
      }
    }
    return choices
  }
}
