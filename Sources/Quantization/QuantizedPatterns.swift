package import IR
import Operators
package import Support

/// Float operators between DEQUANTIZE and QUANTIZE become the quantized operators that the file means: what quantizers for
/// ONNX write, and the insides of TensorFlow Lite files that were quantized in part.
///
/// `%5 = quantize(conv_2d(dequantize(%0), dequantize(w), b))` → `%5 = conv_2d(%0, w, b)` on int8, with the bias in the scale
/// input × weights. Operators that only move elements, and maximum pooling, are moved to the other side of DEQUANTIZE, which is
/// exact. Operators on single values stay: with DEQUANTIZE and QUANTIZE they become exact tables later on; those on int16 have
/// forms of their own.
///
/// Where QUANTIZE rounds as ONNX does, the sums of layers are requantized as ONNX Runtime does it when it fuses these nodes.
package struct QuantizedPatterns {
  private var graph: Graph
  private var nodes: [Node] = []
  /// The node that writes each tensor.
  private var writers: [TensorID: Node] = [:]

  /// QUANTIZE as the file has it, by its output.
  private var quantizers: [TensorID: any Operator] = [:]

  /// Whether there are both DEQUANTIZE and QUANTIZE in the graph.
  package static func mayOccur(in graph: Graph) -> Bool {
    graph.nodes.contains { $0.op is Dequantize } && graph.nodes.contains { $0.op is Quantize }
  }

  package static func fold(_ graph: inout Graph) throws(Diagnostic) {
    guard mayOccur(in: graph) else { return }
    FloatFusion.activations(&graph)
    var patterns = QuantizedPatterns(graph: graph)
    try patterns.signBytes()
    try patterns.run()
    graph = patterns.graph
    graph.removeDeadNodes()
  }

  private init(graph: Graph) { self.graph = graph }

  /// uint8 tensors between QUANTIZE and DEQUANTIZE become int8: all values and the zero point move by 128.
  private mutating func signBytes() throws(Diagnostic) {
    let boundary = Set(graph.sources + graph.results)
    let producers = graph.producers
    var others: Set<TensorID> = []
    for node in graph.nodes where !(node.op is Dequantize) { others.formUnion(node.inputs) }
    for index in graph.tensors.indices {
      let id = TensorID(index)
      guard graph[id].type.element == .uint8, let quantization = graph[id].type.quantization, !boundary.contains(id),
        !others.contains(id)
      else { continue }
      let moved = try Quantization(
        scales: quantization.scales, zeroPoints: quantization.zeroPoints.map { $0 &- 128 }, axis: quantization.axis)
      if let bytes = graph[id].constant {
        graph[id].constant = bytes.map { $0 ^ 0x80 }
      } else {
        guard let producer = producers[id], graph.nodes[producer].op is Quantize else { continue }
      }
      graph[id].type = TensorType(.int8, graph[id].type.shape, moved)
    }
  }

  private mutating func run() throws(Diagnostic) {
    let uses = graph.useCounts
    var readers: [TensorID: Node] = [:]
    for node in graph.nodes {
      for id in node.inputs { readers[id] = node }
      if node.op is Quantize { quantizers[node.outputs[0]] = node.op }
    }
    /// Outputs of QUANTIZE that a folded operator writes already.
    var written: Set<TensorID> = []
    for node in graph.nodes {
      if node.op is Quantize, written.contains(node.outputs[0]) { continue }
      let quantized = node.outputs.map { id -> TensorID? in
        guard uses[id] == 1, let reader = readers[id], reader.op is Quantize else { return nil }
        return reader.outputs[0]
      }
      // Parts that nothing reads are like the others.
      let first = quantized.compactMap(\.self).first.map { graph[$0].type }
      let targets = zip(node.outputs, quantized).compactMap { id, target -> TensorID? in
        guard target == nil, let first, uses[id] == nil else { return target }
        let type = TensorType(first.element, graph[id].type.shape, first.quantization)
        return graph.add(TensorInfo(name: graph[id].name, type: type))
      }
      // Tables of 16-bit values would be too large.
      let isTable = node.op is any UnaryOperator && !targets.contains { graph[$0].type.element == .int16 }
      if let op = node.op as? any SourceOperator, !isTable, targets.count == node.outputs.count,
        node.outputs.allSatisfy({ graph.isFloat($0) }), try fold(node, op, targets)
      {
        written.formUnion(targets)
      } else if let places = try foldPlaces(node, quantized) {
        written.formUnion(places)
      } else {
        append(node)
      }
    }
    graph.nodes = nodes
  }

  /// Lets a node that finds the places of extreme elements, which are the same for integers, read what is dequantized; nil for
  /// other nodes. The elements themselves are dequantized behind it, unless they are quantized in the same scale again.
  ///
  /// - Parameter quantized: for each output what a QUANTIZE that alone reads it makes of it.
  /// - Returns: those of them that the node writes now.
  private mutating func foldPlaces(_ node: Node, _ quantized: [TensorID?]) throws(Diagnostic) -> [TensorID]? {
    guard let op = node.op as? any SourceOperator, op is ArgMax || op is ArgMin || op is TopK,
      let source = source(node.inputs[0])
    else { return nil }
    let (before, own) = (graph, graph[source].type)
    let outputs = zip(node.outputs, quantized).map { id, target in
      guard graph.isFloat(id) else { return id }
      let type = TensorType(own.element, graph[id].type.shape, own.quantization)
      if let target, graph[target].type == type { return target }
      return graph.add(TensorInfo(name: graph[id].name, type: type))
    }
    guard accepts(op, [try graph.operand(source)], outputs.map { graph[$0].type }) else {
      graph = before
      return nil
    }
    append(Node(op, inputs: [source], outputs: outputs, origin: node.origin))
    let written = quantized.compactMap(\.self).filter(outputs.contains)
    for (output, real) in zip(outputs, node.outputs) where output != real && !written.contains(output) {
      append(Node(Dequantize(), inputs: [output], outputs: [real], origin: node.origin))
    }
    return written
  }

  private mutating func append(_ node: Node) {
    nodes.append(node)
    for id in node.outputs { writers[id] = node }
  }

  /// Replaces a float node, whose outputs are quantized to `targets`; false when it has to stay.
  private mutating func fold(
    _ node: Node, _ op: any SourceOperator, _ targets: [TensorID]
  ) throws(Diagnostic) -> Bool {
    let op = requantizing(op, targets[0])
    if case .weighted(let axis) = op.quantizationRule { return try foldWeighted(node, op, axis, targets[0]) }
    // How wide states are, only calibration can tell.
    if case .operands = op.quantizationRule { return false }
    var sources: [TensorID] = []
    // Integers among the inputs, such as indices, stay as they are.
    let isReal = node.inputs.map { graph[$0].type.element == .float32 }
    for (id, isReal) in zip(node.inputs, isReal) {
      guard let source = isReal ? source(id) : id else { return false }
      sources.append(source)
    }
    let data = zip(sources, isReal).filter(\.1).map(\.0)
    guard let first = data.first else { return false }
    let before = (graph, nodes)
    let types = targets.map { graph[$0].type }
    var computed = types
    switch op.quantizationRule {
    case .own, .weighted, .operands: break
    case .fixed(let scale, let zeroPoint, _):
      let quantization = try Quantization.perTensor(scale: scale, zeroPoint: zeroPoint)
      computed = types.map { TensorType($0.element, $0.shape, quantization) }
    case .shared:
      let isUniform = data.allSatisfy {
        graph[$0].type.quantization == graph[first].type.quantization
          && graph[$0].type.element == graph[first].type.element
      }
      let common = isUniform ? graph[first].type : types[0]
      computed = types.map { TensorType(common.element, $0.shape, common.quantization) }
      sources = zip(sources, isReal).map { $1 ? convert($0, to: common, node.origin) : $0 }
    }
    let outputs = zip(targets, computed).map { target, type in
      graph[target].type == type ? target : graph.add(TensorInfo(name: "\(graph[target].name):computed", type: type))
    }
    guard let quantized = try? op.quantized(computed),
      accepts(quantized, try sources.operands(graph), outputs.map { graph[$0].type })
    else {
      (graph, nodes) = before
      return false
    }
    append(Node(quantized, inputs: sources, outputs: outputs, origin: node.origin))
    for (output, target) in zip(outputs, targets) where output != target {
      convert(output, into: target, node.origin)
    }
    return true
  }

  /// `op` with the arithmetic that the file's QUANTIZE of its output stands for.
  private func requantizing(_ op: any SourceOperator, _ target: TensorID) -> any SourceOperator {
    guard let layer = op as? any RequantizingOperator, graph[target].type.element == .int8,
      (quantizers[target] as? Quantize)?.roundsToEven == true
    else { return op }
    return layer.requantizing(by: .singlePrecision)
  }

  /// The quantized tensor from which DEQUANTIZE makes the float tensor `id`, when only operators that pick elements stand
  /// between: those are added once more for the quantized elements.
  private mutating func source(_ id: TensorID) -> TensorID? {
    guard let node = writers[id] else { return nil }
    if node.op is Dequantize { return node.inputs[0] }
    guard let op = node.op as? any SourceOperator, op.movesElements || op is MaxPool2D, node.outputs.count == 1,
      graph.isFloat(node.inputs[0]), node.inputs.dropFirst().allSatisfy({ !graph.isFloat($0) }),
      let inner = source(node.inputs[0])
    else { return nil }
    let own = graph[inner].type
    let type = TensorType(own.element, graph[id].type.shape, own.quantization)
    let inputs = [inner] + node.inputs.dropFirst()
    guard own.quantization?.scales.count == 1, let quantized = try? op.quantized([type]),
      let operands = try? inputs.operands(graph), accepts(quantized, operands, [type])
    else { return nil }
    let output = graph.add(TensorInfo(name: graph[id].name, type: type))
    append(Node(quantized, inputs: inputs, outputs: [output], origin: node.origin))
    // What reads the float tensor later finds its integers here.
    writers[id] = Node(Dequantize(), inputs: [output], outputs: [id], origin: node.origin)
    return output
  }

  private func accepts(_ op: any SourceOperator, _ inputs: [Operand], _ outputs: [TensorType]) -> Bool {
    do {
      guard try op.outputShapes(inputs) == outputs.map(\.shape) else { return false }
      try op.checkTypes(inputs, outputs)
      return true
    } catch {
      return false
    }
  }

  /// `id` in the scale of `type`, by DEQUANTIZE and QUANTIZE.
  private mutating func convert(_ id: TensorID, to type: TensorType, _ origin: Origin) -> TensorID {
    let own = graph[id].type
    guard own.element != type.element || own.quantization != type.quantization else { return id }
    let target = graph.add(
      TensorInfo(name: "\(graph[id].name):converted", type: TensorType(type.element, own.shape, type.quantization)))
    convert(id, into: target, origin)
    return target
  }

  private mutating func convert(_ id: TensorID, into target: TensorID, _ origin: Origin) {
    let real = graph.add(
      TensorInfo(name: "\(graph[target].name):real", type: TensorType(.float32, graph[target].type.shape)))
    append(Node(Dequantize(), inputs: [id], outputs: [real], origin: origin))
    append(Node(quantizers[target] ?? Quantize(), inputs: [real], outputs: [target], origin: origin))
  }

  private mutating func foldWeighted(
    _ node: Node, _ op: any SourceOperator, _ axis: Int, _ target: TensorID
  ) throws(Diagnostic) -> Bool {
    guard let data = source(node.inputs[0]), node.inputs.count > 1, let weights = source(node.inputs[1]),
      let scales = graph[weights].type.quantization?.scales, let input = try? graph[data].type.affine("the input")
    else { return false }
    var inputs = [data, weights]
    if node.inputs.count > 2 {
      let steps: [Int32]
      let id = node.inputs[2]
      guard scales.count == 1 || scales.count == graph[id].type.shape.elementCount else { return false }
      if let constant = try graph.operand(id).constant, case .floats(let floats) = constant.elements {
        steps = QuantizedLayer.biasSteps(floats, inputScale: input.scale, weightScales: scales)
      } else if let quantized = source(id), let constant = try graph.operand(quantized).constant {
        // Steps of the scale input × weights are taken as they are.
        let own = constant.type.quantization
        let wanted = scales.map { Double(input.scale) * Double($0) }
        let isSame =
          constant.type.element == .int32 && own?.zeroPoints.allSatisfy { $0 == 0 } == true
          && own?.scales.count == wanted.count
          && zip(own?.scales ?? [], wanted).allSatisfy { (Double($0) / $1 - 1).magnitude < 1e-6 }
        steps =
          isSame
          ? try constant.ints("the bias")
          : QuantizedLayer.biasSteps(
            try Dequantize.real(constant).floats("the bias"), inputScale: input.scale, weightScales: scales)
      } else {
        return false
      }
      // Depthwise layers of 16 bits take only 64-bit biases.
      let element: ElementType = op is DepthwiseConv2D && graph[target].type.element == .int16 ? .int64 : .int32
      inputs.append(
        graph.add(
          constant: Tensor(TensorType(element, graph[id].type.shape), ints: steps), name: "\(graph[id].name):steps"))
    }
    guard accepts(op, try inputs.operands(graph), [graph[target].type]) else { return false }
    append(Node(op, inputs: inputs, outputs: [target], origin: node.origin))
    return true
  }
}

extension [TensorID] {
  fileprivate func operands(_ graph: Graph) throws(Diagnostic) -> [Operand] {
    var operands: [Operand] = []
    for id in self { operands.append(try graph.operand(id)) }
    return operands
  }
}
