import IR
package import Support

/// Channels of a float network are scaled so that the weights that make them and the weights that read them have like ranges:
/// then one scale for a layer, or for a tensor, suits all of its channels.
package struct EqualizeStep: CompressionStep {
  package static let name = "equalize"
  package static let summary =
    "ranges of weights become alike across layers of a float network, which computes the same"
  package static let options: [StepOption] = []

  package init(_ json: JSONCursor) throws(Diagnostic) { try Self.check(json) }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    try network.requireFloat(Self.name)
    var scales = ChannelScales(try ChannelStructure(network.graph, .scale))
    let rounds = scales.equalize { context.progress(Self.name, $0, ChannelScales.mostRounds) }
    network.graph = try scales.scaledGraph()
    return ["\(scales.count) channels scaled in \(rounds) rounds"]
  }
}

extension CompressedNetwork {
  /// Fails unless weights are floats.
  func requireFloat(_ step: String) throws(Diagnostic) {
    let layers = try graph.weightedLayers()
    guard let layer = layers.first(where: \.isQuantized) else { return }
    throw Diagnostic(
      "compress.float", at: graph.location(graph.nodes[layer.nodes[0]]),
      "has integer weights; the step `\(step)` takes a network of floats, before `quantize`")
  }
}
