import IR
import Operators
import Support
import TestSupport

/// Random networks of floats or of int8 with everything that channels pass: residual connections, depthwise convolutions,
/// pooling, borders, concatenations, slices and dense layers on flattened images.
struct ChannelNetworks {
  private var random: SplitMix64
  private(set) var builder = GraphBuilder()
  let isFloat: Bool
  /// All activations are such that positive factors pass them.
  var isHomogeneous = false

  init(seed: UInt64, isFloat: Bool) {
    random = SplitMix64(seed: seed)
    self.isFloat = isFloat
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private mutating func real() -> Float { Float(int(-1000...1000)) / 1000 }

  func shape(_ id: TensorID) -> [Int] { builder.graph[id].type.shape.dims }

  private func type(_ dims: [Int], scale: Float = 0.1, zeroPoint: Int32 = -3) throws -> TensorType {
    isFloat ? TensorType(.float32, try Shape(dims)) : try builder.type(dims, scale: scale, zeroPoint: zeroPoint)
  }

  mutating func input(_ dims: [Int]) throws -> TensorID {
    let id = builder.graph.add(TensorInfo(name: "x", type: try type(dims, scale: 0.05)))
    builder.graph.inputs.append(id)
    return id
  }

  mutating func add(_ op: any SourceOperator, _ inputs: [TensorID], name: String = "") throws -> TensorID {
    var operands: [Operand] = []
    for id in inputs { operands.append(try builder.graph.operand(id)) }
    let own = builder.graph[inputs[0]].type
    let dims = try op.outputShapes(operands)[0].dims
    // Operators that take one scale keep it.
    let isWeighted = op is Conv2D || op is DepthwiseConv2D || op is FullyConnected
    let type = isWeighted ? try type(dims) : TensorType(own.element, try Shape(dims), own.quantization)
    let output = builder.graph.add(
      TensorInfo(name: name.isEmpty ? "t\(builder.graph.tensors.count)" : name, type: type))
    builder.graph.nodes.append(
      Node(
        op, inputs: inputs, outputs: [output],
        origin: Origin(index: builder.graph.nodes.count, operatorName: op.mnemonic)))
    return output
  }

  /// Random weights with rows along an axis, or the given ones.
  mutating func weights(_ dims: [Int], axis: Int, _ values: [Float]? = nil) throws -> TensorID {
    let shape = try Shape(dims)
    if isFloat {
      var floats = values ?? []
      while floats.count < shape.elementCount { floats.append(real()) }
      return builder.graph.add(constant: Tensor(TensorType(.float32, shape), floats: floats), name: "w")
    }
    let count = dims[axis]
    let scales = (0..<count).map { _ in Float(int(5...40)) / 1000 }
    let quantization = try Quantization(
      scales: scales, zeroPoints: [Int32](repeating: 0, count: count), axis: axis)
    let steps = (0..<shape.elementCount).map { _ in Int32(int(-127...127)) }
    return builder.constant(TensorType(.int8, shape, quantization), steps, name: "w")
  }

  mutating func bias(_ count: Int, _ values: [Float]? = nil) throws -> TensorID {
    let shape = try Shape([count])
    if isFloat {
      var floats = values ?? []
      while floats.count < count { floats.append(real()) }
      return builder.graph.add(constant: Tensor(TensorType(.float32, shape), floats: floats), name: "b")
    }
    return builder.constant(
      TensorType(.int32, shape), (0..<count).map { _ in Int32(int(-900...900)) }, name: "b")
  }

  mutating func convolution(
    _ input: TensorID, _ filters: Int, size: Int = 3, stride: Int = 1, padding: Padding = .same,
    _ activation: Activation = .relu, groups: Int = 1, name: String = "", weights: [Float]? = nil,
    biases: [Float]? = nil
  ) throws -> TensorID {
    let depth = shape(input)[3] / groups
    let w = try self.weights([filters, size, size, depth], axis: 0, weights)
    let op = Conv2D(
      stride: Extent(stride, stride), dilation: Extent(1, 1), padding: padding, activation: activation)
    return try add(op, [input, w, try bias(filters, biases)], name: name)
  }

  mutating func depthwise(
    _ input: TensorID, multiplier: Int = 1, padding: Padding = .same, _ activation: Activation = .relu
  ) throws -> TensorID {
    let channels = shape(input)[3] * multiplier
    let w = try weights([1, 3, 3, channels], axis: 3)
    let op = DepthwiseConv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: padding, activation: activation)
    return try add(op, [input, w, try bias(channels)])
  }

  mutating func dense(
    _ input: TensorID, _ units: Int, _ activation: Activation = .none, name: String = "", weights: [Float]? = nil
  ) throws -> TensorID {
    let depth = shape(input).dropFirst().reduce(1, *)
    let w = try self.weights([units, depth], axis: 0, weights)
    return try add(
      FullyConnected(activation: activation, shape: [shape(input)[0], units]), [input, w, try bias(units)], name: name)
  }

  mutating func finish(_ outputs: [TensorID]) throws -> Graph {
    builder.graph.outputs = outputs
    try builder.graph.verify()
    return builder.graph
  }

  /// A network with every kind of passage.
  mutating func make() throws -> Graph {
    let other: Activation = isHomogeneous ? .none : .relu6
    let extent = Extent(2, 2)
    let x = try input([1, 8, 8, int(1...3)])
    let first = try convolution(x, int(4...7), .relu)
    // A residual connection with a depthwise convolution inside.
    var y = try depthwise(first, multiplier: int(1...2), other)
    y = try convolution(y, shape(first)[3], size: 1, .none)
    var sum = try add(Add(activation: .none), [first, y])
    sum = try add(isHomogeneous || int(0...1) == 0 ? Relu() : HardSwish(), [sum])
    let pooled =
      int(0...1) == 0
      ? try add(MaxPool2D(filter: extent, stride: extent, padding: .valid, activation: .none), [sum])
      : try add(AveragePool2D(filter: extent, stride: extent, padding: .valid, activation: .relu), [sum])
    // Branches side by side, of which one gets a border and loses it again.
    let zero = isFloat ? 0 : -3
    let padded = try add(Pad(before: [0, 1, 1, 0], after: [0, 1, 1, 0], value: zero), [pooled])
    let left = try convolution(padded, int(2...5), padding: .valid, .relu)
    let right = try convolution(pooled, int(2...5), size: 1, other)
    var joined = try add(Concatenation(axis: 3), [left, pooled, right])
    if int(0...1) == 0 {
      let (begin, end) = (int(0...2), shape(joined)[3] - int(0...2))
      joined = try add(
        StridedSlice(begin: [0, 0, 0, begin], sizes: [1, 4, 4, end - begin], strides: [1, 1, 1, 1]), [joined])
    }
    // Filters for groups of channels.
    let even = try convolution(joined, 6, size: 1, .relu)
    let grouped = try convolution(even, 4, groups: 2)
    switch int(0...2) {
    case 0:
      let mean = try add(Mean(axes: [1, 2], keepDimensions: int(0...1) == 0), [grouped])
      return try finish([try dense(mean, 3)])
    case 1:
      let flat = try add(Reshape(shape: [1, 64]), [grouped])
      return try finish([try dense(try dense(flat, 5, .relu), 3)])
    default:
      return try finish([try dense(try dense(grouped, 5, .relu), 3)])
    }
  }

  /// Inputs of the network.
  mutating func vectors(_ graph: Graph, count: Int) -> [[Tensor]] {
    (0..<count).map { _ in
      graph.inputs.map { id in
        let type = graph[id].type
        let elements = 0..<type.shape.elementCount
        return type.element == .float32
          ? Tensor(type, floats: elements.map { _ in real() * 2 })
          : Tensor(type, ints: elements.map { _ in Int32(int(-128...127)) })
      }
    }
  }
}

extension Tensor {
  /// The largest difference, as a part of the largest magnitude.
  func distance(_ other: Tensor) throws -> Double {
    let (a, b) = (try floats("a tensor"), try other.floats("a tensor"))
    let largest = a.reduce(0) { max($0, Double($1.magnitude)) }
    return zip(a, b).reduce(0) { max($0, Double(($1.0 - $1.1).magnitude)) } / max(largest, 1e-9)
  }
}
