import IR
import Operators
import Support

/// Sums and products with constants for each feature that stand at the beginning of a float network, as a scaler of
/// scikit-learn is exported. They bring features of different ranges to one: with 8 bits in one scale for all of them, those
/// of small ranges would be lost before. So the input and these operators get 16 bits.
///
/// `input %0: float32; %1 = sub(%0, means); %2 = mul(%1, factors); %3 = fully_connected(%2, …)` →
/// `input %0: int16; %1: int16 = …; %2: int16 = …; %3 = quantize(%2); %4 = fully_connected(%3, …)`.
struct FeatureScaling {
  /// From one input of the network on.
  private struct Chain {
    /// Position among the inputs.
    let position: Int
    let input: TensorID
    let nodes: [Node]
    /// The largest magnitude of the input and of each node's output.
    var magnitudes: [Float]
    var output: TensorID { nodes.last?.outputs.first ?? input }
  }

  private let graph: Graph
  private var chains: [Chain] = []

  init(_ graph: Graph) throws(Diagnostic) {
    self.graph = graph
    let uses = graph.useCounts
    for (position, input) in graph.inputs.enumerated() where graph.isFloat(input) {
      var nodes: [Node] = []
      var (id, factors): (TensorID, [Float]) = (input, [1])
      while uses[id] == 1, let node = graph.nodes.first(where: { $0.inputs.contains(id) }),
        let constant = try constant(node, beside: id), graph[node.outputs[0]].type.shape == graph[input].type.shape
      {
        if node.op is Mul {
          factors = factors.count == 1 ? constant.map { $0 * factors[0] } : product(factors, constant)
        }
        nodes.append(node)
        id = node.outputs[0]
      }
      let sizes = factors.map(\.magnitude).filter { $0 > 0 }
      guard let most = sizes.max(), let least = sizes.min(), most > FeatureScaling.ratio * least,
        !graph.results.contains(id)
      else { continue }
      chains.append(
        Chain(position: position, input: input, nodes: nodes, magnitudes: [Float](repeating: 0, count: nodes.count + 1))
      )
    }
  }

  /// Factors that differ by less than this are left to the weights of the layer behind them.
  private static let ratio: Float = 4

  private func product(_ a: [Float], _ b: [Float]) -> [Float] {
    b.count == 1 ? a.map { $0 * b[0] } : zip(a, b).map { $0 * $1 }
  }

  /// The values of the constant that a node adds to the features `id` or multiplies them with; nil for other nodes.
  private func constant(_ node: Node, beside id: TensorID) throws(Diagnostic) -> [Float]? {
    guard node.op is Add || node.op is Sub || node.op is Mul,
      (node.op as? any ActivatedOperator)?.activation == Activation.none,
      let other = node.inputs.first(where: { $0 != id }), let constant = try graph.operand(other).constant,
      case .floats(let values) = constant.elements, values.allSatisfy(\.isFinite), values.contains(where: { $0 != 0 }),
      values.count == 1
        || values.count == constant.type.shape.dims.last
          && values.count == graph[id].type.shape.dims.last
    else { return nil }
    return values
  }

  /// The network behind the operators, whose results are its inputs.
  var rest: Graph {
    var rest = graph
    for chain in chains { rest.inputs[chain.position] = chain.output }
    let removed = Set(chains.flatMap { $0.nodes.flatMap(\.outputs) })
    rest.nodes.removeAll { $0.outputs.contains(where: removed.contains) }
    return rest
  }

  /// Inputs for the rest of the network; remembers the ranges.
  mutating func advance(_ vector: [Tensor]) throws(Diagnostic) -> [Tensor] {
    var vector = vector
    for index in chains.indices {
      let chain = chains[index]
      var value = vector[chain.position]
      for step in 0...chain.nodes.count {
        for number in try value.floats("the features") where number.isFinite {
          chains[index].magnitudes[step] = max(chains[index].magnitudes[step], number.magnitude)
        }
        guard step < chain.nodes.count else { break }
        let node = chain.nodes[step]
        var operands: [Tensor] = []
        for id in node.inputs { operands.append(try graph.operand(id).constant ?? value) }
        value = try node.op.evaluate(operands, as: graph.outputTypes(node))[0]
      }
      vector[chain.position] = value
    }
    return vector
  }

  /// Puts the operators before the quantized network, with 16 bits.
  func prepend(to quantized: inout Graph) throws(Diagnostic) {
    for chain in chains.reversed() {
      let shape = graph[chain.input].type.shape
      func type(_ shape: Shape, _ magnitude: Float) throws(Diagnostic) -> TensorType {
        let scale = magnitude / 32767
        return TensorType(
          .int16, shape, try .perTensor(scale: scale.isFinite && scale > 0 ? scale : 1 / 32768, zeroPoint: 0))
      }
      quantized[chain.input].type = try type(shape, chain.magnitudes[0])
      var source = chain.input
      var nodes: [Node] = []
      for (step, node) in chain.nodes.enumerated() {
        let target = quantized.add(
          TensorInfo(
            name: graph[node.outputs[0]].name + ":wide", type: try type(shape, chain.magnitudes[step + 1])))
        var inputs: [TensorID] = []
        for id in node.inputs {
          guard let constant = try graph.operand(id).constant else {
            inputs.append(source)
            continue
          }
          let largest = try constant.floats("the constant").map(\.magnitude).max() ?? 0
          let value = try Quantize().evaluate([constant], as: [type(constant.type.shape, largest)])[0]
          inputs.append(quantized.add(constant: value, name: graph[id].name))
        }
        nodes.append(Node(node.op, inputs: inputs, outputs: [target], origin: node.origin))
        source = target
      }
      let origin = chain.nodes.last?.origin ?? Origin(index: 0, operatorName: "QUANTIZE")
      nodes.append(Node(Quantize(), inputs: [source], outputs: [chain.output], origin: origin))
      quantized.nodes.insert(contentsOf: nodes, at: 0)
      quantized.inputs[chain.position] = chain.input
      quantized.notes.append(
        "the input `\(graph[chain.input].name)` has 16 bits, because its features have different ranges")
    }
  }
}
