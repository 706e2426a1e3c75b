package import IR
package import Operators
import Support

/// Builds small graphs for tests, node by node.
package struct GraphBuilder {
  package var graph = Graph(file: "example")

  package init() {}

  package func type(_ dims: [Int], scale: Float = 0.5, zeroPoint: Int32 = -128) throws -> TensorType {
    TensorType(.int8, try Shape(dims), try .perTensor(scale: scale, zeroPoint: zeroPoint))
  }

  package mutating func input(_ dims: [Int], zeroPoint: Int32 = 3) throws -> TensorID {
    let id = graph.add(TensorInfo(name: "x", type: try type(dims, zeroPoint: zeroPoint)))
    graph.inputs.append(id)
    return id
  }

  package mutating func constant(_ type: TensorType, _ values: [Int32], name: String) -> TensorID {
    graph.add(constant: Tensor(type, ints: values), name: name)
  }

  /// Adds a node with one output.
  package mutating func node(
    _ op: any Operator, _ inputs: [TensorID], _ type: TensorType, name: String
  ) -> TensorID {
    let output = graph.add(TensorInfo(name: "t\(graph.tensors.count)", type: type))
    let origin = Origin(index: graph.nodes.count, operatorName: name)
    graph.nodes.append(Node(op, inputs: inputs, outputs: [output], origin: origin))
    return output
  }

  package mutating func unary(
    _ op: any Operator, _ input: TensorID, like other: TensorID, name: String
  ) throws -> TensorID {
    node(op, [input], graph[other].type, name: name)
  }

  package mutating func transpose(_ input: TensorID, _ permutation: [Int]) throws -> TensorID {
    let type = graph[input].type
    let moved = TensorType(type.element, try Shape(permutation.map { type.shape[$0] }), type.quantization)
    return node(Transpose(permutation: permutation), [input], moved, name: "TRANSPOSE")
  }

  /// A 2×2 convolution with one filter a channel of the input, without padding.
  package mutating func convolution(_ input: TensorID, activation: Activation = .none) throws -> TensorID {
    let shape = graph[input].type.shape
    let weightType = try TensorType(.int8, Shape([1, 2, 2, shape[3]]), .perTensor(scale: 0.25, zeroPoint: 0))
    let count = weightType.shape.elementCount
    let weights = constant(weightType, (0..<count).map { Int32($0 % 5) - 2 }, name: "w")
    let bias = constant(TensorType(.int32, try Shape([1])), [17], name: "b")
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .valid, activation: activation)
    return node(
      op, [input, weights, bias], try type([shape[0], shape[1] - 1, shape[2] - 1, 1]), name: "CONV_2D")
  }

  /// A 1×1 convolution with the weights `filters`, by output and input channel. A filter of zeros with the bias b gives
  /// b / 4 − 128.
  package mutating func pointwise(_ input: TensorID, _ filters: [[Int32]], bias: [Int32]) throws -> TensorID {
    let dims = graph[input].type.shape.dims
    let weights = try weights([filters.count, 1, 1, dims[3]], filters.flatMap { $0 })
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .valid, activation: .none)
    return node(
      op, [input, weights, try self.bias(bias)], try type([dims[0], dims[1], dims[2], filters.count]), name: "CONV_2D")
  }

  /// A 3×3 convolution with one filter whose weights are in the order height, width, input channel.
  package mutating func filtered(
    _ input: TensorID, _ filter: [Int32], bias: Int32, padding: Padding = .same
  ) throws -> TensorID {
    let dims = graph[input].type.shape.dims
    let weights = try weights([1, 3, 3, dims[3]], filter)
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: padding, activation: .none)
    let lost = padding == .same ? 0 : 2
    return node(
      op, [input, weights, try self.bias([bias])], try type([dims[0], dims[1] - lost, dims[2] - lost, 1]),
      name: "CONV_2D")
  }

  /// A 3×3 depthwise convolution with padding, with the weights `filters`, by channel.
  package mutating func depthwise(_ input: TensorID, _ filters: [[Int32]], bias: [Int32]) throws -> TensorID {
    let dims = graph[input].type.shape.dims
    let values = (0..<9).flatMap { tap in filters.map { $0[tap] } }
    let weights = try weights([1, 3, 3, filters.count], values)
    let op = DepthwiseConv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .same, activation: .none)
    return node(
      op, [input, weights, try self.bias(bias)], try type([dims[0], dims[1], dims[2], filters.count]),
      name: "DEPTHWISE_CONV_2D")
  }

  private mutating func weights(_ dims: [Int], _ values: [Int32]) throws -> TensorID {
    constant(TensorType(.int8, try Shape(dims), try .perTensor(scale: 0.25, zeroPoint: 0)), values, name: "w")
  }

  private mutating func bias(_ values: [Int32]) throws -> TensorID {
    constant(TensorType(.int32, try Shape([values.count])), values, name: "b")
  }
}
