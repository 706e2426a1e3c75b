package import IR
package import Support

/// What the layers that read a channel lose with it: its mean magnitude times the sum of the magnitudes of the weights that
/// read it, as parts of what each layer reads in all, summed over the layers. Since a channel is a larger part where there are
/// few, or where several layers read them, such parts are compared within a layer only.
///
/// Magnitudes of activations as a criterion: P. Molchanov et al., Pruning Convolutional Neural Networks for Resource Efficient
/// Inference, ICLR 2017, section 2.2.
package struct ActivationImportance: ChannelImportance {
  package let isComparable = false
  package let isMeasured = true

  package init() {}

  package func importances(
    of structure: ChannelStructure, vectors: [[Tensor]], _ context: CompressionContext
  ) throws(Diagnostic) -> [[Double]?] {
    let means = try structure.inputMagnitudes(vectors, context)
    var scores: [Int: Double] = [:]
    for (layer, sum) in structure.sums.enumerated() {
      guard let sum, sum.columnAxis != nil else { continue }
      let own = structure.layers[layer]
      var parts = [Double](repeating: 0, count: sum.inputs)
      for place in own.weights.indices { parts[place % sum.depth] += own.weights[place].magnitude }
      for input in parts.indices { parts[input] *= means[layer][input] }
      let whole = parts.reduce(0, +)
      for (part, number) in zip(parts, structure.inputClasses(layer)) where whole > 0 {
        scores[number, default: 0] += part / whole
      }
    }
    // Equal shares, since what channels matter is summed over the rows of a class.
    let counts = Dictionary(
      structure.classes.map { ($0.number, Double(max(1, $0.rows.count))) }, uniquingKeysWith: { first, _ in first })
    return structure.sums.indices.map { layer in
      guard structure.sums[layer] != nil else { return nil }
      return structure.rowClasses(layer).map { (scores[$0] ?? 0) / (counts[$0] ?? 1) }
    }
  }
}

extension ChannelStructure {
  /// For each layer the mean magnitude of what it reads, by input; zeros for layers that are not looked at.
  fileprivate func inputMagnitudes(
    _ vectors: [[Tensor]], _ context: CompressionContext
  ) throws(Diagnostic) -> [[Double]] {
    var sums = self.sums.map { [Double](repeating: 0, count: $0?.inputs ?? 0) }
    var done = 0
    try forEachVector(vectors) { (values) throws(Diagnostic) in
      for (layer, sum) in self.sums.enumerated() {
        guard let sum, sum.inputs > 0 else { continue }
        for node in layers[layer].nodes {
          guard let tensor = values[graph.nodes[node].inputs[0]] else { continue }
          let real = try tensor.realFloats().floats("what a layer reads")
          // The mean over the positions of each input, over vectors and nodes.
          let share = Double(sum.inputs) / Double(max(1, real.count * vectors.count * layers[layer].nodes.count))
          for (place, value) in real.enumerated() { sums[layer][place % sum.inputs] += Double(value.magnitude) * share }
        }
      }
      done += 1
      context.progress("activations", done, vectors.count)
    }
    return sums
  }
}
