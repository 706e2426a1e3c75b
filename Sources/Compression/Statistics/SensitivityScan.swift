import IR
import Quantization
import Support

/// How much of a layer can be pruned by magnitude before the outputs of the network suffer, each layer by itself.
struct SensitivityScan {
  private let graph: Graph
  private let error: OutputError
  private let context: CompressionContext

  /// Vectors that each trial runs.
  private static let mostVectors = 16
  /// Steps of the ratio.
  private static let parts = 32

  init(_ graph: Graph, _ vectors: [[Tensor]], _ context: CompressionContext) throws(Diagnostic) {
    guard !vectors.isEmpty else {
      throw Diagnostic(
        "compress.calibrate", .usage, "finding out what each layer can lose takes typical inputs",
        notes: ["give some with --calibrate X.npy, or a `ratio`"])
    }
    self.graph = graph
    self.context = context
    error = try OutputError(graph, vectors, most: Self.mostVectors)
  }

  /// For each layer the largest ratio that leaves the answers at `wanted` decibels, by bisection.
  func ratios(_ wanted: Double) throws(Diagnostic) -> [Double] {
    let layers = try graph.weightedLayers()
    var ratios: [Double] = []
    for (index, layer) in layers.enumerated() {
      context.progress("sensitivity", index, layers.count)
      let scores = layer.weights.map { $0 * $0 }
      var (good, bad) = (0, Self.parts)
      while bad - good > 1 {
        let middle = (good + bad) / 2
        let count = scores.count - scores.count * middle / Self.parts
        let kept = PruneStep.largest(scores, count: count)
        var trial = graph
        try trial.replace(layer, weights: zip(layer.weights, kept).map { $1 ? $0 : 0 })
        let (noise, signal) = try error.measure(trial)
        if OutputFidelity.decibels(signal: signal, noise: noise) >= wanted { good = middle } else { bad = middle }
      }
      ratios.append(Double(good) / Double(Self.parts))
    }
    return ratios
  }
}
