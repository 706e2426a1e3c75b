import Compiler
import IR
import Operators
import Support

/// Builds networks with random weights, layer by layer; each layer reads the one before it unless told otherwise.
struct NetworkBuilder {
  private var graph: Graph
  private var random: SplitMix64
  /// Share of the weights that are not zero.
  var density = 1.0
  /// Signed weights have so many bits.
  var weightBits = 8
  /// Weights are distributed like a bell, and the smallest ones are those that are zero, as in pruned networks.
  var isBellShaped = false
  private let element: ElementType
  /// The output of the newest layer.
  private(set) var last: TensorID

  /// A network that reads a tensor of the shape `input`; its activations are int8, int16 or uint8.
  init(_ name: String, input: [Int], seed: UInt64, element: ElementType = .int8) throws(Diagnostic) {
    graph = Graph(file: name)
    random = SplitMix64(seed: seed)
    self.element = element
    last = graph.add(TensorInfo(name: "input", type: try Self.type(element, input)))
    graph.inputs = [last]
  }

  /// The network with the newest layer as its output.
  func network() throws(Diagnostic) -> Graph {
    var network = graph
    network.outputs = [last]
    try network.verify()
    return network
  }

  /// The next layer reads `tensor`.
  mutating func select(_ tensor: TensorID) { last = tensor }

  private static func type(
    _ element: ElementType, _ dims: [Int], scale: Float = 0.05, zeroPoint: Int32 = -5
  ) throws(Diagnostic) -> TensorType {
    let quantization =
      element == .int16
      ? try Quantization.perTensor(scale: scale / 256, zeroPoint: 0)
      : try Quantization.perTensor(scale: scale, zeroPoint: element == .uint8 ? zeroPoint + 128 : zeroPoint)
    return TensorType(element, try Shape(dims), quantization)
  }

  private var shape: Shape { graph[last].type.shape }

  /// The type of the newest layer's output.
  var type: TensorType { graph[last].type }

  /// Adds a layer with states, which begin at 0.
  ///
  /// - Parameter inputs: what it reads, from the tensor before it and its states.
  mutating func add(
    _ op: any Operator, inputs: (TensorID, [TensorID]) -> [TensorID], states: [TensorType]
  ) throws(Diagnostic) {
    let current = states.map { graph.add(TensorInfo(name: "state\(graph.tensors.count)", type: $0)) }
    let ids = inputs(last, current)
    var operands: [Operand] = []
    for id in ids { operands.append(try graph.operand(id)) }
    let dims = try op.outputShapes(operands)[0].dims
    let output = graph.add(
      TensorInfo(name: "layer\(graph.nodes.count)", type: try Self.type(element, dims, scale: 1 / 128, zeroPoint: 0)))
    var outputs = [output]
    for (id, type) in zip(current, states) {
      let next = graph.add(TensorInfo(name: "next\(graph.tensors.count)", type: type))
      outputs.append(next)
      graph.states.append(
        State(current: id, next: next, initial: [UInt8](repeating: 0, count: type.byteCount)))
    }
    graph.nodes.append(
      Node(
        op, inputs: ids, outputs: outputs,
        origin: Origin(index: graph.nodes.count, operatorName: Swift.type(of: op).mnemonic)))
    last = output
  }

  mutating func constant(_ type: TensorType, _ range: ClosedRange<Int32>) -> TensorID {
    let values = (0..<type.shape.elementCount).map { _ in Int32.random(in: range, using: &random) }
    return graph.add(constant: Tensor(type, ints: values), name: "constant\(graph.tensors.count)")
  }

  /// Adds a node; the first output is quantized like every other tensor, but for the operators that fix their scales. Others
  /// hold indices.
  ///
  /// - Parameters:
  ///   - element: type of the output's plain elements, where it is not the usual one.
  ///   - plain: the same; of int16, elements from −1 to 1.
  mutating func add(
    _ op: any Operator, _ inputs: [TensorID]? = nil, element: ElementType? = nil, as plain: ElementType = .int8
  ) throws(Diagnostic) {
    let ids = inputs ?? [last]
    var operands: [Operand] = []
    for id in ids { operands.append(try graph.operand(id)) }
    let shapes = try op.outputShapes(operands)
    let shape = shapes[0]
    let type =
      switch op {
      case _ where element != nil: TensorType(element ?? .int8, shape)
      case _ where plain == .int16: TensorType(.int16, shape, try .perTensor(scale: 1 / 32768, zeroPoint: 0))
      case _ where plain != .int8: TensorType(plain, shape)
      case is LogSoftmax: try Self.type(self.element, shape.dims, scale: 1 / 16, zeroPoint: 127)
      case is Softmax, is Logistic: try Self.type(self.element, shape.dims, scale: 1 / 256, zeroPoint: -128)
      case is Tanh: try Self.type(self.element, shape.dims, scale: 1 / 128, zeroPoint: 0)
      case is ArgMax: TensorType(.int32, shape)
      case is AveragePool2D, is MaxPool2D, is Transpose, is Pad, is Concatenation, is Reshape, is Reduce,
        is ResizeBilinear, is TopK:
        TensorType(graph[ids[0]].type.element, shape, graph[ids[0]].type.quantization)
      default:
        try Self.type(
          self.element, shape.dims, scale: Float.random(in: 0.03...0.08, using: &random),
          zeroPoint: Int32.random(in: -100...20, using: &random))
      }
    let output = graph.add(TensorInfo(name: "layer\(graph.nodes.count)", type: type))
    let indices = shapes.dropFirst().map {
      graph.add(TensorInfo(name: "indices\(graph.nodes.count)", type: TensorType(.int32, $0)))
    }
    graph.nodes.append(
      Node(
        op, inputs: ids, outputs: [output] + indices,
        origin: Origin(index: graph.nodes.count, operatorName: Swift.type(of: op).mnemonic)))
    last = output
  }

  /// A constant of random values.
  mutating func table(_ dims: [Int]) throws(Diagnostic) -> TensorID { constant(try Self.type(.int8, dims), -128...127) }

  /// Weights up to the largest number of their bits; from layer to layer more or fewer of them are small, as in trained
  /// networks.
  private mutating func spreadWeights(_ type: TensorType) -> TensorID {
    if isBellShaped { return bellWeights(type) }
    let power = graph.nodes.count % 4
    let largest = Double(1 << (weightBits - 1)) - 1
    let values = (0..<type.shape.elementCount).map { _ -> Int32 in
      if density < 1, Double.random(in: 0..<1, using: &random) >= density { return 0 }
      var value = Double.random(in: -1...1, using: &random)
      for _ in 0..<power { value *= Double.random(in: 0...1, using: &random) }
      return Int32((value * largest).rounded())
    }
    return graph.add(constant: Tensor(type, ints: values), name: "weights\(graph.tensors.count)")
  }

  private mutating func bellWeights(_ type: TensorType) -> TensorID {
    let count = type.shape.elementCount
    let largest = Double(1 << (weightBits - 1) - 1)
    let values = (0..<count).map { _ in
      (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -0.25...0.25, using: &random) }
    }
    let pruned = Int((Double(count) * (1 - density)).rounded())
    let threshold = pruned > 0 ? values.map(abs).sorted()[min(pruned, count) - 1] : -1
    let weights = values.map { abs($0) <= threshold ? 0 : Int32(($0 * largest).rounded()) }
    return graph.add(constant: Tensor(type, ints: weights), name: "weights\(graph.tensors.count)")
  }

  private mutating func weights(_ dims: [Int], channels: Int, axis: Int?) throws(Diagnostic) -> [TensorID] {
    let taps = Float(try Shape(dims).elementCount / channels)
    // Sums of random products then spread over the output's range, whatever the weights' bits and density: outputs that never
    // change would be removed, and with them what is to be measured.
    var scales: [Float] = []
    let unit = 127 / Float(1 << (weightBits - 1) - 1) / Float(density).squareRoot()
    for _ in 0..<(axis == nil ? 1 : channels) {
      scales.append(Float.random(in: 0.01...0.03, using: &random) * unit / taps.squareRoot())
    }
    let type = TensorType(
      weightBits > 8 ? .int16 : .int8, try Shape(dims),
      try Quantization(scales: scales, zeroPoints: scales.map { _ in 0 }, axis: axis ?? 0))
    return [
      spreadWeights(type),
      constant(TensorType(element == .int16 ? .int64 : .int32, try Shape([channels])), -2000...2000),
    ]
  }

  mutating func dense(_ units: Int) throws(Diagnostic) {
    let depth = shape.dims.last ?? 1
    let parameters = try weights([units, depth], channels: units, axis: nil)
    try add(FullyConnected(activation: .relu, shape: [shape.elementCount / depth, units]), [last] + parameters)
  }

  mutating func convolution(
    _ filters: Int, _ filter: Extent, stride: Int = 1, dilation: Int = 1, padding: Padding = .same, groups: Int = 1
  ) throws(Diagnostic) {
    let parameters = try weights([filters, filter.height, filter.width, shape[3] / groups], channels: filters, axis: 0)
    try add(
      Conv2D(
        stride: Extent(stride, stride), dilation: Extent(dilation, dilation), padding: padding, activation: .relu),
      [last] + parameters)
  }

  mutating func depthwise(
    _ filter: Extent, stride: Int = 1, dilation: Int = 1, multiplier: Int = 1, padding: Padding = .same
  ) throws(Diagnostic) {
    let channels = shape[3] * multiplier
    let parameters = try weights([1, filter.height, filter.width, channels], channels: channels, axis: 3)
    try add(
      DepthwiseConv2D(
        stride: Extent(stride, stride), dilation: Extent(dilation, dilation), padding: padding, activation: .relu),
      [last] + parameters)
  }

  /// The product of the newest layer with itself.
  mutating func product(adjointX: Bool, adjointY: Bool) throws(Diagnostic) {
    try add(BatchMatMul(adjointX: adjointX, adjointY: adjointY), [last, last])
  }

  mutating func averagePool(_ filter: Extent, stride: Int, padding: Padding = .valid) throws(Diagnostic) {
    try add(
      AveragePool2D(filter: filter, stride: Extent(stride, stride), padding: padding, activation: .none))
  }

  mutating func maxPool(_ filter: Extent, stride: Int, padding: Padding = .valid) throws(Diagnostic) {
    try add(MaxPool2D(filter: filter, stride: Extent(stride, stride), padding: padding, activation: .none))
  }
}
