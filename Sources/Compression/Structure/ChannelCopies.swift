package import IR
import Operators
package import Support

extension ChannelStructure {
  /// The network in which the channels of each class stand as often as `copies` says by the class's number, once where it says
  /// nothing.
  ///
  /// What reads a channel that is gone reads one value less, and what reads several copies weighs each of them accordingly
  /// less, so that its sums stay as they are; that takes weights of floats. Channels of a tensor can't all go.
  package func graph(copies: [Int: Int]) throws(Diagnostic) -> Graph {
    var result = graph
    func kept(_ classes: [Int]) -> [Int] {
      classes.enumerated().flatMap { [Int](repeating: $0, count: max(0, copies[$1] ?? 1)) }
    }
    var constants: [TensorID: TensorID] = [:]
    var channels: [TensorID: [Int]] = [:]
    for id in tensors {
      let own = classes(of: id)
      let kept = kept(own)
      guard kept != Array(own.indices) else { continue }
      guard !kept.isEmpty else {
        throw Diagnostic("compress.channels", "no channel of `\(graph[id].name)` would be left")
      }
      channels[id] = kept
      let last = graph[id].type.shape.rank - 1
      if let constant = try graph.operand(id).constant {
        constants[id] = result.add(constant: try constant.taking(kept, along: last), name: graph[id].name)
      } else {
        result[id].type = try graph[id].type.taking(kept, along: last)
      }
    }
    for (index, node) in graph.nodes.enumerated() where layerOfNode[index] == nil {
      result.nodes[index].inputs = node.inputs.map { constants[$0] ?? $0 }
      let input = node.inputs.first.flatMap { channels[$0] }
      result.nodes[index].op = try node.op.resized(result.outputTypes(node), input: input)
    }
    for (index, layer) in layers.enumerated() {
      guard let sum = sums[index] else { continue }
      let (rows, inputs) = (rowClasses(index), inputClasses(index))
      let (keptRows, keptInputs) = (kept(rows), kept(inputs))
      guard keptRows != Array(rows.indices) || keptInputs != Array(inputs.indices) else { continue }
      let old = graph.nodes[layer.nodes[0]].inputs[1]
      guard var weights = try graph.operand(old).constant else { continue }
      weights = try weights.taking(keptRows, along: sum.rowAxis)
      if let axis = sum.columnAxis {
        let shares = keptInputs.map { 1 / Float(copies[inputs[$0]] ?? 1) }
        weights = try weights.taking(keptInputs, along: axis).multiplied(by: shares, along: axis)
      }
      let new = result.add(constant: weights, name: graph[old].name)
      var biases: [TensorID: TensorID] = [:]
      for index in layer.nodes {
        let node = graph.nodes[index]
        result.nodes[index].inputs[0] = constants[node.inputs[0]] ?? node.inputs[0]
        result.nodes[index].inputs[1] = new
        if node.inputs.count > 2, let bias = try graph.operand(node.inputs[2]).constant {
          let id = node.inputs[2]
          let axis = bias.type.shape.rank - 1
          if biases[id] == nil {
            biases[id] = result.add(constant: try bias.taking(keptRows, along: axis), name: graph[id].name)
          }
          result.nodes[index].inputs[2] = biases[id] ?? id
        }
        result.nodes[index].op = try node.op.resized(result.outputTypes(node), input: nil)
      }
    }
    try result.verify()
    return result
  }
}

extension Operator {
  /// The operator for other numbers of channels.
  ///
  /// - Parameter input: which channels of the first input there are now; nil when they are the same.
  fileprivate func resized(_ outputs: [TensorType], input: [Int]?) throws(Diagnostic) -> any Operator {
    switch self {
    case let op as FullyConnected:
      return FullyConnected(activation: op.activation, shape: outputs[0].shape.dims, arithmetic: op.arithmetic)
    case is Reshape: return Reshape(shape: outputs[0].shape.dims)
    case let op as StridedSlice:
      guard let input, let begin = op.begin.last else { return op }
      return try StridedSlice(
        Attributes([
          ("begin", .ints(op.begin.dropLast() + [input.count { $0 < begin }])),
          ("sizes", .ints(op.sizes.dropLast() + [outputs[0].channelCount])), ("strides", .ints(op.strides)),
          ("dropped", .ints(op.dropped)),
        ]))
    default: return self
    }
  }
}

extension TensorType {
  /// The type with only some slices of an axis, in the order of `indices`, which may repeat.
  func taking(_ indices: [Int], along axis: Int) throws(Diagnostic) -> TensorType {
    var type = self
    var dims = shape.dims
    dims[axis] = indices.count
    type.shape = try Shape(dims)
    if let own = quantization, own.axis == axis, own.scales.count == shape[axis] {
      type.quantization = try Quantization(
        scales: indices.map { own.scales[$0] }, zeroPoints: indices.map { own.zeroPoints[$0] }, axis: axis)
    }
    return type
  }
}

extension Tensor {
  func taking(_ indices: [Int], along axis: Int) throws(Diagnostic) -> Tensor {
    let new = try type.taking(indices, along: axis)
    let (inner, count) = (type.shape.strides[axis], type.shape[axis])
    let outer = type.shape.elementCount / max(1, inner * count)
    let places = (0..<outer).flatMap { block in
      indices.flatMap { index in (0..<inner).map { (block * count + index) * inner + $0 } }
    }
    switch elements {
    case .ints(let values): return Tensor(new, ints: places.map { values[$0] })
    case .wide(let values): return Tensor(new, wide: places.map { values[$0] })
    case .floats(let values): return Tensor(new, floats: places.map { values[$0] })
    }
  }

  /// The tensor with a factor for each slice of an axis, on no grid any more; fails for integers with other factors than 1.
  func multiplied(by factors: [Float], along axis: Int) throws(Diagnostic) -> Tensor {
    if factors.allSatisfy({ $0 == 1 }) { return self }
    let inner = type.shape.strides[axis]
    let values = try floats("the constant")
    return Tensor(
      TensorType(type.element, type.shape), floats: values.enumerated().map { $1 * factors[$0 / inner % factors.count] }
    )
  }
}
