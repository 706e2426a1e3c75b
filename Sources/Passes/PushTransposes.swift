package import IR
import Operators
package import Support

/// Transpositions move through operators until they meet their inverse, and vanish.
///
/// Front ends for layouts with channels first put one before and one behind each operator on images:
/// `%2 = transpose(%1, [0,3,1,2]); %3 = relu(%2); %4 = transpose(%3, [0,2,3,1])` → `%4 = relu(%1)`. Those before a dense
/// layer become another order of its weights. What is left stands beside the inputs and outputs of the graph, or where two
/// layouts really meet.
package struct PushTransposes: Pass {
  package let name = "push-transposes"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    guard graph.nodes.contains(where: { $0.op is Transpose }) else { return }
    var rewriter = TransposeRewriter(graph)
    try rewriter.sink()
    try rewriter.lift()
    graph = rewriter.graph
    graph.removeDeadNodes()
  }
}

/// The steps of ``PushTransposes``.
private struct TransposeRewriter {
  var graph: Graph
  /// Tensors that are another tensor with its axes in another order.
  private var transposed: [TensorID: (source: TensorID, order: [Int])] = [:]
  /// The nodes so far, in their order.
  private var nodes: [Node] = []

  init(_ graph: Graph) { self.graph = graph }

  // MARK: Towards the outputs

  /// Moves transpositions behind the operators that read them.
  mutating func sink() throws(Diagnostic) {
    let before = graph.nodes
    graph.nodes = []
    var replaced: [TensorID: TensorID] = [:]
    for var node in before {
      node.inputs = node.inputs.map { replaced[$0] ?? $0 }
      do throws(Diagnostic) {
        if node.op is Transpose {
          if let source = merge(&node) {
            replaced[node.outputs[0]] = source
            continue
          }
        } else if let reshape = node.op as? Reshape {
          if try sink(reshape, &node, in: before) { continue }
        } else if let op = node.op as? any AxisOperator, try sink(op, node) {
          continue
        }
        nodes.append(node)
      } catch {
        throw error.located(graph.location(node))
      }
    }
    graph.nodes = nodes
    nodes = []
    for (old, new) in replaced.sorted(by: { $0.key < $1.key }) { graph.replaceUses(of: old, with: new) }
    try reorderWeights()
  }

  /// Joins a transposition with the one that it reads. When both cancel, gives the tensor to read instead.
  private mutating func merge(_ node: inout Node) -> TensorID? {
    guard let op = node.op as? Transpose else { return nil }
    var (source, order) = (node.inputs[0], op.permutation)
    if let before = transposed[source] {
      order = order.map { before.order[$0] }
      source = before.source
      node.op = Transpose(permutation: order)
      node.inputs = [source]
    }
    let target = node.outputs[0]
    // An output keeps a node of its own.
    if order == Array(order.indices), graph[source].type == graph[target].type, !graph.results.contains(target) {
      return source
    }
    // A tensor that is read in place of another one must mean the same.
    if graph[source].type.quantization == graph[target].type.quantization { transposed[target] = (source, order) }
    return nil
  }

  /// Lets `op` read its inputs before their transposition, and transposes its outputs; false when that can't be.
  private mutating func sink(_ op: any AxisOperator, _ node: Node) throws(Diagnostic) -> Bool {
    let orders = node.inputs.compactMap { transposed[$0]?.order }
    guard let order = orders.first, orders.allSatisfy({ $0 == order }), let moved = op.reordered(order),
      node.outputs.allSatisfy({ graph[$0].type.quantization?.axis == nil })
    else { return false }
    var inputs: [TensorID] = []
    for id in node.inputs {
      if let source = transposed[id]?.source {
        inputs.append(source)
      } else if let constant = try untransposed(id, order) {
        inputs.append(constant)
      } else {
        return false
      }
    }
    var operands: [Operand] = []
    for id in inputs { operands.append(try graph.operand(id)) }
    let shapes = try moved.op.outputShapes(operands)
    guard shapes.count == node.outputs.count else { return false }
    var outputs: [TensorID] = []
    for (id, shape) in zip(node.outputs, shapes) {
      let info = graph[id]
      let type = TensorType(info.type.element, shape, info.type.quantization)
      outputs.append(graph.add(TensorInfo(name: info.name, type: type)))
    }
    nodes.append(Node(moved.op, inputs: inputs, outputs: outputs, origin: node.origin))
    for (old, new) in zip(node.outputs, outputs) { addTranspose(of: new, to: old, moved.output, node.origin) }
    return true
  }

  private mutating func addTranspose(of source: TensorID, to target: TensorID, _ order: [Int], _ origin: Origin) {
    transposed[target] = (source, order)
    nodes.append(Node(Transpose(permutation: order), inputs: [source], outputs: [target], origin: origin))
  }

  /// A constant that broadcasts against a transposed tensor, as it was before the transposition; nil for other tensors.
  private mutating func untransposed(_ id: TensorID, _ order: [Int]) throws(Diagnostic) -> TensorID? {
    let info = graph[id]
    guard info.constant != nil, info.type.shape.rank <= order.count, info.type.quantization?.axis == nil else {
      return nil
    }
    if info.type.shape.elementCount == 1 { return id }
    guard let value = try graph.operand(id).constant else { return nil }
    let rank = order.count
    let dims = [Int](repeating: 1, count: rank - info.type.shape.rank) + info.type.shape.dims
    var inverse = [Int](repeating: 0, count: rank)
    for (axis, source) in order.enumerated() { inverse[source] = axis }
    let padded = value.retyped(TensorType(info.type.element, try Shape(dims), info.type.quantization))
    return graph.add(constant: try padded.transposed(inverse), name: info.name)
  }

  // MARK: Reshapes

  /// A reshape that only adds or removes axes of size 1 moves before the transposition; one behind a transposition that
  /// keeps the order of the elements reads its source.
  private mutating func sink(_ reshape: Reshape, _ node: inout Node, in before: [Node]) throws(Diagnostic) -> Bool {
    guard let (source, order) = transposed[node.inputs[0]] else { return false }
    let from = graph[source].type.shape
    let lasting = order.filter { from[$0] != 1 }
    if lasting == lasting.sorted() {
      node.inputs = [source]
      return false
    }
    let target = try Shape(reshape.shape)
    // The axes of both shapes that are not of size 1 must be the same.
    let middle = order.map { from[$0] }
    guard middle.filter({ $0 != 1 }) == target.dims.filter({ $0 != 1 }) else { return false }
    // The source loses its axes of size 1, and the target's are added in front of it.
    let units = target.dims.indices.filter { target[$0] == 1 }
    let kept = (0..<from.rank).filter { from[$0] != 1 }
    let dims = [Int](repeating: 1, count: units.count) + kept.map { from[$0] }
    let type = graph[node.outputs[0]].type
    let reshaped = graph.add(
      TensorInfo(
        name: graph[node.outputs[0]].name, type: TensorType(type.element, try Shape(dims), type.quantization)))
    nodes.append(Node(Reshape(shape: dims), inputs: [source], outputs: [reshaped], origin: node.origin))
    var lastingAxes = lasting[...]
    var unitAxes = units.indices.makeIterator()
    let newOrder = target.dims.map { size -> Int in
      if size == 1 { return unitAxes.next() ?? 0 }
      return units.count + (kept.firstIndex(of: lastingAxes.removeFirst()) ?? 0)
    }
    addTranspose(of: reshaped, to: node.outputs[0], newOrder, node.origin)
    return true
  }

  // MARK: Dense layers

  /// A transposition before a reshape to rows that only dense layers read becomes another order of their weights.
  private mutating func reorderWeights() throws(Diagnostic) {
    for index in graph.nodes.indices {
      guard let reshape = graph.nodes[index].op as? Reshape, reshape.shape.count == 2,
        let (source, order) = transposed[graph.nodes[index].inputs[0]],
        let readers = denseReaders(of: graph.nodes[index].outputs[0])
      else { continue }
      let shape = graph[source].type.shape
      let rows = reshape.shape[0]
      // Only elements inside of a row change their place.
      guard rows == 1 || shape.rank > 0 && order[0] == 0 && shape[0] == rows else { continue }
      let inner = rows == 1 ? order : order.dropFirst().map { $0 - 1 }
      let row = try Shape(rows == 1 ? shape.dims : Array(shape.dims.dropFirst()))
      // Element i of a transposed row is element places[i] of the row.
      let positions = Tensor(
        TensorType(.int32, row), ints: (0..<row.elementCount).map { Int32(truncatingIfNeeded: $0) })
      let places = try positions.transposed(inner).ints("positions").map { Int($0) }
      guard readers.allSatisfy({ weights($0) != nil }) else { continue }
      graph.nodes[index].inputs = [source]
      for reader in readers {
        guard let (id, consumer) = weights(reader), let value = try graph.operand(id).constant else { continue }
        let columns = graph[id].type.shape[1]
        var moved = [Int](repeating: 0, count: columns)
        for (old, place) in places.enumerated() { moved[place] = old }
        let reordered = graph.add(constant: value.columns(moved), name: graph[id].name)
        replaceInput(of: consumer, id, reordered)
      }
    }
  }

  /// The dense layers that read `id`, directly or through operators on single elements; nil when anything else reads it.
  private func denseReaders(of id: TensorID) -> [Int]? {
    var readers: [Int] = []
    var tensors: Set<TensorID> = [id]
    for (index, node) in graph.nodes.enumerated() {
      let read = node.inputs.filter(tensors.contains)
      if read.isEmpty { continue }
      if node.op is FullyConnected, read == [node.inputs[0]] {
        readers.append(index)
      } else if node.op is any UnaryOperator {
        tensors.formUnion(node.outputs)
      } else {
        return nil
      }
    }
    return graph.results.contains(where: tensors.contains) ? nil : readers
  }

  /// The constant with the weights of a dense layer, and the node that reads it: the layer, or one that makes floats of it.
  private func weights(_ layer: Int) -> (TensorID, Int)? {
    let id = graph.nodes[layer].inputs[1]
    func suits(_ id: TensorID) -> Bool {
      graph[id].constant != nil && graph[id].type.shape.rank == 2 && (graph[id].type.quantization?.axis ?? 0) == 0
    }
    if suits(id) { return (id, layer) }
    guard let maker = graph.nodes.firstIndex(where: { $0.outputs == [id] && $0.op is Dequantize }),
      suits(graph.nodes[maker].inputs[0]), graph.nodes.count(where: { $0.inputs.contains(id) }) == 1
    else { return nil }
    return (graph.nodes[maker].inputs[0], maker)
  }

  private mutating func replaceInput(of node: Int, _ old: TensorID, _ new: TensorID) {
    graph.nodes[node].inputs = graph.nodes[node].inputs.map { $0 == old ? new : $0 }
  }

  // MARK: Towards the inputs

  /// Moves what is left before operators on single elements, up to the place where floats become integers: a transposition
  /// of integers doesn't stand between an operator and its quantization then.
  mutating func lift() throws(Diagnostic) {
    var goesOn = true
    while goesOn {
      goesOn = false
      let uses = graph.useCounts
      let producers = graph.producers
      for index in graph.nodes.indices {
        guard let op = graph.nodes[index].op as? Transpose else { continue }
        let middle = graph.nodes[index].inputs[0]
        guard let above = producers[middle], above < index, uses[middle] == 1,
          graph.nodes[above].op is any UnaryOperator, !(graph.nodes[above].op is Quantize),
          graph.nodes[above].inputs.count == 1,
          graph[middle].type.quantization == graph[graph.nodes[index].outputs[0]].type.quantization
        else { continue }
        // The two operators change places; the tensor between them has the type of the first input now.
        let source = graph.nodes[above].inputs[0]
        let type = graph[source].type
        let between = graph.add(
          TensorInfo(
            name: graph[middle].name,
            type: TensorType(type.element, graph[graph.nodes[index].outputs[0]].type.shape, type.quantization)))
        let function = graph.nodes[above].op
        graph.nodes[above] = Node(op, inputs: [source], outputs: [between], origin: graph.nodes[above].origin)
        graph.nodes[index] = Node(
          function, inputs: [between], outputs: graph.nodes[index].outputs, origin: graph.nodes[index].origin)
        goesOn = true
        break
      }
    }
  }
}

extension Tensor {
  /// Axis i of the result is axis `order[i]`.
  fileprivate func transposed(_ order: [Int]) throws(Diagnostic) -> Tensor {
    let type = TensorType(type.element, try Shape(order.map { self.type.shape[$0] }), type.quantization)
    let (own, strides) = (self.type.shape.strides, type.shape.strides)
    return rearranged(
      type,
      (0..<type.shape.elementCount).map { index in
        var (rest, position) = (index, 0)
        for axis in 0..<order.count {
          position += rest / strides[axis] * own[order[axis]]
          rest %= strides[axis]
        }
        return position
      })
  }

  /// A matrix with its columns in another order: column i is column `order[i]`.
  fileprivate func columns(_ order: [Int]) -> Tensor {
    let width = type.shape[1]
    return rearranged(type, (0..<type.shape.elementCount).map { $0 / width * width + order[$0 % width] })
  }

  private func rearranged(_ type: TensorType, _ positions: [Int]) -> Tensor {
    switch elements {
    case .ints(let values): Tensor(type, ints: positions.map { values[$0] })
    case .wide(let values): Tensor(type, wide: positions.map { values[$0] })
    case .floats(let values): Tensor(type, floats: positions.map { values[$0] })
    }
  }
}
