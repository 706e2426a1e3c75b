import IR
import Operators
import Support

/// Factors and addends of features before a dense layer of floats become a part of its weights and bias.
///
/// `%2 = sub(%1, m); %3 = mul(%2, s); %4 = fully_connected(%3, w, b)` → `%4 = fully_connected(%1, w·s, b − w·(m·s))`: what a
/// scaler before a network comes to. In int8 a constant for each feature would have 8 bits for all of them together.
enum FuseFloatInputs {
  static func run(on graph: inout Graph) throws(Diagnostic) {
    var (uses, producers) = (graph.useCounts, graph.producers)
    var index = 0
    while index < graph.nodes.count {
      // From the layer towards the input, one operator after the other.
      while let (inputs, producer) = try absorbed(graph.nodes[index], uses, producers, &graph) {
        graph.nodes[index].inputs = inputs
        graph.nodes.remove(at: producer)
        index -= 1
        (uses, producers) = (graph.useCounts, graph.producers)
      }
      index += 1
    }
  }

  /// The inputs of a layer with the weights that do what the operator before it does, and that operator's place before it; nil
  /// when that is nothing that weights can do.
  private static func absorbed(
    _ node: Node, _ uses: [TensorID: Int], _ producers: [TensorID: Int], _ graph: inout Graph
  ) throws(Diagnostic) -> (inputs: [TensorID], producer: Int)? {
    guard node.op is FullyConnected else { return nil }
    let data = node.inputs[0]
    guard graph[data].type.element == .float32, uses[data] == 1, let place = producers[data],
      let weights = try floats(node.inputs[1], graph)
    else { return nil }
    let producer = graph.nodes[place]
    guard producer.inputs.count == 2 else { return nil }
    let (units, depth) = (weights.type.shape[0], weights.type.shape[1])
    guard graph[data].type.shape.dims.last == depth else { return nil }
    for (position, source) in producer.inputs.enumerated() {
      guard graph[source].constant == nil, graph[source].type.shape == graph[data].type.shape,
        let step = try FeatureStep(producer.op, position, try floats(producer.inputs[1 - position], graph), depth)
      else { continue }
      var bias = [Float](repeating: 0, count: units)
      if node.inputs.count > 2 {
        guard let own = try floats(node.inputs[2], graph) else { return nil }
        bias = try own.floats("the bias")
      }
      var values = try weights.floats("the weights")
      for unit in 0..<units {
        var sum = 0.0
        for feature in 0..<depth {
          let place = unit * depth + feature
          sum += Double(values[place]) * Double(step.addends[feature])
          values[place] *= step.factors[feature]
        }
        bias[unit] = Float(Double(bias[unit]) + sum)
      }
      let name = graph[node.outputs[0]].name
      let inputs = [
        source, graph.add(constant: Tensor(weights.type, floats: values), name: "\(name):weights"),
        graph.add(constant: Tensor(TensorType(.float32, try Shape([units])), floats: bias), name: "\(name):bias"),
      ]
      return (inputs, place)
    }
    return nil
  }

  private static func floats(_ id: TensorID, _ graph: Graph) throws(Diagnostic) -> Tensor? {
    guard let constant = try graph.operand(id).constant, constant.type.element == .float32 else { return nil }
    return constant
  }
}

/// What an operator with one constant does to each feature x: x · factor + addend.
private struct FeatureStep {
  let factors: [Float]
  let addends: [Float]

  /// - Parameters:
  ///   - position: of the data among the two inputs.
  ///   - constant: the other input, with one value or one for each feature.
  init?(_ op: any Operator, _ position: Int, _ constant: Tensor?, _ depth: Int) throws(Diagnostic) {
    guard let constant, (op as? any ActivatedOperator)?.activation == Activation.none else { return nil }
    let list = try constant.floats("the constant")
    guard list.count == 1 || list.count == depth && constant.type.shape.dims.last == depth else { return nil }
    let values = list.count == 1 ? [Float](repeating: list[0], count: depth) : list
    let (ones, zeros) = ([Float](repeating: 1, count: depth), [Float](repeating: 0, count: depth))
    // Factors for features of very different ranges would leave the weights of the large ones few bits.
    let sizes = values.map(\.magnitude).filter { $0 > 0 }
    if op is Mul, let most = sizes.max(), let least = sizes.min(), most > 4 * least { return nil }
    switch op {
    case is Mul: (factors, addends) = (values, zeros)
    case is Add: (factors, addends) = (ones, values)
    case is Sub where position == 0: (factors, addends) = (ones, values.map { -$0 })
    case is Sub: (factors, addends) = (ones.map { -$0 }, values)
    default: return nil
    }
  }
}
