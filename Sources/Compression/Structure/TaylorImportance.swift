package import IR
package import Support

/// What the loss would change, to first order, without a channel: its activations times their gradients, over the calibration
/// vectors.
///
/// Source: P. Molchanov et al., Pruning Convolutional Neural Networks for Resource Efficient Inference, ICLR 2017.
package struct TaylorImportance: ChannelImportance {
  package let isComparable = true
  package let isMeasured = true

  package init() {}

  package func importances(
    of structure: ChannelStructure, vectors: [[Tensor]], _ context: CompressionContext
  ) throws(Diagnostic) -> [[Double]?] {
    let importance = try LayerImportance(
      structure.graph, vectors: vectors, context.labels.map { .labels($0) } ?? .answers, seed: context.seed)
    return try importance.channelTaylor()
  }
}
