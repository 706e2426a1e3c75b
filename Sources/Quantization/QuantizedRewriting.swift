import IR
import Operators
import Support

/// The float nodes of a graph rewritten to int8, with the ranges that were found.
struct QuantizedRewriting {
  private(set) var graph: Graph
  private let float: Graph
  private let groups: ScaleGroups
  private let ranges: CalibratedRanges
  private var nodes: [Node] = []
  /// Tensors that are equal to another one after the rewriting.
  private var aliases: [TensorID: TensorID] = [:]

  init(_ graph: Graph, _ groups: ScaleGroups, _ ranges: CalibratedRanges) {
    self.graph = graph
    float = graph
    self.groups = groups
    self.ranges = ranges
  }

  mutating func run() throws(Diagnostic) {
    for id in float.sources + float.nodes.flatMap(\.outputs) where float.isFloat(id) {
      graph[id].type = TensorType(.int8, float[id].type.shape, try ranges.quantization(id, groups))
    }
    var obstacles = Obstacles()
    for (index, node) in float.nodes.enumerated() {
      do throws(Diagnostic) {
        try rewrite(node, index)
      } catch {
        try obstacles.add(error, at: float.location(node))
      }
    }
    try obstacles.check(float.file)
    graph.nodes = nodes
    graph.outputs = graph.outputs.map { resolved($0) }
    graph.states = try float.states.map { (state) throws(Diagnostic) in try rewritten(state) }
    // The float constants, which nothing reads any more, would still be stored.
    let used = Set(nodes.flatMap(\.inputs) + graph.results)
    for id in graph.tensors.indices.map({ TensorID($0) }) where !used.contains(id) { graph[id].constant = nil }
  }

  private func rewritten(_ state: State) throws(Diagnostic) -> State {
    var initial = state.initial
    if float.isFloat(state.current) {
      let values = try Tensor(float[state.current].type, bytes: initial)
      initial = try Quantize().evaluate([values], as: [graph[state.current].type])[0].bytes
    }
    return State(current: resolved(state.current), next: resolved(state.next), initial: initial)
  }

  private func resolved(_ id: TensorID) -> TensorID {
    var id = id
    while let other = aliases[id] { id = other }
    return id
  }

  private mutating func rewrite(_ node: Node, _ index: Int) throws(Diagnostic) {
    let isFloat = (node.inputs + node.outputs).contains { float[$0].type.element == .float32 }
    guard isFloat, let op = node.op as? any SourceOperator else {
      var copy = node
      copy.inputs = node.inputs.map { resolved($0) }
      nodes.append(copy)
      return
    }
    if op is Dequantize || op is Quantize {
      let (input, output) = (resolved(node.inputs[0]), node.outputs[0])
      if graph[input].constant == nil, graph[input].type == graph[output].type {
        aliases[output] = input
      } else {
        nodes.append(Node(Quantize(), inputs: [input], outputs: [output], origin: node.origin))
      }
      return
    }
    guard !(op is Cast) else {
      throw Diagnostic(
        "quantize.cast", "a conversion between floats and integers of unknown scale can't be quantized")
    }
    let types = graph.outputTypes(node)
    var inputs: [TensorID] = []
    if case .weighted(let axis) = op.quantizationRule {
      inputs = try weighted(node, axis)
    } else {
      for (position, id) in node.inputs.enumerated() { inputs.append(try input(node, index, position, id, op)) }
    }
    nodes.append(Node(try op.quantized(types), inputs: inputs, outputs: node.outputs, origin: node.origin))
  }

  private mutating func input(
    _ node: Node, _ index: Int, _ position: Int, _ id: TensorID, _ op: any SourceOperator
  ) throws(Diagnostic) -> TensorID {
    if let constant = try float.operand(id).constant {
      guard constant.type.element == .float32 else { return id }
      let own =
        op.quantizationRule == .shared && float.isFloat(node.outputs[0])
        ? graph[node.outputs[0]].type.quantization : try CalibratedRanges.quantization(of: constant)
      let type = TensorType(.int8, constant.type.shape, own)
      return graph.add(constant: try Quantize().evaluate([constant], as: [type])[0], name: float[id].name)
    }
    let source = resolved(id)
    guard groups.requantized.contains(ScaleGroups.Edge(node: index, input: position)) else { return source }
    let type = TensorType(.int8, graph[source].type.shape, graph[node.outputs[0]].type.quantization)
    let converted = graph.add(TensorInfo(name: "\(graph[source].name):converted", type: type))
    nodes.append(Node(Quantize(), inputs: [source], outputs: [converted], origin: node.origin))
    return converted
  }

  private mutating func weighted(_ node: Node, _ axis: Int) throws(Diagnostic) -> [TensorID] {
    let operands = try float.operands(node)
    guard operands.count > 1, let weights = operands[1].constant else {
      throw Diagnostic("quantize.weights", "the weights are computed; only constant weights can be quantized")
    }
    guard operands.count < 3 || operands[2].constant != nil else {
      throw Diagnostic("quantize.bias", "the bias is computed; only a constant bias can be quantized")
    }
    let data = resolved(node.inputs[0])
    let layer = try QuantizedLayer(
      weights: weights, axis: axis, bias: operands.count > 2 ? operands[2].constant : nil,
      inputScale: try graph[data].type.affine("the input").scale,
      outputScale: try graph[node.outputs[0]].type.affine("the output").scale)
    var inputs = [data, graph.add(constant: layer.weights, name: float[node.inputs[1]].name)]
    if let bias = layer.bias { inputs.append(graph.add(constant: bias, name: float[node.inputs[2]].name)) }
    return inputs
  }
}
