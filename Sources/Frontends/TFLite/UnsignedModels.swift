import IR
import Operators
import Support

/// Networks of uint8 tensors, as older converters write them, become networks of int8 tensors with the same values.
///
/// Every uint8 value and its zero point are lowered by 128, at the boundary by QUANTIZE with one scale on both sides. The
/// reference's kernels for uint8 subtract zero points first, like those for int8, so their sums and results are equal. Two
/// things differ: their weights have zero points, which are subtracted here, and averages are rounded upwards, so that
/// AVERAGE_POOL_2D stays uint8. Weights beyond int8 are split into summands for copies of the input.
///
/// Sources: `tensorflow/lite/kernels/internal/reference/{conv,depthwiseconv_uint8,fully_connected,pooling,add,mul,softmax}.h`.
struct UnsignedModels {
  private var graph: Graph
  private var nodes: [Node] = []

  /// The same network without uint8 tensors between operators that compute; unchanged when there are none, and when something
  /// is in the way.
  static func signed(_ graph: Graph, _ obstacles: inout Obstacles) throws(Diagnostic) -> Graph {
    guard graph.nodes.contains(where: { isComputing($0, graph) }) else { return graph }
    var models = UnsignedModels(graph: graph)
    let before = obstacles.found.count
    try models.run(&obstacles)
    return obstacles.found.count == before ? models.graph : graph
  }

  private init(graph: Graph) { self.graph = graph }

  private static func isUnsigned(_ id: TensorID, _ graph: Graph) -> Bool {
    graph[id].type.element == .uint8 && graph[id].type.quantization != nil
  }

  /// An operator on uint8 that does more than move values or change their scale.
  private static func isComputing(_ node: Node, _ graph: Graph) -> Bool {
    (node.inputs + node.outputs).contains { isUnsigned($0, graph) } && !moving.contains(node.op.mnemonic)
      && !(node.op is Quantize) && !(node.op is Dequantize) && !(node.op is Pad)
  }

  /// Operators that only move values.
  private static let moving: Set<String> = [
    "concatenation", "depth_to_space", "gather", "pack", "reshape", "resize_nearest_neighbor", "slice",
    "space_to_depth",
    "split", "split_v", "strided_slice", "tile", "transpose", "unpack",
  ]
  /// Operators whose results for int8 and uint8 are equal but for the shift by 128.
  private static let equal: Set<String> = [
    "add", "arg_max", "max_pool_2d", "mul", "relu", "relu6", "softmax", "sub",
  ]

  private mutating func run(_ obstacles: inout Obstacles) throws(Diagnostic) {
    let original = graph
    var replaced: [TensorID: TensorID] = [:]
    var boundary: [Node] = []
    func isUnsigned(_ id: TensorID) -> Bool { Self.isUnsigned(id, original) }
    for id in Set(original.inputs + original.outputs).sorted() where isUnsigned(id) && graph[id].constant == nil {
      let copy = graph.add(TensorInfo(name: graph[id].name, type: try Self.signed(graph[id].type)))
      replaced[id] = copy
      let (source, target) = original.inputs.contains(id) ? (id, copy) : (copy, id)
      let origin = Origin(index: 0, operatorName: "uint8 at the boundary")
      let node = Node(Quantize(), inputs: [source], outputs: [target], origin: origin)
      if source == id { nodes.append(node) } else { boundary.append(node) }
    }
    for index in original.tensors.indices {
      let id = TensorID(index)
      guard isUnsigned(id), replaced[id] == nil, !original.outputs.contains(id) else { continue }
      graph[id].type = try Self.signed(graph[id].type)
      graph[id].constant = graph[id].constant.map { bytes in bytes.map { $0 ^ 0x80 } }
    }
    for var node in original.nodes {
      let touches = (node.inputs + node.outputs).contains(where: isUnsigned)
      node.inputs = node.inputs.map { replaced[$0] ?? $0 }
      node.outputs = node.outputs.map { replaced[$0] ?? $0 }
      do throws(Diagnostic) {
        if touches { try add(node) } else { nodes.append(node) }
      } catch {
        try obstacles.add(error, at: graph.location(node))
      }
    }
    graph.nodes = nodes + boundary
  }

  /// The type of the same values minus 128.
  private static func signed(_ type: TensorType) throws(Diagnostic) -> TensorType {
    guard let own = type.quantization else { return type }
    return TensorType(
      .int8, type.shape,
      try Quantization(scales: own.scales, zeroPoints: own.zeroPoints.map { $0 &- 128 }, axis: own.axis))
  }

  /// Adds a node whose tensors are int8 now.
  private mutating func add(_ node: Node) throws(Diagnostic) {
    switch node.op {
    case let pad as Pad:
      var own = node
      own.op = Pad(before: pad.before, after: pad.after, value: pad.value - 128)
      nodes.append(own)
    case is AveragePool2D: try addUnsigned(node)
    case let conv as Conv2D: try addSummands(node, conv.options, isDepthwise: false)
    case let conv as DepthwiseConv2D: try addSummands(node, conv.options, isDepthwise: true)
    case is Quantize, is Dequantize, is FullyConnected: nodes.append(node)
    case let op where Self.moving.contains(op.mnemonic) || Self.equal.contains(op.mnemonic): nodes.append(node)
    default:
      throw Diagnostic(
        "uint8.operator", "\(node.op.mnemonic) of uint8 tensors is not supported",
        notes: ["convert the model with int8 quantization"])
    }
  }

  /// Adds a node between conversions to uint8 and back.
  private mutating func addUnsigned(_ node: Node) throws(Diagnostic) {
    var own = node
    func unsigned(_ id: TensorID) throws(Diagnostic) -> TensorID {
      let type = graph[id].type
      let (scale, zeroPoint) = try type.affine("the operand")
      let info = TensorType(.uint8, type.shape, try .perTensor(scale: scale, zeroPoint: zeroPoint + 128))
      return graph.add(TensorInfo(name: graph[id].name, type: info))
    }
    guard let input = node.inputs.first else { throw Diagnostic("uint8.input", "has no input") }
    own.inputs = [try unsigned(input)]
    own.outputs = [try unsigned(node.outputs[0])]
    nodes.append(Node(Quantize(), inputs: [input], outputs: own.inputs, origin: node.origin))
    nodes.append(own)
    nodes.append(Node(Quantize(), inputs: own.outputs, outputs: [node.outputs[0]], origin: node.origin))
  }

  // MARK: weights with zero points

  /// Adds a convolution without the zero point of its weights.
  private mutating func addSummands(
    _ node: Node, _ options: ConvolutionOptions, isDepthwise: Bool
  ) throws(Diagnostic) {
    guard node.inputs.count > 1 else { throw Diagnostic("uint8.weights", "has no weights") }
    let weights = try graph.operand(node.inputs[1])
    guard weights.type.element == .int8 else { throw Diagnostic("uint8.weights", "the weights are not uint8") }
    let (scale, zeroPoint) = try weights.type.affine("the weights")
    let values = try weights.constantInts("the weights").map { $0 - zeroPoint }
    var own = node
    let summands = Self.summands(values)
    let image = graph[node.inputs[0]].type
    guard image.shape.rank == 4, weights.type.shape.rank == 4 else {
      throw Diagnostic("uint8.shape", "image and weights must have 4 dimensions")
    }
    if summands.count > 1 {
      if isDepthwise {
        try addRepeatedColumns(&own, options, image, weights.type.shape, summands.count)
      } else {
        guard image.shape[3] == weights.type.shape[3] else {
          throw Diagnostic("uint8.groups", "groups with weights beyond int8 are not supported")
        }
        own.inputs[0] = try repeated(own.inputs[0], image, axis: 3, summands.count, node.origin)
      }
    }
    // The summands of a weight follow each other along the axis of the copies.
    var dims = weights.type.shape.dims
    let axis = isDepthwise ? 2 : 3
    let run = weights.type.shape.strides[axis] * (isDepthwise ? 1 : dims[3])
    dims[axis] *= summands.count
    let joined = stride(from: 0, to: values.count, by: max(1, run)).flatMap { start in
      summands.flatMap { $0[start..<min(start + run, values.count)] }
    }
    let type = TensorType(.int8, try Shape(dims), try .perTensor(scale: scale, zeroPoint: 0))
    own.inputs[1] = graph.add(constant: Tensor(type, ints: joined), name: graph[node.inputs[1]].name)
    nodes.append(own)
  }

  /// Values that are int8 and whose sum are `values`, from −255 to 255.
  private static func summands(_ values: [Int32]) -> [[Int32]] {
    var (rest, summands): ([Int32], [[Int32]]) = (values, [])
    repeat {
      let part = rest.map { min(max($0, -128), 127) }
      summands.append(part)
      rest = zip(rest, part).map { $0 - $1 }
    } while rest.contains { $0 != 0 }
    return summands
  }

  /// `count` copies of `id` along `axis`.
  private mutating func repeated(
    _ id: TensorID, _ type: TensorType, axis: Int, _ count: Int, _ origin: Origin
  ) throws(Diagnostic) -> TensorID {
    var dims = type.shape.dims
    dims[axis] *= count
    let copies = graph.add(
      TensorInfo(name: graph[id].name, type: TensorType(type.element, try Shape(dims), type.quantization)))
    nodes.append(
      Node(
        Concatenation(axis: axis), inputs: [TensorID](repeating: id, count: count), outputs: [copies], origin: origin))
    return copies
  }

  /// Lets a depthwise convolution read every column `count` times, one after the other: filter and stride grow likewise. The
  /// padding becomes a border of its own, since half of it is not always rounded in the same way.
  private mutating func addRepeatedColumns(
    _ node: inout Node, _ options: ConvolutionOptions, _ image: TensorType, _ weights: Shape, _ count: Int
  ) throws(Diagnostic) {
    guard options.dilation == Extent(1, 1) else {
      throw Diagnostic("uint8.dilation", "dilation with weights beyond int8 is not supported")
    }
    let size = Extent(image.shape[1], image.shape[2])
    let filter = Extent(weights[1], weights[2])
    let (output, before) = try Window(filter: filter, stride: options.stride, dilation: options.dilation)
      .positions(options.padding, over: size)
    func after(_ size: Int, _ filter: Int, _ stride: Int, _ count: Int, _ before: Int) -> Int {
      max(0, (count - 1) * stride + filter - size - before)
    }
    let padding = Extent(
      after(size.height, filter.height, options.stride.height, output.height, before.height),
      after(size.width, filter.width, options.stride.width, output.width, before.width))
    let zeroPoint = try image.affine("the input").zeroPoint
    func step(_ op: any SourceOperator, _ dims: [Int]) throws(Diagnostic) {
      let type = TensorType(image.element, try Shape(dims), image.quantization)
      let id = graph.add(TensorInfo(name: graph[node.inputs[0]].name, type: type))
      nodes.append(Node(op, inputs: [node.inputs[0]], outputs: [id], origin: node.origin))
      node.inputs[0] = id
    }
    var dims = image.shape.dims
    dims[1] += before.height + padding.height
    dims[2] += before.width + padding.width
    try step(
      Pad(
        before: [0, before.height, before.width, 0], after: [0, padding.height, padding.width, 0],
        value: Int(zeroPoint)), dims)
    let apart = [dims[0] * dims[1] * dims[2], 1, dims[3]]
    try step(Reshape(shape: apart), apart)
    node.inputs[0] = try repeated(node.inputs[0], graph[node.inputs[0]].type, axis: 1, count, node.origin)
    dims[2] *= count
    try step(Reshape(shape: dims), dims)
    node.op = DepthwiseConv2D(
      stride: Extent(options.stride.height, options.stride.width * count), dilation: options.dilation, padding: .valid,
      activation: options.activation)
  }
}
