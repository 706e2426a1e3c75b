import IR
import Operators
import Support

/// Rewrites of float networks before they are quantized, so that no intermediate result needs a scale of its own. The pass
/// `FuseFloatLayers` has put normalizations into the layers before.
enum FloatFusion {
  static func run(_ graph: inout Graph) throws(Diagnostic) {
    try foldWeights(&graph)
    try CumulativeSums.run(&graph)
    activations(&graph)
    graph.removeDeadNodes()
  }

  /// DEQUANTIZE of constants becomes float constants.
  private static func foldWeights(_ graph: inout Graph) throws(Diagnostic) {
    for node in graph.nodes where node.op is Dequantize && !graph.results.contains(node.outputs[0]) {
      guard let constant = try graph.operand(node.inputs[0]).constant else { continue }
      graph[node.outputs[0]].constant = try Dequantize.real(constant).bytes
    }
    let kept = graph.nodes.filter { !($0.op is Dequantize) || graph[$0.outputs[0]].constant == nil }
    graph.nodes = kept
  }

  /// `relu(conv_2d(…) {activation=none})` → `conv_2d(…) {activation=relu}`, for floats.
  static func activations(_ graph: inout Graph) {
    var absorption = Absorption(graph)
    for (index, node) in graph.nodes.enumerated() {
      guard let next = Activation(node.op), graph.isFloat(node.outputs[0]),
        let producer = absorption.onlyProducer(node.inputs[0]),
        let op = graph.nodes[producer].op as? any ActivatedOperator, let activation = op.activation.followed(by: next)
      else { continue }
      graph.nodes[producer].op = op.activated(activation)
      absorption.absorb(index, into: producer, &graph)
    }
    absorption.finish(&graph)
  }
}

/// Nodes that take over what the only reader of their result does.
private struct Absorption {
  private let uses: [TensorID: Int]
  private var producers: [TensorID: Int]
  private var absorbed: Set<Int> = []

  init(_ graph: Graph) {
    uses = graph.useCounts
    producers = graph.producers
  }

  /// The node that writes `id`, when nothing else reads it.
  func onlyProducer(_ id: TensorID) -> Int? { uses[id] == 1 ? producers[id] : nil }

  /// Node `producer`, which has one output, writes what node `index` wrote.
  mutating func absorb(_ index: Int, into producer: Int, _ graph: inout Graph) {
    graph.nodes[producer].outputs = graph.nodes[index].outputs
    for id in graph.nodes[index].outputs { producers[id] = producer }
    absorbed.insert(index)
  }

  func finish(_ graph: inout Graph) {
    graph.nodes = graph.nodes.enumerated().filter { !absorbed.contains($0.offset) }.map(\.element)
  }
}
