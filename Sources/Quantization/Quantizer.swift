package import IR
import Operators
package import Support

/// A float network as int8, and how much of it that kept.
package struct QuantizedNetwork: Sendable {
  package let graph: Graph
  package let fidelity: [OutputFidelity]
}

/// Quantizes float networks by the conventions of TensorFlow Lite's full integer quantization: int8 activations with one scale
/// and zero point, symmetric int8 weights for each channel, int32 biases, and the fixed scales that operators demand.
package enum Quantizer {
  /// Whether something of the network is computed in floats, so that it has to be quantized.
  package static func isNeeded(_ graph: Graph) -> Bool {
    graph.nodes.contains { node in
      let types = (node.inputs + node.outputs).map { graph[$0].type.element }
      return types.contains(.float32) && !(node.op is Quantize) && !(node.op is Dequantize)
    }
  }

  /// - Parameters:
  ///   - vectors: typical values of the inputs, for each vector one tensor an input.
  package static func quantize(
    _ source: Graph, vectors: [[Tensor]], _ method: RangeMethod
  ) throws(Diagnostic) -> QuantizedNetwork {
    guard !vectors.isEmpty else { throw Diagnostic("quantize.vectors", .usage, "there is no calibration vector") }
    let quantized = try rewritten(source, vectors) { (graph, groups, inputs) throws(Diagnostic) in
      try CalibratedRanges(graph, groups, inputs, method)
    }
    return QuantizedNetwork(
      graph: quantized, fidelity: try OutputFidelity.measure(float: source, quantized, vectors))
  }

  /// The network with ranges from −1 to 1 in place of calibrated ones: of use only to find out whether it can be quantized.
  package static func rehearse(_ source: Graph) throws(Diagnostic) -> Graph {
    try rewritten(source, []) { (graph, groups, _) throws(Diagnostic) in
      try CalibratedRanges(rehearsing: graph, groups)
    }
  }

  /// - Parameter ranges: gets the network behind the scaling of features, and its inputs for the vectors.
  private static func rewritten(
    _ source: Graph, _ vectors: [[Tensor]],
    _ ranges: (Graph, ScaleGroups, [[Tensor]]) throws(Diagnostic) -> CalibratedRanges
  ) throws(Diagnostic) -> Graph {
    var graph = source
    try FloatFusion.run(&graph)
    try graph.verify()
    var scaling = try FeatureScaling(graph)
    let rest = scaling.rest
    let inputs = try vectors.map { (vector) throws(Diagnostic) in try scaling.advance(vector) }
    let groups = try ScaleGroups(rest)
    var rewriting = QuantizedRewriting(rest, groups, try ranges(rest, groups, inputs))
    try rewriting.run()
    var quantized = rewriting.graph
    try scaling.prepend(to: &quantized)
    do throws(Diagnostic) {
      try quantized.verify()
    } catch {
      throw error.noting("this is the operator in int8, after quantization")
    }
    return quantized
  }
}
