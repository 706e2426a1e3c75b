import IR
package import Support

/// Whole channels go, with the filters that make them and the weights that read them, wherever they can only go together: the
/// network becomes narrower.
package struct PruneChannelsStep: CompressionStep {
  package static let name = "prune-channels"
  package static let summary = "whole channels go, so that tensors, filters and work become smaller"
  package static let options = [
    StepOption("ratio", "0...1", "the part of the channels that goes, of those that can"),
    StepOption("scope", "\"layer\" | \"global\"", "the ratio in each layer, or over all layers together"),
    StepOption("layers", "{\"NAME\": ratio}", "ratios of single layers; layers whose outputs are added share one"),
    StepOption(
      "criterion", "\"l1\" | \"l2\" | \"activation\" | \"rank\" | \"taylor\"",
      "what matters: norms of filters, or with calibration vectors what the next layers lose, the rank of feature maps, or what "
        + "the loss would change by gradients (float networks)"
    ),
    StepOption(
      "rounding", "\"reconstruct\" | \"nearest\"",
      "with calibration vectors, whether the channels that stay make up for the ones that go, or only biases do"),
  ]

  enum Criterion: String, CaseIterable {
    case l1, l2, activation, rank, taylor

    var importance: any ChannelImportance {
      switch self {
      case .l1: FilterNorms(isEuclidean: false)
      case .l2: FilterNorms(isEuclidean: true)
      case .activation: ActivationImportance()
      case .rank: RankImportance()
      case .taylor: TaylorImportance()
      }
    }
  }

  let ratio: Double
  let scope: PruneScope
  let layers: [(name: String, ratio: Double)]
  let criterion: Criterion
  let rounding: WeightRounding

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    var layers: [(name: String, ratio: Double)] = []
    if let own = try json.optional("layers") {
      for (name, _) in try own.object() { layers.append((name, try own.number(name, 0...1) ?? 0)) }
    }
    let ratio = try json.number("ratio", 0...1)
    guard ratio != nil || !layers.isEmpty else {
      throw json.failure("needs one of the members `ratio` and `layers`")
    }
    self.ratio = ratio ?? 0
    self.layers = layers
    scope = try json.choice("scope", .layer)
    criterion = try json.choice("criterion", .l1)
    rounding = try json.choice("rounding", .reconstruct)
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    let importance = criterion.importance
    guard !importance.isMeasured || !context.calibration.isEmpty else {
      throw Diagnostic(
        "compress.calibrate", .usage, "the criterion `\(criterion.rawValue)` takes typical inputs",
        notes: ["give some with --calibrate X.npy, or take the criterion `l1` or `l2`"])
    }
    let vectors = try network.graph.inputs(context.calibration)
    let structure = try ChannelStructure(network.graph, .count)
    let importances = try importance.importances(of: structure, vectors: vectors, context)
    var choice = ChannelChoice(structure, structure.scores(importances))
    try choose(&choice, structure, isComparable: importance.isComparable)
    network.graph = try structure.removing(
      choice.removed, vectors: vectors, reconstructs: rounding == .reconstruct
    ) { context.progress(Self.name, $0, $1) }
    return choice.groups.indices.map { index in
      let group = choice.groups[index]
      let names = group.layers.map { structure.layers[$0].name }.joined(separator: ", ")
      return "\(names): \(choice.removedCount(index)) of \(group.candidates.count) channels removed"
    }
  }

  private func choose(
    _ choice: inout ChannelChoice, _ structure: ChannelStructure, isComparable: Bool
  ) throws(Diagnostic) {
    var rest = Array(choice.groups.indices)
    for (name, ratio) in layers {
      let all = choice.groups.indices.filter { choice.groups[$0].layers.contains { structure.layers[$0].name == name } }
      guard !all.isEmpty else {
        let names = choice.groups.flatMap { $0.layers.map { "`\(structure.layers[$0].name)`" } }
        throw Diagnostic(
          "compress.layer", .usage, "no layer with channels that can go is called `\(name)`",
          notes: ["such layers are called \(names.joined(separator: ", "))"])
      }
      for group in all where rest.contains(group) { choice.remove(ratio, of: group) }
      rest.removeAll { all.contains($0) }
    }
    switch scope {
    case .layer: for group in rest { choice.remove(ratio, of: group) }
    case .global: choice.remove(ratio, ofAll: rest, isComparable: isComparable)
    }
  }
}
