import IR
import Operators
import Support

/// Which float tensors get one scale and zero point together, as their operators' rules demand.
struct ScaleGroups {
  /// An input or output of a node, by position.
  struct Edge: Hashable {
    let node: Int
    let position: Int
  }

  /// What the same output of an operator in different rounds of a loop has in common.
  private struct Round: Hashable {
    let origin: Origin
    let mnemonic: String
    let position: Int
    let name: String
    let dims: [Int]
  }

  private var parents: [TensorID: TensorID] = [:]
  private var fixed: [TensorID: Quantization] = [:]
  /// Inputs whose scale is fixed otherwise than the operator's other tensors need it.
  private(set) var requantized: Set<Edge> = []
  /// States of the graph with 16 bits, by their groups: the node and the position of the output that decide their scale.
  private var wide: [TensorID: Edge] = [:]

  /// - Parameter width: of all tensors between layers. Where the file tells how a tensor is quantized, which is for 8 bits, those
  ///   of 16 bits are converted.
  init(_ graph: Graph, _ width: ActivationWidth = .byte) throws(Diagnostic) {
    var obstacles = Obstacles()
    // What a state leaves is what it holds in the next inference.
    for state in graph.states where graph.isFloat(state.current) { unite(state.current, state.next) }
    for (index, node) in graph.nodes.enumerated() {
      let outputs = node.outputs.filter { graph.isFloat($0) }
      if node.op is Dequantize {
        if width == .byte, let output = outputs.first {
          fixed[root(output)] = try graph[node.inputs[0]].type.int8Quantization
        }
        continue
      }
      switch (node.op as? any SourceOperator)?.quantizationRule ?? .own {
      case .own, .weighted: break
      case .fixed(let scale, let zeroPoint, let wide):
        let own =
          width == .byte ? try Quantization.perTensor(scale: scale, zeroPoint: zeroPoint) : try wide.map(Self.symmetric)
        if own == nil, !outputs.isEmpty { try obstacles.add(Self.noWideForm, at: graph.location(node)) }
        for output in outputs { fixed[root(output)] = own }
      case .shared:
        share(Array(outputs), index, node, graph)
      case .operands(let rules):
        if width == .short, !outputs.isEmpty { try obstacles.add(Self.noWideForm, at: graph.location(node)) }
        for state in rules.states {
          let (input, output) = (node.inputs[state.input], node.outputs[state.output])
          if !state.isWide {
            unite(output, node.outputs[0])
          } else if graph.states.contains(where: { $0.current == input && $0.next == output }) {
            wide[root(output)] = Edge(node: index, position: state.output)
          }
        }
      }
    }
    // The rounds of a loop are one operator in the file: with one scale they share their tables.
    var rounds: [Round: TensorID] = [:]
    for node in graph.nodes where node.origin.subgraph > 0 {
      for (position, id) in node.outputs.enumerated() where graph.isFloat(id) {
        let round = Round(
          origin: node.origin, mnemonic: node.op.mnemonic, position: position, name: graph[id].name,
          dims: graph[id].type.shape.dims)
        if let first = rounds[round] { unite(first, id) } else { rounds[round] = id }
      }
    }
    // Where the file says how a tensor is quantized later on, that is the scale to compute it in.
    for node in graph.nodes where width == .byte && node.op is Quantize && graph.isFloat(node.inputs[0]) {
      let group = root(node.inputs[0])
      if fixed[group] == nil { fixed[group] = try graph[node.outputs[0]].type.int8Quantization }
    }
    try obstacles.check(graph.file)
  }

  private static func symmetric(scale: Float) throws(Diagnostic) -> Quantization {
    try .perTensor(scale: scale, zeroPoint: 0)
  }

  private static let noWideForm = Diagnostic("quantize.wide", "has no form with activations of 16 bits")

  private mutating func share(_ outputs: [TensorID], _ index: Int, _ node: Node, _ graph: Graph) {
    for output in outputs.dropFirst() { unite(outputs[0], output) }
    guard let first = outputs.first else { return }
    let inputs = node.inputs.enumerated().filter { graph.isFloat($1) }
    let scales = inputs.map { fixed[root($0.element)] }
    // A constant among the inputs need not fit into a scale that is fixed.
    let hasConstant = node.inputs.contains { graph[$0].constant != nil && graph[$0].type.element == .float32 }
    let isUniform = scales.allSatisfy { $0 == scales[0] } && !hasConstant
    for ((position, input), scale) in zip(inputs, scales) {
      if isUniform || scale == nil {
        unite(first, input)
      } else {
        requantized.insert(Edge(node: index, position: position))
      }
    }
  }

  private func root(_ id: TensorID) -> TensorID {
    var id = id
    while let parent = parents[id] { id = parent }
    return id
  }

  private mutating func unite(_ a: TensorID, _ b: TensorID) {
    let (first, second) = (root(a), root(b))
    guard first != second else { return }
    parents[first] = second
    if let scale = fixed.removeValue(forKey: first), fixed[second] == nil { fixed[second] = scale }
  }

  /// The tensor that stands for the group of `id`.
  func group(_ id: TensorID) -> TensorID { root(id) }

  /// The node and the output that decide the scale of a state with 16 bits; nil for tensors with 8 bits.
  func wideState(_ id: TensorID) -> Edge? { wide[root(id)] }

  /// The quantization that the group of `id` must have; nil when its values decide.
  func fixedQuantization(_ id: TensorID) -> Quantization? { fixed[root(id)] }
}

extension Graph {
  /// Whether the tensor holds floats that are computed.
  func isFloat(_ id: TensorID) -> Bool { self[id].type.element == .float32 && self[id].constant == nil }
}

extension TensorType {
  /// The same real values as int8: uint8 is moved by 128; nil for other types.
  var int8Quantization: Quantization? {
    get throws(Diagnostic) {
      guard element.isByte, let quantization, quantization.scales.count == 1 else { return nil }
      return try .perTensor(
        scale: quantization.scales[0], zeroPoint: quantization.zeroPoints[0] - (element == .uint8 ? 128 : 0))
    }
  }
}
