package import IR
import Operators
package import Support

/// A float network as integers, and how much of it that kept.
package struct QuantizedNetwork: Sendable {
  package let graph: Graph
  package let fidelity: [OutputFidelity]
  /// How the ranges were chosen.
  package let method: RangeMethod
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
  ///   - method: nil for the one whose network answers these vectors with the least loss. Which one that is depends on the
  ///     network: a narrower range has finer steps, but what it cuts off may be what later layers look at.
  ///   - form: which scales activations may have. Weights that are quantized already, which is the quantization of their float
  ///     tensors, keep their scales.
  ///   - width: of activations; those of 16 bits hold all values, whatever the method.
  package static func quantize(
    _ source: Graph, vectors: [[Tensor]], _ method: RangeMethod?, _ form: ScaleForm = .any,
    _ width: ActivationWidth = .byte
  ) throws(Diagnostic) -> QuantizedNetwork {
    guard !vectors.isEmpty else { throw Diagnostic("quantize.vectors", .usage, "there is no calibration vector") }
    var float = try Preparation(source, width)
    let inputs = try vectors.map { (vector) throws(Diagnostic) in try float.scaling.advance(vector) }
    let observed = try ObservedValues(float.graph, float.groups, inputs, countsParts: method != .minmax)
    let answers = try Interpreter(source).outputs(inSequence: vectors)
    func network(_ method: RangeMethod) throws(Diagnostic) -> QuantizedNetwork {
      let graph = try float.rewritten(try CalibratedRanges(observed, method, form, width), observed.means)
      let fidelity = try OutputFidelity.measure(float: source, answers: answers, graph, vectors)
      return QuantizedNetwork(graph: graph, fidelity: fidelity, method: method)
    }
    if let method { return try network(method) }
    if width == .short { return try network(.minmax) }
    var best = try network(.mse)
    for method in RangeMethod.automatic where method != best.method {
      let other = try network(method)
      if other.loss < best.loss { best = other }
    }
    return best
  }

  /// A float network in the form in which it is quantized: activations belong to the layers before them.
  package static func fused(_ graph: Graph) throws(Diagnostic) -> Graph {
    var graph = graph
    try FloatFusion.run(&graph)
    try graph.verify()
    return graph
  }

  /// The network with ranges from −1 to 1 in place of calibrated ones: of use only to find out whether it can be quantized.
  package static func rehearse(_ source: Graph) throws(Diagnostic) -> Graph {
    let float = try Preparation(source, .byte)
    return try float.rewritten(try CalibratedRanges(rehearsing: float.graph, float.groups), nil)
  }
}

extension QuantizedNetwork {
  /// The sum over the outputs.
  fileprivate var loss: Double { fidelity.reduce(0) { $0 + $1.loss } }
}

/// A float network before its ranges are known.
private struct Preparation {
  /// The network behind the scaling of features.
  let graph: Graph
  var scaling: FeatureScaling
  let groups: ScaleGroups
  private let width: ActivationWidth

  init(_ source: Graph, _ width: ActivationWidth) throws(Diagnostic) {
    self.width = width
    scaling = try FeatureScaling(try Quantizer.fused(source))
    graph = scaling.rest
    groups = try ScaleGroups(graph, width)
  }

  /// The network of integers.
  func rewritten(_ ranges: CalibratedRanges, _ means: MeanInputs?) throws(Diagnostic) -> Graph {
    var rewriting = QuantizedRewriting(graph, groups, ranges, means, width)
    try rewriting.run()
    var quantized = rewriting.graph
    try scaling.prepend(to: &quantized)
    do throws(Diagnostic) {
      try quantized.verify()
    } catch {
      throw error.noting("this is the operator in \(width.element.rawValue), after quantization")
    }
    return quantized
  }
}
