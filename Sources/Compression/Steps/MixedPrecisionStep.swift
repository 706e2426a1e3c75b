import IR
import Quantization
package import Support

/// Weights of as many bits in each layer as it needs: the layers whose errors the answers hardly show get few.
///
/// For each layer and number of bits it is found out what the answers lose with that layer alone quantized; losses of layers add
/// up, since they are small and independent. Then numbers of bits are chosen that lose least within a budget of bits, cycles or
/// bytes of flash, or that take least bits for what may be lost.
///
/// Source: the integer program in Z. Yao et al., HAWQ-V3, ICML 2021, with measured losses beside traces of Hessians.
package struct MixedPrecisionStep: CompressionStep {
  package static let name = "mixed-precision"
  package static let summary = "weights of as many bits in each layer as the outputs need"
  package static let options = [
    StepOption("bits-per-weight", "2...8", "what weights take on average"),
    StepOption("cycles", "number", "instead: modelled cycles of an inference on --target"),
    StepOption("flash", "number", "instead: modelled bytes of flash on --target"),
    StepOption("decibels", "number", "instead: the signal-to-noise ratio that the outputs keep at least"),
    StepOption(
      "accuracy-loss", "0...1", "instead: the part of the vectors of --calibrate-labels that may become wrong"),
    StepOption("among", "[2, 3, 4, 5, 6, 8]", "numbers of bits that a layer may have; these without it"),
    StepOption(
      "sensitivity", "\"outputs\" | \"kl\" | \"hessian\"",
      "what tells how much a layer's errors matter: the answers with it alone quantized, by squared differences or by the "
        + "divergence of Kullback and Leibler between the classes' probabilities, or the trace of the Hessian of the loss (float "
        + "networks)"),
    StepOption("rounding", "\"reconstruct\" | \"nearest\"", "as in `quantize`"),
  ]

  enum Budget {
    case bits(Double)
    case cycles(Double)
    case flash(Double)
    case decibels(Double)
    case accuracyLoss(Double)
  }

  enum Sensitivity: String, CaseIterable { case outputs, kl, hessian }

  let budget: Budget
  /// Numbers of bits, the largest first.
  let among: [Int]
  let sensitivity: Sensitivity
  let rounding: WeightRounding

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    budget = try Self.budget(json)
    let list = try json.optional("among")?.ints(2...8) ?? [2, 3, 4, 5, 6, 8]
    among = Set(list).sorted(by: >)
    guard !among.isEmpty else { throw try json.member("among").failure("must name a number of bits") }
    rounding = try json.choice("rounding", .reconstruct)
    sensitivity = try json.choice("sensitivity", .outputs)
    if case .decibels = budget, sensitivity != .outputs {
      throw try json.member("sensitivity").failure("`\(sensitivity)` tells no decibels; they go with `outputs`")
    }
  }

  private static func budget(_ json: JSONCursor) throws(Diagnostic) -> Budget {
    let amounts = 1.0...1e12
    let given = [
      try json.number("bits-per-weight", 2...8).map { Budget.bits($0) },
      try json.number("cycles", amounts).map { .cycles($0) }, try json.number("flash", amounts).map { .flash($0) },
      try json.number("decibels", -20...200).map { .decibels($0) },
      try json.number("accuracy-loss", 0...1).map { .accuracyLoss($0) },
    ].compactMap { $0 }
    guard given.count == 1 else {
      throw json.failure(
        "needs one of the members `bits-per-weight`, `cycles`, `flash`, `decibels` and `accuracy-loss`")
    }
    return given[0]
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    guard !context.calibration.isEmpty else {
      throw Diagnostic(
        "compress.calibrate", .usage, "finding out which layers need many bits takes typical inputs",
        notes: ["give some with --calibrate X.npy"])
    }
    let start = network
    func quantized(_ choices: [Int]) throws(Diagnostic) -> CompressedNetwork {
      var network = start
      try network.quantizeWeights(
        choices.map { PrecisionTrials.search(among[$0]) }, reconstructs: rounding == .reconstruct, step: Self.name,
        context)
      return network
    }
    let trials = try PrecisionTrials(network.graph, among: among, context, step: Self.name)
    let losses = try trials.losses(sensitivity)
    let choices =
      switch budget {
      case .bits(let average):
        try trials.choices(
          losses.noise, keeping: trials.bits, within: average * trials.weights,
          "\(tenths(average)) bits for a weight can't be kept with \(among[among.count - 1]) bits or more in each layer"
        )
      case .decibels(let wanted):
        try trials.choices(
          trials.bits, keeping: losses.noise, within: losses.signal / OutputFidelity.ratio(decibels: wanted),
          "outputs don't keep \(tenths(wanted)) dB with \(among[0]) bits in each layer")
      case .cycles(let most): try trials.choices(losses.noise, on: \.cycles, within: most, "cycles", quantized)
      case .flash(let most): try trials.choices(losses.noise, on: \.flash, within: most, "bytes of flash", quantized)
      case .accuracyLoss(let most): try trials.choices(losses.noise, accuracyLoss: most, quantized)
      }
    network = try quantized(choices)
    return zip(trials.layers, choices).map { "\($0.name): \(among[$1]) bits" }
  }
}
