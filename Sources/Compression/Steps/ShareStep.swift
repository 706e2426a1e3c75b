import Frontends
import IR
import LinearAlgebra
import Quantization
package import Support

/// Few different weights: each layer, or channel, gets a table of values, and its weights become the next of them.
///
/// The values are multiples of a scale that 8 bits hold, so that the layer needs no floats. Zeros of a pruned layer stay, and
/// count as one of the values.
package struct ShareStep: CompressionStep {
  package static let name = "share"
  package static let summary = "few different weights in each layer, by k-means"
  package static let options = [
    StepOption("values", "2...256", "how many different weights a layer has, zero counted"),
    StepOption(
      "decibels", "number",
      "instead of a number: as few values, a power of 2 of them, as keep the weights at this ratio"),
    StepOption("per", "\"layer\" | \"channel\"", "what has a table of its own"),
    StepOption(
      "rounding", "\"reconstruct\" | \"nearest\"",
      "with calibration vectors, so that the layer's outputs come closest; or each weight by itself"),
  ]

  let values: Int?
  let wanted: Double
  let isPerChannel: Bool
  let rounding: WeightRounding

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    values = try json.whole("values", 2...256)
    wanted = try json.number("decibels", -20...200) ?? 0
    guard (values == nil) != (try json.optional("decibels") == nil) else {
      throw json.failure("needs one of the members `values` and `decibels`")
    }
    isPerChannel = try json.choice("per", ScaleExtent.layer) == .channel
    rounding = try json.choice("rounding", .reconstruct)
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    let vectors = rounding == .reconstruct ? try network.graph.inputs(context.calibration) : []
    var walk = try LayerWalk(network.graph, vectors: vectors)
    var notes: [String] = []
    try walk.run({ context.progress(Self.name, $0, $1) }) { (_, problem) throws(Diagnostic) in
      let layer = problem.layer
      guard layer.columns > 0, !layer.weights.isEmpty else { return nil }
      let rows = isPerChannel ? layer.channels : 1
      let length = layer.weights.count / rows
      let isPruned = layer.density < WeightedLayer.denseFrom
      var tables: [[Double]] = []
      var scales: [Float] = []
      for row in 0..<rows {
        let weights = Array(layer.weights[row * length..<(row + 1) * length])
        let table = try table(isPruned ? weights.filter { $0 != 0 } : weights, hasZero: isPruned)
        let largest = table.reduce(0) { max($0, $1.magnitude) }
        guard largest.isFinite else { throw Diagnostic("compress.weights", "holds a weight that is no finite number") }
        let scale = Float(max(largest / 127, 0x1p-100))
        scales.append(scale)
        tables.append(Set(table.map { (($0 / Double(scale)).rounded() * Double(scale)) }).sorted())
      }
      let count = tables.map(\.count).max() ?? 1
      notes.append(
        "\(layer.name): \(count) values, rate \(tenths(Self.rate(layer.weights.count, count, tables: rows)))")
      let weights = problem.chosen { channel, column, value, _ in
        if isPruned, layer.weights[channel * layer.columns + column] == 0 { return 0 }
        return Self.nearest(value, tables[rows == 1 ? 0 : channel])
      }
      return (weights, WeightGrid(scales: scales, largest: 127))
    }
    network.graph = walk.graph
    return notes
  }

  /// The centroids of weights, and zero beside those of a pruned layer.
  private func table(_ weights: [Double], hasZero: Bool) throws(Diagnostic) -> [Double] {
    guard !weights.isEmpty else { return [0] }
    let energy = weights.reduce(0) { $0 + $1 * $1 }
    func centroids(_ count: Int) -> (values: [Double], error: Double) {
      let clusters = ScalarClusters(weights, count: max(1, hasZero ? count - 1 : count))
      return (clusters.centroids + (hasZero ? [0] : []), clusters.error(of: weights))
    }
    if let values { return centroids(values).values }
    var count = 2
    while true {
      let table = centroids(count)
      if count == 256 || OutputFidelity.decibels(signal: energy, noise: table.error) >= wanted { return table.values }
      count *= 2
    }
  }

  private static func nearest(_ value: Double, _ table: [Double]) -> Double {
    var best = table[0]
    for entry in table.dropFirst() where abs(entry - value) < abs(best - value) { best = entry }
    return best
  }

  /// n weights of 32 bits over their places in tables of k values, and the tables: n b / (n log₂ k + k b).
  ///
  /// Source: S. Han et al., Deep Compression, ICLR 2016, section 3.
  static func rate(_ weights: Int, _ values: Int, tables: Int) -> Double {
    let bits = Double(max(1, Int.bitWidth - (values - 1).leadingZeroBitCount))
    return Double(weights) * 32 / (Double(weights) * bits + Double(tables * values) * 32)
  }
}
