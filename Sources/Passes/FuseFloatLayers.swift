package import IR
import Operators
package import Support

/// Factors, addends and activations behind a layer of floats become a part of it, before it is quantized; so do those before
/// a dense layer, see ``FuseFloatInputs``, and logarithms of probabilities
/// and of sums of exponentials, see ``FuseLogSoftmax`` and ``FuseLogSumExp``.
///
/// `%2 = conv_2d(%1, w, b); %3 = mul(%2, s); %4 = add(%3, t); %5 = relu(%4)` →
/// `%5 = conv_2d(%1, w·s, b·s + t) {activation=relu}`. That is what a normalization by constants comes to.
package struct FuseFloatLayers: Pass {
  package let name = "fuse-float-layers"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    let uses = graph.useCounts
    var producers = graph.producers
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard let target = node.outputs.first, graph[target].type.element == .float32 else { continue }
      for position in node.inputs.indices {
        let source = node.inputs[position]
        guard uses[source] == 1, let producer = producers[source], let layer = FloatLayer(graph.nodes[producer]),
          graph[source].type.shape == graph[target].type.shape,
          let fused = try layer.absorbing(node, data: position, &graph)
        else { continue }
        // The layer takes the place of the node, since a constant of its own may stand between the two.
        graph.nodes[index] = Node(
          fused.op, inputs: fused.inputs, outputs: node.outputs, origin: graph.nodes[producer].origin)
        graph.nodes[producer].outputs = []
        producers[source] = nil
        break
      }
    }
    graph.nodes.removeAll { $0.outputs.isEmpty }
    try FuseFloatInputs.run(on: &graph)
    FuseLogSoftmax.run(on: &graph)
    try FuseLogSumExp.run(on: &graph)
  }
}

/// A layer of floats without an activation.
private struct FloatLayer {
  private enum Kind {
    case convolution(any Convolution)
    case dense(FullyConnected)
  }

  private let kind: Kind
  private let inputs: [TensorID]

  init?(_ node: Node) {
    inputs = node.inputs
    switch node.op {
    case let op as any Convolution where op.options.activation == .none: kind = .convolution(op)
    case let op as FullyConnected where op.activation == .none: kind = .dense(op)
    default: return nil
    }
  }

  /// The layer with what `node` does to its output; nil when that is nothing that it can do.
  func absorbing(_ node: Node, data: Int, _ graph: inout Graph) throws(Diagnostic) -> (
    op: any SourceOperator, inputs: [TensorID]
  )? {
    switch node.op {
    case is Relu: return (activated(.relu), inputs)
    case is Relu6: return (activated(.relu6), inputs)
    case let op as Mul:
      guard let factors = try channelValues(node, data, graph) else { return nil }
      return try scaled(by: factors, adding: nil, op.activation, node, &graph)
    case let op as Add:
      guard let addends = try channelValues(node, data, graph) else { return nil }
      return try scaled(by: nil, adding: addends, op.activation, node, &graph)
    case let op as Sub:
      guard data == 0, let addends = try channelValues(node, data, graph) else { return nil }
      return try scaled(by: nil, adding: addends.map { -$0 }, op.activation, node, &graph)
    default: return nil
    }
  }

  private func activated(_ activation: Activation) -> any SourceOperator {
    switch kind {
    case .convolution(let op): op.activated(activation)
    case .dense(let op): op.activated(activation)
    }
  }

  /// The axis of the weights that counts the output channels.
  private var channelAxis: Int {
    switch kind {
    case .convolution(let op): type(of: op).channelAxis
    case .dense: 0
    }
  }

  /// The other operand of `node` as one value for each output channel; nil when it is none.
  private func channelValues(_ node: Node, _ data: Int, _ graph: Graph) throws(Diagnostic) -> [Float]? {
    let other = node.inputs[1 - data]
    let type = graph[other].type
    let channels = graph[inputs[1]].type.shape[channelAxis]
    guard let constant = try graph.operand(other).constant, type.element == .float32 else { return nil }
    let values = try constant.floats("the constant")
    if values.count == 1 { return [Float](repeating: values[0], count: channels) }
    return values.count == channels && type.shape.dims.last == channels ? values : nil
  }

  private func scaled(
    by factors: [Float]?, adding addends: [Float]?, _ activation: Activation, _ node: Node, _ graph: inout Graph
  ) throws(Diagnostic) -> (op: any SourceOperator, inputs: [TensorID])? {
    guard let weights = try graph.operand(inputs[1]).constant, weights.type.element == .float32 else { return nil }
    let channels = weights.type.shape[channelAxis]
    var bias = [Float](repeating: 0, count: channels)
    if inputs.count > 2 {
      guard let own = try graph.operand(inputs[2]).constant, own.type.element == .float32 else { return nil }
      bias = try own.floats("the bias")
    }
    let name = node.outputs.first.map { graph[$0].name } ?? ""
    var inputs = inputs
    if let factors {
      let inner = channelAxis == 0 ? weights.type.shape.elementCount / max(1, channels) : 1
      let values = try weights.floats("the weights").enumerated().map { $1 * factors[$0 / inner % channels] }
      inputs[1] = graph.add(constant: Tensor(weights.type, floats: values), name: "\(name):weights")
    }
    let sums = (0..<channels).map { bias[$0] * (factors?[$0] ?? 1) + (addends?[$0] ?? 0) }
    let type = TensorType(.float32, try Shape([channels]))
    inputs = Array(inputs.prefix(2)) + [graph.add(constant: Tensor(type, floats: sums), name: "\(name):bias")]
    return (activated(activation), inputs)
  }
}
