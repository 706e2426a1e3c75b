import IR
import Operators
import Support

/// The float nodes of a graph rewritten to int8 or int16, with the ranges that were found.
struct QuantizedRewriting {
  private(set) var graph: Graph
  private let float: Graph
  private let groups: ScaleGroups
  private let ranges: CalibratedRanges
  /// nil without calibration.
  private let means: MeanInputs?
  private let width: ActivationWidth
  private var nodes: [Node] = []
  /// Tensors that are equal to another one after the rewriting.
  private var aliases: [TensorID: TensorID] = [:]

  init(
    _ graph: Graph, _ groups: ScaleGroups, _ ranges: CalibratedRanges, _ means: MeanInputs?, _ width: ActivationWidth
  ) {
    self.graph = graph
    float = graph
    self.groups = groups
    self.ranges = ranges
    self.means = means
    self.width = width
  }

  mutating func run() throws(Diagnostic) {
    for id in float.sources + float.nodes.flatMap(\.outputs) where float.isFloat(id) {
      graph[id].type = TensorType(
        groups.wideState(id) == nil ? width.element : .int16, float[id].type.shape, try ranges.quantization(id, groups))
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
    if case .operands(let rules) = op.quantizationRule { return try rewrite(node, op, index, rules) }
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
        ? graph[node.outputs[0]].type.quantization : try ranges.quantization(of: constant)
      let type = TensorType(width.element, constant.type.shape, own)
      return graph.add(constant: try Quantize().evaluate([constant], as: [type])[0], name: float[id].name)
    }
    let source = resolved(id)
    guard groups.requantized.contains(ScaleGroups.Edge(node: index, position: position)) else { return source }
    return converted(
      source, to: TensorType(width.element, graph[source].type.shape, graph[node.outputs[0]].type.quantization),
      node.origin)
  }

  private mutating func converted(_ source: TensorID, to type: TensorType, _ origin: Origin) -> TensorID {
    let converted = graph.add(TensorInfo(name: "\(graph[source].name):converted", type: type))
    nodes.append(Node(Quantize(), inputs: [source], outputs: [converted], origin: origin))
    return converted
  }

  /// A node with several matrices, and states. Between nodes all tensors have 8 bits: wide states that do not last from one
  /// inference to the next are converted.
  private mutating func rewrite(
    _ node: Node, _ op: any SourceOperator, _ index: Int, _ rules: OperandRules
  ) throws(Diagnostic) {
    var outputs = node.outputs
    var conversions: [Node] = []
    for state in rules.states {
      let (own, edge) = (outputs[state.output], ScaleGroups.Edge(node: index, position: state.output))
      guard let quantization = ranges.wideQuantization(edge), groups.wideState(own) == nil else { continue }
      outputs[state.output] = graph.add(
        TensorInfo(name: "\(graph[own].name):wide", type: TensorType(.int16, graph[own].type.shape, quantization)))
      guard float.useCounts[own, default: 0] > 0 else { continue }
      conversions.append(Node(Quantize(), inputs: [outputs[state.output]], outputs: [own], origin: node.origin))
    }
    var inputs: [TensorID] = []
    for (position, id) in node.inputs.enumerated() {
      if rules.sums.contains(where: { $0.weights == position || $0.bias == position }) {
        inputs.append(id)
        continue
      }
      guard let state = rules.states.first(where: { $0.input == position }) else {
        inputs.append(try input(node, index, position, id, op))
        continue
      }
      let type = graph[outputs[state.output]].type
      if let constant = try float.operand(id).constant {
        let value = try Quantize().evaluate([constant], as: [type])[0]
        inputs.append(graph.add(constant: value, name: float[id].name))
      } else {
        let source = resolved(id)
        inputs.append(graph[source].type == type ? source : converted(source, to: type, node.origin))
      }
    }
    func scale(_ place: OperandRules.Place) throws(Diagnostic) -> Float {
      switch place {
      case .input(let position): try graph[inputs[position]].type.affine("the input").scale
      case .output(let position): try graph[outputs[position]].type.affine("the output").scale
      }
    }
    for sum in rules.sums {
      let biasPosition = sum.bias.flatMap { $0 < node.inputs.count ? $0 : nil }
      let target =
        switch sum.target {
        case .scale(let scale): scale
        case .output(let position): try scale(.output(position))
        }
      let layer = try layer(
        node, weights: sum.weights, bias: biasPosition, axis: sum.axis, inputScale: try scale(sum.data),
        outputScale: target, sum.element, sum.largest)
      inputs[sum.weights] = graph.add(constant: layer.weights, name: float[node.inputs[sum.weights]].name)
      if let biasPosition, let bias = layer.bias {
        inputs[biasPosition] = graph.add(constant: bias, name: float[node.inputs[biasPosition]].name)
      }
    }
    nodes.append(
      Node(
        try op.quantized(outputs.map { graph[$0].type }), inputs: inputs, outputs: outputs, origin: node.origin))
    nodes += conversions
  }

  private func layer(
    _ node: Node, weights: Int, bias: Int?, axis: Int?, inputScale: Float, outputScale: Float,
    _ element: ElementType = .int8, _ largest: Int32 = 127
  ) throws(Diagnostic) -> QuantizedLayer {
    let operands = try float.operands(node)
    guard weights < operands.count, let matrix = operands[weights].constant else {
      throw Diagnostic("quantize.weights", "the weights are computed; only constant weights can be quantized")
    }
    guard bias == nil || bias.flatMap({ operands[$0].constant }) != nil else {
      throw Diagnostic("quantize.bias", "the bias is computed; only a constant bias can be quantized")
    }
    func layer(bias: Tensor?) throws(Diagnostic) -> QuantizedLayer {
      try QuantizedLayer(
        weights: matrix, axis: axis, bias: bias, inputScale: inputScale, outputScale: outputScale, element: element,
        largest: largest, hasWideSums: width == .short)
    }
    let own = bias.flatMap { operands[$0].constant }
    let first = try layer(bias: own)
    guard let own, weights == 1,
      let corrected = try means?.corrected(own, of: node, float, weights: matrix, rounded: first.weights)
    else { return first }
    return try layer(bias: corrected)
  }

  private mutating func weighted(_ node: Node, _ axis: Int) throws(Diagnostic) -> [TensorID] {
    let data = resolved(node.inputs[0])
    let layer = try layer(
      node, weights: 1, bias: node.inputs.count > 2 ? 2 : nil, axis: axis,
      inputScale: try graph[data].type.affine("the input").scale,
      outputScale: try graph[node.outputs[0]].type.affine("the output").scale)
    var inputs = [data, graph.add(constant: layer.weights, name: float[node.inputs[1]].name)]
    if let bias = layer.bias { inputs.append(graph.add(constant: bias, name: float[node.inputs[2]].name)) }
    return inputs
  }
}
