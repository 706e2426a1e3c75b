import Frontends
import IR
import Quantization
package import Support

/// What a layer takes.
package struct LayerStatistics: Equatable, Sendable {
  package let name: String
  package let shape: [Int]
  package let weights: Int
  /// Weights that are not zero.
  package let nonzero: Int
  /// Different weights.
  package let distinct: Int
  /// Of the weights in the file.
  package let bytes: Int
  /// Energy of the original weights over the energy of the changes, in decibels; nil for a layer that was not there before.
  package let decibels: Double?

  package var density: Double { weights == 0 ? 1 : Double(nonzero) / Double(weights) }
  package var bitsPerWeight: Double { weights == 0 ? 0 : Double(8 * bytes) / Double(weights) }
}

/// What a network takes and how well it does after a step.
package struct CompressionStatistics: Equatable, Sendable {
  /// What was done.
  package let step: String
  package let layers: [LayerStatistics]
  /// Of the original network.
  package let originalWeights: Int
  /// Of all constants beside weights, such as biases, in the file.
  package let otherBytes: Int
  package let multiplyAccumulates: Int
  /// Energy of the original outputs over the energy of the changes, in decibels; nil without vectors.
  package let outputDecibels: Double?
  package let accuracy: Double?
  package let notes: [String]

  package var weights: Int { layers.reduce(0) { $0 + $1.weights } }
  package var bytes: Int { layers.reduce(0) { $0 + $1.bytes } }
  package var density: Double {
    originalWeights == 0 ? 1 : Double(layers.reduce(0) { $0 + $1.nonzero }) / Double(originalWeights)
  }
  /// Bits of the weights now for each weight that there was.
  package var bitsPerWeight: Double { originalWeights == 0 ? 0 : Double(8 * bytes) / Double(originalWeights) }
  /// Bytes of the original weights as floats for each byte of weights.
  package var rate: Double { bytes == 0 ? 1 : Double(4 * originalWeights) / Double(bytes) }

  /// - Parameter originals: the weights of the original layers.
  init(
    step: String, _ network: CompressedNetwork, originals: [WeightedLayer], outputDecibels: Double?, accuracy: Double?,
    notes: [String]
  ) throws(Diagnostic) {
    let graph = network.graph
    let layers = try graph.weightedLayers()
    var constants: Set<TensorID> = []
    self.layers = layers.enumerated().map { index, layer in
      let id = graph.nodes[layer.nodes[0]].inputs[layer.position]
      constants.insert(id)
      let before =
        originals.count == layers.count
        ? originals[index] : originals.first { $0.name == layer.name && $0.weights.count == layer.weights.count }
      return LayerStatistics(
        name: layer.name, shape: layer.type.shape.dims, weights: layer.weights.count,
        nonzero: layer.weights.count { $0 != 0 }, distinct: Set(layer.weights).count,
        bytes: network.packing.size(of: graph[id].constant ?? [], graph[id].type.element),
        decibels: before.flatMap { Self.decibels($0.weights, layer.weights) })
    }
    var other = 0
    for id in graph.nodes.flatMap(\.inputs) where constants.insert(id).inserted {
      if let bytes = graph[id].constant { other += network.packing.size(of: bytes, graph[id].type.element) }
    }
    self.step = step
    otherBytes = other
    originalWeights = originals.reduce(0) { $0 + $1.weights.count }
    multiplyAccumulates = try graph.multiplyAccumulates()
    self.outputDecibels = outputDecibels
    self.accuracy = accuracy
    self.notes = notes
  }

  private static func decibels(_ old: [Double], _ new: [Double]) -> Double? {
    guard old.count == new.count else { return nil }
    return OutputFidelity.decibels(
      signal: old.reduce(0) { $0 + $1 * $1 }, noise: zip(old, new).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
  }
}

extension CompressionStatistics {
  /// The figures as JSON, for `--report`.
  package var json: JSON {
    func number(_ value: Double?) -> JSON { value.map { .float($0) } ?? .null }
    return .object([
      ("step", .string(step)), ("weight_bytes", .int(bytes)), ("other_bytes", .int(otherBytes)),
      ("bits_per_weight", .float(bitsPerWeight)), ("density", .float(density)), ("compression_rate", .float(rate)),
      ("macs", .int(multiplyAccumulates)), ("output_decibels", number(outputDecibels)), ("accuracy", number(accuracy)),
      ("notes", .array(notes.map { .string($0) })),
      (
        "layers",
        .array(
          layers.map {
            .object([
              ("name", .string($0.name)), ("shape", .array($0.shape.map { .int($0) })), ("weights", .int($0.weights)),
              ("nonzero", .int($0.nonzero)), ("distinct", .int($0.distinct)), ("bytes", .int($0.bytes)),
              ("bits_per_weight", .float($0.bitsPerWeight)), ("decibels", number($0.decibels)),
            ])
          })
      ),
    ])
  }
}
