import IR
import Operators
import Support

/// The means over the calibration vectors of what layers with integer weights read, and what they are for: rounding the
/// weights changes the mean of every output channel, and the bias takes that change back.
///
/// With weights w rounded to w + e a layer computes Σ (w + e) x + b, whose mean lies Σ e E[x] beside the right one; that is
/// subtracted from b. It costs nothing when the network runs.
///
/// Source: M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019, section 4.2,
/// with measured means.
struct MeanInputs {
  private var sums: [TensorID: [Double]] = [:]
  private var count = 0

  init(_ graph: Graph) throws(Diagnostic) {
    for node in graph.nodes {
      guard let op = node.op as? any SourceOperator, case .weighted = op.quantizationRule, node.inputs.count > 2,
        graph.isFloat(node.inputs[0])
      else { continue }
      sums[node.inputs[0]] = [Double](repeating: 0, count: graph[node.inputs[0]].type.shape.elementCount)
    }
  }

  /// Takes in what all tensors hold after an inference.
  mutating func add(_ values: [TensorID: Tensor]) {
    count += 1
    for id in sums.keys {
      guard case .floats(let floats)? = values[id]?.elements, floats.count == sums[id]?.count else { continue }
      for (place, value) in floats.enumerated() { sums[id]?[place] += Double(value) }
    }
  }

  /// The bias of a layer without the change that rounding its weights brings; nil when the mean of its input is not known.
  ///
  /// - Parameters:
  ///   - bias: float, one for each channel, which is the last axis of the output.
  ///   - rounded: the weights as integers with scales.
  func corrected(
    _ bias: Tensor, of node: Node, _ graph: Graph, weights: Tensor, rounded: Tensor
  ) throws(Diagnostic) -> Tensor? {
    guard count > 0, let sum = sums[node.inputs[0]], let output = graph.outputTypes(node).first else { return nil }
    let biases = try bias.floats("the bias")
    let channels = biases.count
    guard channels > 0, output.shape.dims.last == channels else { return nil }
    let mean = Tensor(graph[node.inputs[0]].type, floats: sum.map { Float($0 / Double(count)) })
    let real = try Dequantize.real(rounded).floats("the weights")
    let errors = zip(real, try weights.floats("the weights")).map { $0 - $1 }
    // The sums are linear in the input: the mean input gives the mean change.
    let op = (node.op as? any ActivatedOperator)?.activated(.none) ?? node.op
    let changes = try op.evaluate([mean, Tensor(weights.type, floats: errors)], as: [output])[0].floats("the sums")
    var totals = [Double](repeating: 0, count: channels)
    for (place, change) in changes.enumerated() { totals[place % channels] += Double(change) }
    let places = Double(changes.count / channels)
    return Tensor(bias.type, floats: zip(biases, totals).map { Float(Double($0) - $1 / places) })
  }
}
