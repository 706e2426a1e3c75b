import IR
import LinearAlgebra
import Operators
import Quantization
package import Support

/// Weights of few bits, and activations of 8 or 16.
///
/// A float network becomes one of integers, whose weights are the integers of the grid; of a quantized network only the weights
/// change.
package struct QuantizeStep: CompressionStep {
  package static let name = "quantize"
  package static let summary = "weights of few bits; a float network becomes one of integers"
  package static let options = [
    StepOption("weights", "1...8 | 16", "bits of a weight; 8 without it, 16 only beside activations of 16"),
    StepOption(
      "scheme",
      "\"symmetric\" | \"asymmetric\" | \"fixed-point\" | \"dynamic-fixed-point\" | \"binary\" | \"ternary\"",
      "what the integers stand for: multiples of any scale, as many on both sides of zero, or wherever the weights lie (up to 7 "
        + "bits); of one power of two in the whole network (activations too), of one for each layer; or of a scale with factors "
        + "±1, or -1, 0, 1"),
    StepOption(
      "per", "\"channel\" | \"layer\"", "what has a scale of its own; channels without it, layers in fixed point"),
    StepOption("scales", "\"mse\" | \"minmax\"", "least squared error, or the largest weight gets the largest integer"),
    StepOption(
      "rounding", "\"reconstruct\" | \"nearest\"",
      "with calibration vectors, so that the layer's outputs come closest; or each weight by itself"),
    StepOption("activations", "8 | 16", "bits of what layers compute, in a float network; 8 without it"),
    StepOption(
      "ranges", "\"auto\" | \"mse\" | \"percentile\" | \"minmax\" | \"kl\"",
      "how ranges of activations of 8 bits are chosen"),
  ]

  enum Ranges: String, CaseIterable { case auto, mse, percentile, minmax, kl }

  let grid: GridSearch
  let rounding: WeightRounding
  let activations: ActivationWidth
  let ranges: Ranges

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    let scheme = try json.choice("scheme", WeightScheme.symmetric)
    let isFew = scheme == .binary || scheme == .ternary
    let bits = try json.whole("weights", 1...16) ?? (scheme == .binary ? 1 : scheme == .ternary ? 2 : 8)
    guard bits <= 8 || bits == 16 && scheme == .symmetric else {
      throw try json.member("weights").failure("must be from 1 to 8, or 16 with symmetric weights")
    }
    guard isFew || bits > 1 else {
      throw try json.member("weights").failure("must be at least 2 in this scheme; `\"scheme\": \"binary\"` has 1")
    }
    guard scheme != .asymmetric || bits < 8 else {
      throw try (json.optional("weights") ?? json).failure(
        "must be at most 7 in this scheme: int8 has no room for 256 integers that lie elsewhere")
    }
    let isFixed = scheme == .fixedPoint || scheme == .dynamicFixedPoint
    grid = GridSearch(
      bits: bits, scheme: scheme, search: try json.choice("scales", bits < 8 ? ScaleSearch.mse : .minmax),
      isPerChannel: try json.choice("per", isFixed ? ScaleExtent.layer : .channel) == .channel)
    rounding = try json.choice("rounding", .reconstruct)
    ranges = try json.choice("ranges", .auto)
    let width = try json.whole("activations", 8...16) ?? 8
    guard let activations = ActivationWidth(rawValue: width) else {
      throw try json.member("activations").failure("must be 8 or 16")
    }
    guard activations == .short || bits <= 8 else {
      throw try json.member("weights").failure("must be at most 8 beside activations of 8 bits")
    }
    guard activations == .byte || ranges == .auto || ranges == .minmax else {
      throw try json.member("ranges").failure("activations of 16 bits hold all values; `minmax` is their only choice")
    }
    self.activations = activations
  }

  /// Whether the quantizer's own weights are meant: 8 bits, each rounded by itself.
  private var isPlain: Bool {
    grid.bits == 8 && grid.scheme == .symmetric && grid.isPerChannel && grid.search == .minmax
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    guard network.isFloat || activations == .byte else {
      throw Diagnostic(
        "compress.activations", .usage, "the network is quantized, and its activations stay as they are",
        notes: ["activations of 16 bits take the network as floats"])
    }
    if !isPlain { try quantizeWeights(&network, context) }
    guard network.isFloat else { return [] }
    guard !context.calibration.isEmpty else {
      throw Diagnostic(
        "compress.calibrate", .usage, "quantizing a float network takes typical inputs",
        notes: ["give some with --calibrate X.npy"])
    }
    let form: ScaleForm =
      switch grid.scheme {
      case .fixedPoint: .fixedPoint
      case .dynamicFixedPoint: .dynamicFixedPoint
      default: .any
      }
    let quantized = try Quantizer.quantize(
      network.graph, vectors: context.calibration, RangeMethod(rawValue: ranges.rawValue), form, activations)
    network.graph = quantized.graph
    return [activations == .byte ? "ranges of activations by \(quantized.method)" : "activations of 16 bits"]
  }

  private func quantizeWeights(_ network: inout CompressedNetwork, _ context: CompressionContext) throws(Diagnostic) {
    let layers = try network.graph.weightedLayers()
    let common = grid.scheme == .fixedPoint ? commonScale(layers) : nil
    try network.quantizeWeights(
      [GridSearch](repeating: grid, count: layers.count), common: common, reconstructs: rounding == .reconstruct,
      step: Self.name, context)
  }

  /// The power of two for all layers that loses least of the weights' energy, each layer counting alike.
  private func commonScale(_ layers: [WeightedLayer]) -> Double {
    let most = layers.flatMap(\.weights).reduce(0) { max($0, $1.magnitude) }
    guard most > 0, most.isFinite else { return 1 }
    return GridSearch.powerOfTwo(most / Double(grid.largest)) { scale in
      layers.reduce(0) { sum, layer in
        let energy = layer.weights.reduce(0) { $0 + $1 * $1 }
        let factors = [Double](repeating: 1 / max(energy, .leastNormalMagnitude), count: layer.weights.count)
        return sum + grid.error(layer.weights, factors, scale)
      }
    }
  }
}

extension CompressedNetwork {
  /// Brings the weights of each layer onto the grid that a search finds; zeros of pruned layers stay.
  ///
  /// - Parameters:
  ///   - searches: one for each layer.
  ///   - common: the scale of all layers, in fixed point.
  ///   - reconstructs: whether weights are rounded so that the outputs of layers come closest, where there are vectors.
  mutating func quantizeWeights(
    _ searches: [GridSearch], common: Double? = nil, reconstructs: Bool, step: String, _ context: CompressionContext
  ) throws(Diagnostic) {
    var walk = try LayerWalk(graph, vectors: reconstructs ? try graph.inputs(context.calibration) : [])
    try walk.run({ context.progress(step, $0, $1) }) { (index, problem) throws(Diagnostic) in
      let (layer, search) = (problem.layer, searches[index])
      let grid = try search.grid(
        problem.targets, channels: layer.channels, importance: problem.importance, common: common)
      let keepsZeros = layer.density < WeightedLayer.denseFrom
      let weights = problem.chosen { channel, column, value, _ in
        keepsZeros && layer.weights[channel * layer.columns + column] == 0 ? 0 : search.nearest(value, channel, grid)
      }
      return (weights, grid)
    }
    graph = walk.graph
  }
}

extension WeightedLayer {
  /// A layer with fewer weights that are not zero counts as pruned; its zeros stay.
  static let denseFrom = 0.95
}
