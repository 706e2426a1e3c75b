package import Compression
package import IR
import Operators
import Planning
import Quantization
package import Support

extension Pipeline {
  /// What a network takes on the target by its cost model, for steps of compression that keep a budget of it.
  ///
  /// - Parameters:
  ///   - vectors: typical inputs, for a float network, whose kernels are those of the network that is made of it.
  ///   - isCompressed: whether kernels are to execute compressed weights.
  package func costs(
    _ network: Graph, vectors: [[Tensor]], isCompressed: Bool
  ) throws(Diagnostic) -> NetworkCosts {
    var graph = network.compacted
    if CompressedNetwork.isFloat(graph) { graph = try Self.quantize(graph, vectors: vectors, .minmax).graph }
    graph.isCompressed = isCompressed
    let plan = try plan(try Self.lower(graph))
    var layers: [Origin: LayerCost] = [:]
    for step in plan.steps {
      layers[step.node.origin, default: LayerCost(cycles: 0, flash: 0)].cycles += step.cost.cycles
      layers[step.node.origin, default: LayerCost(cycles: 0, flash: 0)].flash += step.cost.flash
    }
    let totals = plan.selection.totals
    return NetworkCosts(whole: LayerCost(cycles: totals.cycles, flash: totals.flash), layers: layers)
  }
}
