package import IR
import Operators
package import Support

/// Moves whose places are constants say them themselves, so that they can become views: what unrolled loops leave of counters.
///
/// `%2 = gather(%1, 3)` → `%2 = strided_slice(%1) {begin=[3,0] …}`. A tensor that is written piece by piece becomes one
/// concatenation: `%3 = dynamic_update_slice(%1, %2, [0,0]); %5 = dynamic_update_slice(%3, %4, [1,0])` →
/// `%5 = concatenation(%2, %4)`; likewise concatenations of slices of a concatenation. A slice of a concatenation that is one
/// of its inputs is that input.
package struct ResolveIndices: Pass {
  package let name = "resolve-indices"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    guard graph.nodes.contains(where: { $0.op is Gather || $0.op is DynamicUpdateSlice || $0.op is StridedSlice })
    else {
      return
    }
    var resolution = IndexResolution(graph)
    for node in graph.nodes {
      do throws(Diagnostic) {
        try resolution.add(node)
      } catch {
        throw error.located(graph.location(node))
      }
    }
    graph = resolution.graph
    graph.nodes = resolution.nodes
    graph.removeDeadNodes()
  }
}

/// The nodes of a graph while places are resolved.
private struct IndexResolution {
  /// A part of a tensor along an axis.
  struct Piece {
    let tensor: TensorID
    let begin: Int
    let size: Int
  }

  private(set) var graph: Graph
  private(set) var nodes: [Node] = []
  /// What tensors consist of, and the axis along which the pieces follow each other.
  private var pieces: [TensorID: (axis: Int, pieces: [Piece])] = [:]
  /// Tensors that are pieces of others along an axis.
  private var slices: [TensorID: (axis: Int, piece: Piece)] = [:]

  init(_ graph: Graph) { self.graph = graph }

  mutating func add(_ node: Node) throws(Diagnostic) {
    switch node.op {
    case let gather as Gather: if try resolve(gather, node) { return }
    case is DynamicUpdateSlice: if try resolveUpdate(node) { return }
    case let slice as StridedSlice: if resolve(slice, node) { return }
    case let concatenation as Concatenation: if try resolve(concatenation, node) { return }
    default: break
    }
    nodes.append(node)
  }

  private mutating func append(
    _ op: any SourceOperator, _ inputs: [TensorID], _ output: TensorID, _ node: Node
  ) {
    nodes.append(Node(op, inputs: inputs, outputs: [output], origin: node.origin))
  }

  private mutating func resolve(_ gather: Gather, _ node: Node) throws(Diagnostic) -> Bool {
    guard gather.batchDims == 0, let list = try graph.operand(node.inputs[1]).constant,
      graph[node.inputs[0]].constant == nil
    else { return false }
    let places = try list.wideInts("the indices").map { Int($0) }
    let (data, output) = (graph[node.inputs[0]].type, node.outputs[0])
    guard let first = places.first, places.allSatisfy({ (0..<data.shape[gather.axis]).contains($0) }) else {
      return false
    }
    let stride = places.count > 1 ? places[1] - first : 1
    let isEven = stride != 0 && places.indices.allSatisfy { places[$0] == first + $0 * stride }
    let op: any SourceOperator
    if isEven {
      var (begin, sizes) = ([Int](repeating: 0, count: data.shape.rank), data.shape.dims)
      var strides = [Int](repeating: 1, count: data.shape.rank)
      (begin[gather.axis], sizes[gather.axis], strides[gather.axis]) = (first, places.count, stride)
      op = StridedSlice(begin: begin, sizes: sizes, strides: strides)
    } else {
      op = Take(places: data.shape.dims.indices.map { $0 == gather.axis ? places : [] })
    }
    var dims = data.shape.dims
    dims[gather.axis] = places.count
    guard dims != graph[output].type.shape.dims else {
      append(op, [node.inputs[0]], output, node)
      return true
    }
    // The list has another number of dimensions than one.
    let own = graph[output].type
    let part = graph.add(
      TensorInfo(name: graph[output].name, type: TensorType(own.element, try Shape(dims), own.quantization)))
    append(op, [node.inputs[0]], part, node)
    append(Reshape(shape: own.shape.dims), [part], output, node)
    return true
  }

  private mutating func resolve(_ slice: StridedSlice, _ node: Node) -> Bool {
    let (source, output) = (node.inputs[0], node.outputs[0])
    let shape = graph[source].type.shape
    let sliced = shape.dims.indices.filter { slice.sizes[$0] != shape[$0] }
    guard slice.strides.allSatisfy({ $0 == 1 }), sliced.count == 1, let axis = sliced.first else { return false }
    let piece = Piece(tensor: source, begin: slice.begin[axis], size: slice.sizes[axis])
    if slice.dropped.isEmpty { slices[output] = (axis, piece) }
    guard let whole = pieces[source], whole.axis == axis else { return false }
    let found = Self.cut(whole.pieces, piece.begin..<piece.begin + piece.size)
    guard found.count == 1, let first = found.first, graph[first.tensor].type.shape[axis] == first.size,
      graph[first.tensor].constant == nil
    else { return false }
    append(Reshape(shape: graph[output].type.shape.dims), [first.tensor], output, node)
    return true
  }

  private mutating func resolve(_ concatenation: Concatenation, _ node: Node) throws(Diagnostic) -> Bool {
    let (axis, output) = (concatenation.axis, node.outputs[0])
    let own = graph[output].type
    guard node.inputs.allSatisfy({ graph[$0].type.quantization == own.quantization }) else { return false }
    var found: [Piece] = []
    var isNested = false
    for id in node.inputs {
      if let slice = slices[id], slice.axis == axis, let whole = pieces[slice.piece.tensor], whole.axis == axis {
        found += Self.cut(whole.pieces, slice.piece.begin..<slice.piece.begin + slice.piece.size)
        isNested = true
      } else {
        found.append(Piece(tensor: id, begin: 0, size: graph[id].type.shape[axis]))
      }
    }
    if isNested {
      try join(found, axis, node)
    } else {
      pieces[output] = (axis, found)
    }
    return isNested
  }

  private mutating func resolveUpdate(_ node: Node) throws(Diagnostic) -> Bool {
    let (data, update, output) = (node.inputs[0], node.inputs[1], node.outputs[0])
    let (whole, part) = (graph[data].type, graph[update].type)
    let differing = whole.shape.dims.indices.filter { whole.shape[$0] != part.shape[$0] }
    guard differing.count <= 1, let position = try graph.operand(node.inputs[2]).constant,
      [whole, part].allSatisfy({ $0.quantization == graph[output].type.quantization }), whole.shape.rank > 0
    else { return false }
    let before = pieces[data]
    let axis = differing.first ?? before?.axis ?? 0
    let (size, count) = (whole.shape[axis], part.shape[axis])
    let begin = min(max(Int(try position.wideInts("the position")[axis]), 0), size - count)
    let old = before.flatMap { $0.axis == axis ? $0.pieces : nil } ?? [Piece(tensor: data, begin: 0, size: size)]
    let new = [Piece(tensor: update, begin: 0, size: count)]
    try join(Self.cut(old, 0..<begin) + new + Self.cut(old, begin + count..<size), axis, node)
    return true
  }

  /// Writes the output of `node` from pieces; when only slices of it are read, that is dead.
  private mutating func join(_ parts: [Piece], _ axis: Int, _ node: Node) throws(Diagnostic) {
    var joined: [Piece] = []
    for part in parts {
      if let last = joined.last, last.tensor == part.tensor, last.begin + last.size == part.begin {
        joined[joined.count - 1] = Piece(tensor: last.tensor, begin: last.begin, size: last.size + part.size)
      } else {
        joined.append(part)
      }
    }
    let output = node.outputs[0]
    pieces[output] = (axis, joined)
    var inputs: [TensorID] = []
    for piece in joined { inputs.append(try slice(piece, axis, node)) }
    let single = Reshape(shape: graph[output].type.shape.dims)
    append(inputs.count > 1 ? Concatenation(axis: axis) : single, inputs, output, node)
  }

  /// The pieces of `range`.
  private static func cut(_ pieces: [Piece], _ range: Range<Int>) -> [Piece] {
    var (start, result): (Int, [Piece]) = (0, [])
    for piece in pieces {
      let own = (start..<start + piece.size).clamped(to: range)
      if !own.isEmpty {
        result.append(Piece(tensor: piece.tensor, begin: piece.begin + own.lowerBound - start, size: own.count))
      }
      start += piece.size
    }
    return result
  }

  /// The tensor that holds a piece and nothing else.
  private mutating func slice(_ piece: Piece, _ axis: Int, _ node: Node) throws(Diagnostic) -> TensorID {
    let type = graph[piece.tensor].type
    guard piece.size != type.shape[axis] else { return piece.tensor }
    var (begin, sizes) = ([Int](repeating: 0, count: type.shape.rank), type.shape.dims)
    (begin[axis], sizes[axis]) = (piece.begin, piece.size)
    let op = StridedSlice(begin: begin, sizes: sizes, strides: [Int](repeating: 1, count: type.shape.rank))
    let own = TensorType(type.element, try Shape(sizes), type.quantization)
    if let constant = try graph.operand(piece.tensor).constant {
      return graph.add(constant: try op.evaluate([constant], as: [own])[0], name: graph[piece.tensor].name)
    }
    let id = graph.add(TensorInfo(name: graph[piece.tensor].name, type: own))
    append(op, [piece.tensor], id, node)
    return id
  }
}
