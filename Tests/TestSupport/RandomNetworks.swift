import Compiler
package import IR
import Operators
import Support

/// Random networks of several layers whose channels are often constant, unused or equal to each other.
package struct RandomNetworks {
  private var random: SplitMix64
  private var builder = GraphBuilder()
  /// How often a filter is made of zeros, saturated or a copy of another one, of 12.
  private var oddity = 0
  /// Half of the layers move elements: concatenations, splits and slices.
  package var movesOften = false

  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  private mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  private mutating func pick<T>(_ values: [T]) -> T { values[int(0...values.count - 1)] }
  private mutating func isOdd() -> Bool { int(1...12) <= oddity }

  /// A network of up to `layers` layers.
  ///
  /// - Parameters:
  ///   - batch: how many images an input has; 1 or 2 without it.
  ///   - size: rows and columns of an image.
  package mutating func make(layers: Int, batch: Int? = nil, size: ClosedRange<Int> = 3...8) throws -> Graph {
    builder = GraphBuilder()
    oddity = pick([1, 3, 6, 9])
    let image = [batch ?? (movesOften ? 1 : int(1...2)), int(size), int(size), int(1...5)]
    var last = try builder.input(image, zeroPoint: Int32(pick([-128, 3])))
    var seen = [last]
    for _ in 0..<int(2...layers) {
      last = try layer(last, seen)
      seen.append(last)
    }
    for _ in 0..<int(0...2) { last = try dense(last) }
    if int(0...3) == 0 {
      let type = try builder.type(shape(last), scale: 1 / 256)
      last = builder.node(Softmax(beta: 1), [last], type, name: "SOFTMAX")
    }
    builder.graph.outputs = [last]
    if int(0...3) == 0, let other = seen.dropFirst().first, other != last { builder.graph.outputs.append(other) }
    let graph = builder.graph
    try graph.verify()
    return graph
  }

  private func shape(_ id: TensorID) -> [Int] { builder.graph[id].type.shape.dims }

  private mutating func type(_ dims: [Int]) throws -> TensorType {
    try builder.type(dims, scale: pick([0.02, 0.1, 0.7]), zeroPoint: Int32(pick([-128, -128, 0, 17])))
  }

  /// Adds `op` with its inferred shape.
  private mutating func add(_ op: any SourceOperator, _ inputs: [TensorID], _ type: TensorType? = nil) throws
    -> TensorID
  {
    var operands: [Operand] = []
    for id in inputs { operands.append(try builder.graph.operand(id)) }
    let dims = try op.outputShapes(operands)[0].dims
    var own = try type ?? self.type(dims)
    own.shape = try Shape(dims)
    return builder.node(op, inputs, own, name: op.mnemonic.uppercased())
  }

  private mutating func layer(_ last: TensorID, _ seen: [TensorID]) throws -> TensorID {
    let dims = shape(last)
    let own = builder.graph[last].type
    guard dims.count == 4 else { return try dense(last) }
    if movesOften && int(0...1) == 0 { return try movement(last, seen) }
    switch int(0...17) {
    case 0...4: return try convolution(last, depthwise: false)
    case 5...7: return try convolution(last, depthwise: true)
    case 8:
      let filter = Extent(int(1...3), int(1...3))
      let stride = Extent(int(1...2), int(1...2))
      return int(0...1) == 0
        ? try add(AveragePool2D(filter: filter, stride: stride, padding: .same, activation: .none), [last], own)
        : try add(MaxPool2D(filter: filter, stride: stride, padding: .same, activation: .relu), [last], own)
    case 9:
      return try add(
        pick([Relu(), Relu6(), HardSwish(), Tanh(), LeakyRelu(alpha: 0.2)] as [any SourceOperator]), [last],
        pickType(last))
    case 10, 11:
      // Another tensor of the same shape, one value a channel, or one value.
      let other = seen.dropLast().last { shape($0) == dims } ?? last
      let operand = try pick([other, other, constant([dims[3]]), constant([1])])
      let op: any SourceOperator = pick([Add(activation: .none), Sub(activation: .relu), Mul(activation: .none)])
      return try add(op, int(0...1) == 0 ? [last, operand] : [operand, last])
    case 12:
      let axis = pick([1, 3, 3])
      let others = seen.filter { builder.graph[$0].type == own }
      return try add(Concatenation(axis: axis), [last, others.first ?? last], own)
    case 13:
      let border = [0, int(0...1), int(0...1), 0]
      return try add(Pad(before: border, after: border, value: pick([-128, 17, 0])), [last], own)
    case 14:
      let channels = int(0...dims[3] - 1)
      let slice = try StridedSlice(
        of: own.shape, begin: [0, 0, 0, pick([0, channels])], end: dims, strides: [1, 1, pick([1, 2]), 1],
        beginMask: 0, endMask: 0, shrinkMask: 0)
      return try add(slice, [last], own)
    case 15: return try add(Transpose(permutation: [0, 2, 1, 3]), [last], own)
    case 16: return try add(Mean(axes: pick([[1, 2], [1], [2]]), keepDimensions: true), [last])
    default:
      let parts = dims[1] % 2 == 0 ? 2 : 1
      var part = own
      part.shape = try Shape([dims[0], dims[1] / parts, dims[2], dims[3]])
      return pick(split(last, axis: 1, parts, part))
    }
  }

  /// The parts of a tensor, which have the type `type`.
  private mutating func split(_ input: TensorID, axis: Int, _ count: Int, _ type: TensorType) -> [TensorID] {
    let outputs = (0..<count).map { _ in builder.graph.add(TensorInfo(name: "part", type: type)) }
    builder.graph.nodes.append(
      Node(
        Split(axis: axis, count: count), inputs: [input], outputs: outputs,
        origin: Origin(index: 0, operatorName: "SPLIT")))
    return outputs
  }

  /// Layers of which most only move blocks of elements, over tensors that other layers read too.
  private mutating func movement(_ last: TensorID, _ seen: [TensorID]) throws -> TensorID {
    let dims = shape(last)
    let own = builder.graph[last].type
    let axis = dims[1] == 1 && dims[2] == 1 ? 3 : pick([1, 1, 1, 2])
    switch int(0...5) {
    case 0...2:
      // Tensors that were seen before, constants, and new ones, of which some are the same.
      var inputs: [TensorID] = []
      for _ in 0..<int(2...3) {
        let others = seen.filter { builder.graph[$0].type == own }
        let constant = builder.constant(
          own, (0..<own.shape.elementCount).map { _ in Int32(int(-128...127)) }, name: "constant")
        switch int(0...5) {
        case 0: inputs.append(pick(others))
        case 1: inputs.append(int(0...2) == 0 ? constant : last)
        default: inputs.append(try add(pick([Relu(), HardSwish()] as [any SourceOperator]), [pick(others)], own))
        }
      }
      let joined = try add(Concatenation(axis: axis), inputs, own)
      // Sizes must not explode.
      return builder.graph[joined].type.shape.elementCount > 1500 ? last : joined
    case 3, 4:
      guard let count = [2, 3].first(where: { dims[axis] % $0 == 0 }) else { return last }
      var part = own
      var partDims = dims
      partDims[axis] /= count
      part.shape = try Shape(partDims)
      let parts = split(last, axis: axis, count, part)
      switch int(0...2) {
      case 0: return try add(Add(activation: .none), [parts[0], parts[1]], part)
      case 1: return try add(Concatenation(axis: axis), [parts[1], try add(Relu(), [parts[0]], part)], own)
      default: return pick(parts)
      }
    default:
      var begin = [0, 0, 0, 0]
      var end = dims
      begin[axis] = int(0...dims[axis] - 1)
      end[axis] = int(begin[axis] + 1...dims[axis])
      let slice = try StridedSlice(
        of: own.shape, begin: begin, end: end, strides: [1, 1, 1, 1], beginMask: 0, endMask: 0, shrinkMask: 0)
      return try add(slice, [last], own)
    }
  }

  private mutating func pickType(_ id: TensorID) throws -> TensorType {
    int(0...1) == 0 ? builder.graph[id].type : try type(shape(id))
  }

  private mutating func constant(_ dims: [Int]) throws -> TensorID {
    let type = try type(dims)
    let values = (0..<type.shape.elementCount).map { _ in Int32(int(-128...127)) }
    return builder.constant(type, values, name: "constant")
  }

  private mutating func dense(_ input: TensorID) throws -> TensorID {
    let dims = shape(input)
    let depth = dims.dropFirst().reduce(1, *)
    let units = int(1...7)
    // TensorFlow's converter writes a reshape before a dense layer, but not always.
    let data = int(0...1) == 0 ? try add(Reshape(shape: [dims[0], depth]), [input], builder.graph[input].type) : input
    let (weights, bias) = try filters(
      [units, depth], outputs: units, channels: dims[dims.count - 1], channelAxis: 0
    ) { $0 / depth }
    return try add(FullyConnected(activation: pick([.none, .relu]), shape: [dims[0], units]), [data, weights, bias])
  }

  private mutating func convolution(_ input: TensorID, depthwise: Bool) throws -> TensorID {
    let dims = shape(input)
    let filter = Extent(pick([1, 1, 2, 3]), pick([1, 1, 2, 3]))
    let stride = Extent(int(1...2), int(1...2))
    let dilation = stride == Extent(1, 1) ? Extent(int(1...2), 1) : Extent(1, 1)
    let fits = (filter.height - 1) * dilation.height < dims[1] && filter.width <= dims[2]
    let padding: Padding = fits && int(0...1) == 0 ? .valid : .same
    let activation: Activation = pick([.none, .relu, .relu6])
    let outputs = depthwise ? dims[3] * pick([1, 1, 2]) : int(1...8)
    let shape =
      depthwise ? [1, filter.height, filter.width, outputs] : [outputs, filter.height, filter.width, dims[3]]
    let size = filter.height * filter.width * dims[3]
    let (weights, bias) = try filters(
      shape, outputs: outputs, channels: depthwise ? 0 : dims[3], channelAxis: depthwise ? 3 : 0
    ) {
      depthwise ? $0 % outputs : $0 / size
    }
    let op: any SourceOperator =
      depthwise
      ? DepthwiseConv2D(stride: stride, dilation: dilation, padding: padding, activation: activation)
      : Conv2D(stride: stride, dilation: dilation, padding: padding, activation: activation)
    return try add(op, [input, weights, bias])
  }

  /// Weights and a bias: some filters are zero, saturated, or copies of the filter before them; some input channels have
  /// zero weights.
  ///
  /// - Parameter channels: size of the last axis where it counts the input channels; 0 where it doesn't.
  private mutating func filters(
    _ dims: [Int], outputs: Int, channels: Int, channelAxis: Int, filterOf: (Int) -> Int
  ) throws -> (weights: TensorID, bias: TensorID) {
    let shape = try Shape(dims)
    let bound = pick([2, 40, 127])
    var values = (0..<shape.elementCount).map { _ in Int32(int(-bound...bound)) }
    if channels > 0 {
      let unused = (0..<channels).filter { _ in int(0...2) == 0 && isOdd() }
      for index in values.indices where unused.contains(index % channels) { values[index] = 0 }
    }
    var bias = (0..<outputs).map { _ in Int32(int(-900...900)) }
    var scales = (0..<outputs).map { _ in Float(pick([0.002, 0.01, 0.05])) }
    let isUniform = int(0...1) == 0
    for filter in 0..<outputs where isOdd() {
      let own = values.indices.filter { filterOf($0) == filter }
      switch int(0...3) {
      case 0: for index in own { values[index] = 0 }
      case 1: bias[filter] = pick([1 << 20, -1 << 20])
      default:
        guard filter > 0 else { continue }
        let other = values.indices.filter { filterOf($0) == filter - 1 }
        for (index, source) in zip(own, other) { values[index] = values[source] }
        bias[filter] = bias[filter - 1]
        scales[filter] = scales[filter - 1]
      }
    }
    let quantization = try Quantization(
      scales: isUniform ? [0.01] : scales, zeroPoints: [Int32](repeating: 0, count: isUniform ? 1 : outputs),
      axis: isUniform ? nil : channelAxis)
    return (
      builder.constant(TensorType(.int8, shape, quantization), values, name: "weights"),
      builder.constant(TensorType(.int32, try Shape([outputs])), bias, name: "bias")
    )
  }
}
