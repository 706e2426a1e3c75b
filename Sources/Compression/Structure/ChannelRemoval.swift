package import IR
package import Support

extension ChannelStructure {
  /// The network without some classes of channels.
  ///
  /// First the weights that read the channels become zero; with vectors, the mean of what they added, as the layer's padding
  /// leaves it, goes into the biases, and the other weights may make up for the rest. Then nothing reads the channels any more,
  /// and taking them away changes no output.
  ///
  /// - Parameters:
  ///   - removed: numbers of classes.
  ///   - vectors: for each vector the values of all inputs; may be empty.
  ///   - reconstructs: whether weights that stay make up for those that go.
  package func removing(
    _ removed: Set<Int>, vectors: [[Tensor]], reconstructs: Bool, _ progress: (Int, Int) -> Void = { _, _ in }
  ) throws(Diagnostic) -> Graph {
    guard !removed.isEmpty else { return graph }
    let copies = Dictionary(removed.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
    guard !vectors.isEmpty else { return try graph(copies: copies) }
    var walk = try LayerWalk(graph, vectors: vectors)
    var hasLost = false
    try walk.run(progress) { (index, problem) throws(Diagnostic) in
      let kept = keptColumns(index, without: removed)
      hasLost = hasLost || kept.contains(false)
      // What stands before all removed channels stays as it is.
      guard reconstructs ? hasLost : kept.contains(false) else { return nil }
      if reconstructs, problem.isMeasured { return (problem.weights(keeping: kept), nil) }
      let own = layers[index]
      return (own.weights.enumerated().map { kept[$0 % max(1, own.columns)] ? $1 : 0 }, nil)
    }
    return try ChannelStructure(walk.graph, .count).graph(copies: copies)
  }

  /// For each column of a layer's weights, whether it reads a channel that stays.
  private func keptColumns(_ layer: Int, without removed: Set<Int>) -> [Bool] {
    let count = layers[layer].columns
    guard let sum = sums[layer], sum.columnAxis != nil else { return [Bool](repeating: true, count: count) }
    let isKept = inputClasses(layer).map { !removed.contains($0) }
    return (0..<count).map { isKept[$0 % sum.depth] }
  }
}
