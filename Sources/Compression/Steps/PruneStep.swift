import IR
import LinearAlgebra
package import Support

/// Weights become zero: those that matter least, by themselves or in groups.
package struct PruneStep: CompressionStep {
  package static let name = "prune"
  package static let summary = "the weights that matter least become zero"
  package static let options = [
    StepOption("ratio", "0...1", "the part of the weights that becomes zero"),
    StepOption("keep", "\"N:M\"", "instead of a ratio: N of M weights beside each other stay, such as `2:4`"),
    StepOption(
      "decibels", "number",
      "instead of a ratio: each layer loses as many weights as leave the outputs at this signal-to-noise ratio when it alone "
        + "is pruned"),
    StepOption(
      "criterion", "\"magnitude\" | \"activation\" | \"taylor\" | \"curvature\"",
      "what matters: large weights; those with large products with what the layer reads; those whose loss would change the answers "
        + "most, by gradients (weight times gradient) or by the curvature of the loss; all but the first take calibration vectors"
    ),
    StepOption("scope", "\"layer\" | \"global\"", "the ratio in each layer, or over all layers together"),
    StepOption("layers", "{\"NAME\": ratio}", "ratios of single layers"),
    StepOption("rounds", "1...50", "prunes in so many rounds, more of it in the first ones"),
    StepOption(
      "rounding", "\"reconstruct\" | \"nearest\"",
      "with calibration vectors, whether the weights that stay make up for the ones that go"),
  ]

  enum Criterion: String, CaseIterable { case magnitude, activation, taylor, curvature }

  let amount: PruneAmount
  let criterion: Criterion
  let scope: PruneScope
  let layers: [(name: String, ratio: Double)]
  let rounds: Int
  let rounding: WeightRounding

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    amount = try PruneAmount(json)
    criterion = try json.choice("criterion", .magnitude)
    scope = try json.choice("scope", .layer)
    rounds = try json.whole("rounds", 1...50) ?? 1
    rounding = try json.choice("rounding", .reconstruct)
    guard scope == .layer || criterion != .activation && amount.ratioOrNil != nil else {
      throw try json.member("scope").failure("`global` goes with a `ratio`, and not with the criterion `activation`")
    }
    var layers: [(name: String, ratio: Double)] = []
    if let own = try json.optional("layers") {
      for (name, _) in try own.object() { layers.append((name, try own.number(name, 0...1) ?? 0)) }
    }
    self.layers = layers
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    guard criterion == .magnitude || !context.calibration.isEmpty else {
      throw Diagnostic(
        "compress.calibrate", .usage, "the criterion `\(criterion)` takes typical inputs",
        notes: ["give some with --calibrate X.npy, or take the criterion `magnitude`"])
    }
    let vectors = try network.graph.inputs(context.calibration)
    let all = try network.graph.weightedLayers()
    for (name, _) in layers { try all.requireLayer(name) }
    var notes: [String] = []
    var ratios = all.map { layer in layers.first { $0.name == layer.name }?.ratio ?? amount.ratio }
    if case .decibels(let wanted) = amount {
      ratios = try SensitivityScan(network.graph, vectors, context).ratios(wanted)
      notes = zip(all, ratios).map { "\($0.name): \(percent($1)) pruned" }
    }
    for round in 1...rounds {
      // Much at first, when there is much to choose from (M. Zhu and S. Gupta, To Prune, or Not to Prune, 2017).
      let left = 1 - Double(round) / Double(rounds)
      let part = 1 - left * left * left
      var walk = try LayerWalk(
        network.graph, vectors: rounding == .reconstruct || criterion == .activation ? vectors : [])
      let importances = try importances(network.graph, context)
      let threshold = scope == .global ? globalThreshold(try network.graph.weightedLayers(), importances, part) : nil
      try walk.run({ context.progress(Self.name, (round - 1) * $1 + $0, rounds * $1) }) {
        (index, problem) throws(Diagnostic) in
        let scores = importances?[index] ?? scores(problem)
        let kept =
          switch (amount, threshold) {
          case (.pattern(let n, let m), _): Self.pattern(scores, columns: problem.layer.columns, n, of: m)
          case (_, let threshold?): scores.map { $0 > threshold }
          default:
            Self.largest(scores, count: scores.count - Int((Double(scores.count) * ratios[index] * part).rounded()))
          }
        return (self.weights(problem, kept), nil)
      }
      network.graph = walk.graph
    }
    return notes
  }

  /// What the weights that stay become.
  private func weights(_ problem: LayerProblem, _ kept: [Bool]) -> [Double] {
    let layer = problem.layer
    guard rounding == .reconstruct, problem.isMeasured else {
      return zip(layer.weights, kept).map { $1 ? $0 : 0 }
    }
    let grid = layer.grid
    return problem.chosen { channel, column, value, _ in
      guard kept[channel * layer.columns + column] else { return 0 }
      return grid.map { Double($0.steps(value, channel)) * $0.scale(channel) } ?? value
    }
  }

  /// What each weight of each layer matters by gradients; nil for the other criteria.
  private func importances(_ graph: Graph, _ context: CompressionContext) throws(Diagnostic) -> [[Double]]? {
    guard criterion == .taylor || criterion == .curvature else { return nil }
    let importance = try LayerImportance(
      graph, vectors: try graph.inputs(context.calibration), context.labels.map { .labels($0) } ?? .answers,
      seed: context.seed)
    return criterion == .taylor ? try importance.weightTaylor() : try importance.brainDamage()
  }

  private func scores(_ problem: LayerProblem) -> [Double] {
    let squares = problem.layer.weights.map { $0 * $0 }
    guard criterion == .activation, let importance = problem.importance else { return squares }
    return zip(squares, importance).map { $0 * $1 }
  }

  /// The score up to which weights go, over all layers.
  private func globalThreshold(_ layers: [WeightedLayer], _ importances: [[Double]]?, _ part: Double) -> Double? {
    guard criterion != .activation, let ratio = amount.ratioOrNil else { return nil }
    let scores = (importances?.flatMap { $0 } ?? layers.flatMap { $0.weights.map { $0 * $0 } }).sorted()
    let count = Int((Double(scores.count) * ratio * part).rounded())
    return count > 0 ? scores[min(count, scores.count) - 1] : -1
  }

  /// The largest scores; of equal ones the first.
  static func largest(_ scores: [Double], count: Int) -> [Bool] {
    var kept = [Bool](repeating: false, count: scores.count)
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    for index in order.prefix(max(0, count)) { kept[index] = true }
    return kept
  }

  /// The `n` largest of each `m` scores beside each other in a row.
  static func pattern(_ scores: [Double], columns: Int, _ n: Int, of m: Int) -> [Bool] {
    var kept: [Bool] = []
    for start in stride(from: 0, to: scores.count, by: max(1, columns)) {
      for first in stride(from: start, to: min(start + columns, scores.count), by: m) {
        kept += largest(Array(scores[first..<min(first + m, start + columns)]), count: n)
      }
    }
    return kept
  }
}

/// How many weights go.
enum PruneAmount: Sendable {
  case ratio(Double)
  case pattern(Int, of: Int)
  case decibels(Double)

  init(_ json: JSONCursor) throws(Diagnostic) {
    let names = ["ratio", "keep", "decibels"]
    guard try json.object().count(where: { names.contains($0.0) }) == 1 else {
      throw json.failure("needs one of the members `ratio`, `keep` and `decibels`")
    }
    if let ratio = try json.number("ratio", 0...1) {
      self = .ratio(ratio)
    } else if let decibels = try json.number("decibels", -20...200) {
      self = .decibels(decibels)
    } else {
      let member = try json.member("keep")
      let numbers = try member.string().split(separator: ":").map { Int($0) ?? 0 }
      guard numbers.count == 2, numbers[0] > 0, numbers[1] >= numbers[0], numbers[1] <= 1024 else {
        throw member.failure("must be such as `2:4`: how many of how many weights stay")
      }
      self = .pattern(numbers[0], of: numbers[1])
    }
  }

  var ratioOrNil: Double? {
    guard case .ratio(let ratio) = self else { return nil }
    return ratio
  }

  var ratio: Double { ratioOrNil ?? 0 }
}

extension WeightedLayer {
  /// The scales of integer weights, or those that float weights are multiples of; nil for other floats.
  var grid: WeightGrid? {
    guard let own = type.quantization else { return nil }
    return WeightGrid(scales: own.scales, largest: 127)
  }
}
