package import Support

/// Index of a tensor in ``Graph/tensors``.
package struct TensorID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: TensorID, b: TensorID) -> Bool { a.index < b.index }
  package var description: String { "%\(index)" }
}

/// Where a node comes from in the model file, for messages and comments.
package struct Origin: Hashable, Sendable {
  /// Index of the operator in the file, or in a subgraph of it.
  package let index: Int
  /// The file's own name of the operator, such as `CONV_2D`.
  package let operatorName: String
  /// 0 for the main graph. One operator of another subgraph stands in the graph as often as a loop runs it.
  package let subgraph: Int

  package init(index: Int, operatorName: String, subgraph: Int = 0) {
    self.index = index
    self.operatorName = operatorName
    self.subgraph = subgraph
  }
}

extension Origin: CustomStringConvertible {
  package var description: String {
    "\(subgraph > 0 ? "subgraph \(subgraph), " : "")operator \(index) (\(operatorName))"
  }
}

/// One operator applied to tensors.
package struct Node: Sendable {
  package var op: any Operator
  package var inputs: [TensorID]
  package var outputs: [TensorID]
  package let origin: Origin

  package init(_ op: any Operator, inputs: [TensorID], outputs: [TensorID], origin: Origin) {
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.origin = origin
  }
}

/// A tensor of the graph: an input, a constant or the output of one node.
package struct TensorInfo: Sendable {
  package let name: String
  package var type: TensorType
  /// The first of the names that a converter joined with semicolons, and of that the end when it is long.
  package var shortName: String {
    let first = name.split(separator: ";").first.map(String.init) ?? name
    return first.count > 60 ? "..." + first.suffix(57) : first
  }
  /// The little-endian bytes of a constant.
  package var constant: [UInt8]?

  package init(name: String, type: TensorType, constant: [UInt8]? = nil) {
    self.name = name
    self.type = type
    self.constant = constant
  }
}

/// A network: nodes in an order in which they can run, over tensors that are each written once.
///
/// Tensors are only added, never renumbered; a tensor that nothing mentions is dead and costs nothing.
package struct Graph: Sendable {
  /// More than any network for a microcontroller has; the bounds keep the time for hostile files small.
  package static let maximumNodes = 1 << 13
  package static let maximumInterface = 1 << 10
  /// Elements of all constants that nodes read, counted for each node.
  package static let maximumConstantElements = 1 << 27

  /// Name of the file that it was read from, without its folder; for messages.
  package let file: String
  package private(set) var tensors: [TensorInfo] = []
  package var nodes: [Node] = []
  package var inputs: [TensorID] = []
  package var outputs: [TensorID] = []
  package var states: [State] = []
  /// What the file knows of the values of some tensors.
  package var statistics: [ChannelStatistics] = []
  /// What a front end changed, for the user.
  package var notes: [String] = []
  /// Whether its constants were compressed in order to be executed from few bytes of flash.
  package var isCompressed = false

  package init(file: String) { self.file = file }

  package subscript(_ id: TensorID) -> TensorInfo {
    get { tensors[id.index] }
    set { tensors[id.index] = newValue }
  }

  @discardableResult
  package mutating func add(_ tensor: TensorInfo) -> TensorID {
    tensors.append(tensor)
    return TensorID(tensors.count - 1)
  }

  /// Adds a constant tensor with the type and values of `value`.
  package mutating func add(constant value: Tensor, name: String) -> TensorID {
    add(TensorInfo(name: name, type: value.type, constant: value.bytes))
  }

  /// Takes back the tensors and nodes that were added last, so that the given numbers of them are left.
  package mutating func removeNewest(keepingTensors tensorCount: Int, nodes nodeCount: Int) {
    tensors.removeSubrange(min(tensorCount, tensors.count)...)
    nodes.removeSubrange(min(nodeCount, nodes.count)...)
    statistics.removeAll { $0.tensor.index >= tensors.count }
  }

  /// What an operator sees of the tensor `id`.
  package func operand(_ id: TensorID) throws(Diagnostic) -> Operand {
    let info = self[id]
    guard let bytes = info.constant else { return Operand(info.type) }
    return Operand(info.type, constant: try Tensor(info.type, bytes: bytes))
  }

  package func operands(_ node: Node) throws(Diagnostic) -> [Operand] {
    var operands: [Operand] = []
    for id in node.inputs { operands.append(try operand(id)) }
    return operands
  }

  /// Of one inference, padding taps counted.
  package func multiplyAccumulates() throws(Diagnostic) -> Int {
    var sum = 0
    for node in nodes { sum += node.op.multiplyAccumulates(try operands(node), outputTypes(node)) }
    return sum
  }

  package func outputTypes(_ node: Node) -> [TensorType] { node.outputs.map { self[$0].type } }

  /// The place of `node` in messages: the file's operator and the tensor that it writes.
  package func location(_ node: Node) -> Diagnostic.Location {
    let name = node.outputs.first.map { self[$0].name } ?? ""
    return .node(file: file, name: name.isEmpty ? "\(node.origin)" : "\(node.origin) `\(name)`")
  }

  /// How often each tensor is read, by nodes and as a result of the graph.
  package var useCounts: [TensorID: Int] {
    var counts: [TensorID: Int] = [:]
    for id in results { counts[id, default: 0] += 1 }
    for node in nodes { for id in node.inputs { counts[id, default: 0] += 1 } }
    return counts
  }

  /// The index of the node that writes each tensor.
  package var producers: [TensorID: Int] {
    var producers: [TensorID: Int] = [:]
    for (index, node) in nodes.enumerated() { for id in node.outputs { producers[id] = index } }
    return producers
  }

  /// Lets everything that reads `old` read `new` instead, the graph's outputs and states included.
  package mutating func replaceUses(of old: TensorID, with new: TensorID) {
    for index in nodes.indices where nodes[index].inputs.contains(old) {
      nodes[index].inputs = nodes[index].inputs.map { $0 == old ? new : $0 }
    }
    outputs = outputs.map { $0 == old ? new : $0 }
    for index in states.indices where states[index].next == old { states[index].next = new }
  }

  /// Removes nodes whose outputs nothing reads, last ones first.
  package mutating func removeDeadNodes() {
    var used = Set(results)
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: used.contains) {
      used.formUnion(node.inputs)
      kept.append(node)
    }
    nodes = kept.reversed()
  }
}
