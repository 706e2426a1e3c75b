import IR
import Operators
import Support

/// The quantization of every group of float tensors.
struct CalibratedRanges {
  private let quantizations: [TensorID: Quantization]
  /// The quantization of outputs with 16 bits.
  private let wide: [ScaleGroups.Edge: Quantization]
  private let width: ActivationWidth

  /// Ranges that a method chooses from the values that were observed.
  init(
    _ observed: ObservedValues, _ method: RangeMethod, _ form: ScaleForm = .any, _ width: ActivationWidth = .byte
  ) throws(Diagnostic) {
    var quantizations: [TensorID: Quantization] = [:]
    var common: Float?
    if form == .fixedPoint {
      common = observed.statistics.values.map { width.powerOfTwoScale($0.range(method)) }.max()
    }
    // In a fixed order, on which it depends which group an error is about.
    for (group, statistics) in observed.statistics.sorted(by: { $0.key.index < $1.key.index }) {
      let range = statistics.range(method)
      let isMasked = observed.masked.contains(group)
      let wanted = isMasked ? MaskedScores.widened(range) : range
      quantizations[group] =
        form == .any
        ? try width.quantization(wanted)
        : try width.binaryPoint(wanted, scale: common ?? width.powerOfTwoScale(wanted))
    }
    self.quantizations = quantizations
    self.width = width
    wide = try observed.wide.quantizations()
  }

  /// Ranges from −1 to 1, and what else constants need.
  init(rehearsing graph: Graph, _ groups: ScaleGroups) throws(Diagnostic) {
    var quantizations: [TensorID: Quantization] = [:]
    for id in graph.sources + graph.nodes.flatMap(\.outputs) where graph.isFloat(id) {
      var statistics = RangeStatistics()
      _ = statistics.extend([-1, 1])
      quantizations[groups.group(id)] = try statistics.range(.minmax).quantization()
    }
    self.quantizations = quantizations
    width = .byte
    wide = try WideRanges(graph).quantizations()
  }

  /// The quantization of an output of a node with 16 bits; nil for others.
  func wideQuantization(_ edge: ScaleGroups.Edge) -> Quantization? { wide[edge] }

  /// The quantization of a float tensor.
  func quantization(_ id: TensorID, _ groups: ScaleGroups) throws(Diagnostic) -> Quantization {
    if let fixed = groups.fixedQuantization(id) { return fixed }
    guard let own = groups.wideState(id).flatMap({ wide[$0] }) ?? quantizations[groups.group(id)] else {
      throw Diagnostic("quantize.range", "a tensor has no range: it is never computed")
    }
    return own
  }

  /// The quantization of a constant by its own values.
  func quantization(of constant: Tensor) throws(Diagnostic) -> Quantization {
    var statistics = RangeStatistics()
    guard statistics.extend(try constant.floats("a constant")) else {
      throw Diagnostic("quantize.constant", "a constant holds a value that is no finite number")
    }
    return try width.quantization(statistics.range(.minmax))
  }
}
