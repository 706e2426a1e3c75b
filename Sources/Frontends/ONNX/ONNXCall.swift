import IR
import Operators
import Support

/// One node of an ONNX file with its operands and attributes, on its way into the graph.
struct ONNXCall {
  let node: ONNXNode?
  /// Of the operators of the node's domain.
  let version: Int64
  let inputs: [ONNXValue?]
  let origin: Origin
  /// What the tensors of the graph are called that the node adds.
  let name: String
  /// The graph with what the node has added so far.
  private(set) var graph: Graph
  /// How many elements of constants may still be computed.
  var foldingBudget: Int
  /// Tensors with smaller numbers were there before.
  private let firstNew: Int
  private let firstNewNode: Int
  /// Inputs of the graph that got a scale, as they were before.
  private var retyped: [(id: TensorID, type: TensorType)] = []

  /// Adds operators to the graph and gives the values of the node's outputs.
  typealias Builder = @Sendable (inout ONNXCall) throws(Diagnostic) -> [ONNXValue]

  /// How each supported operator is built, by its name in the file, with its domain unless that is the standard one; a
  /// family of operators stands in a file of its own.
  static let builders: [String: Builder] = {
    var all: [String: Builder] = [:]
    for family in [
      weighted, transposed, matrices, pooling, generalPooling, resizing, elementwise, comparisons, functions, movement,
      slices, gathering, scattering, joining, borders, shapes, reductions, accumulation, normalizations, attention,
      signals, sampling, contrib, quantization, quantized, integerLayers, dynamicQuantization, machineLearning,
      recurrent,
    ] {
      all.merge(family) { first, _ in first }
    }
    return all
  }()

  init(
    node: ONNXNode, version: Int64, inputs: [ONNXValue?], origin: Origin, graph: Graph, foldingBudget: Int
  ) {
    self.node = node
    self.version = version
    self.inputs = inputs
    self.origin = origin
    self.graph = graph
    self.foldingBudget = foldingBudget
    name = node.outputs.first ?? node.name
    firstNew = graph.tensors.count
    firstNewNode = graph.nodes.count
  }

  /// A call that only brings the value of an output of the file into its own form.
  init(outputNamed name: String, _ value: ONNXValue, origin: Origin, graph: Graph, foldingBudget: Int) {
    node = nil
    version = 0
    inputs = [value]
    self.origin = origin
    self.graph = graph
    self.name = name
    self.foldingBudget = foldingBudget
    firstNew = graph.tensors.count
    firstNewNode = graph.nodes.count
  }

  /// Leaves the graph as it was before the call.
  mutating func rollBack() {
    for (id, type) in retyped.reversed() { graph[id].type = type }
    graph.removeNewest(keepingTensors: firstNew, nodes: firstNewNode)
  }

  /// Tells the user something about how the node was taken.
  mutating func note(_ text: String) {
    if !graph.notes.contains(text) { graph.notes.append(text) }
  }

  /// Keeps what the file knows of the values of a tensor.
  mutating func record(_ statistics: ChannelStatistics) { graph.statistics.append(statistics) }

  func failure(_ id: String, _ message: String) -> Diagnostic { Diagnostic("onnx.\(id)", message) }

  // MARK: Operands

  func has(_ input: Int) -> Bool { input < inputs.count && inputs[input] != nil }

  func value(_ input: Int) throws(Diagnostic) -> ONNXValue {
    guard input < inputs.count, let value = inputs[input] else {
      throw failure("inputs", "the input \(input) is missing")
    }
    return value
  }

  func element(_ input: Int) throws(Diagnostic) -> ONNXElement {
    switch try value(input) {
    case .constant(let constant): constant.element
    case .tensor(_, let element): element
    case .unknown: throw failure("inputs", "the input \(input) is not known")
    }
  }

  func shape(_ input: Int) throws(Diagnostic) -> Shape {
    switch try value(input) {
    case .constant(let constant): constant.shape
    case .tensor(let id, _): graph[id].type.shape
    case .unknown: throw failure("inputs", "the input \(input) is not known")
    }
  }

  /// The value of an input that is known; nil when it is computed at run time.
  func known(_ input: Int) throws(Diagnostic) -> ONNXConstant? {
    switch try value(input) {
    case .constant(let constant): return constant
    case .unknown: return nil
    case .tensor(let id, let element):
      guard let tensor = try graph.operand(id).constant else { return nil }
      switch tensor.elements {
      case .floats(let values): return ONNXConstant(element, tensor.type.shape, .floats(values))
      case .wide(let values): return ONNXConstant(element, tensor.type.shape, .ints(values))
      case .ints(let values):
        let shift: Int64 = element == .uint8 && tensor.type.element == .int8 ? 128 : 0
        return ONNXConstant(element, tensor.type.shape, .ints(values.map { Int64($0) + shift }))
      }
    }
  }

  /// The value of an input that must be known while the file is imported.
  func constant(_ input: Int, _ role: String) throws(Diagnostic) -> ONNXConstant {
    guard let constant = try known(input) else { throw failure("constant", "\(role) must be constant") }
    return constant
  }

  func constantInts(_ input: Int, _ role: String) throws(Diagnostic) -> [Int] {
    try constant(input, role).ints(role).map { Int($0) }
  }

  /// All inputs, when all of them are known.
  func allKnown() throws(Diagnostic) -> [ONNXConstant]? {
    var constants: [ONNXConstant] = []
    for position in inputs.indices where inputs[position] != nil {
      guard let constant = try known(position) else { return nil }
      constants.append(constant)
    }
    return constants
  }

  // MARK: Attributes

  func hasAttribute(_ name: String) -> Bool { node?.attributes[name] != nil }

  func int(_ name: String, default value: Int64) throws(Diagnostic) -> Int {
    Int(try node?.attributes[name]?.message.integer(3, name, default: 0) ?? value)
  }

  func ints(_ name: String) throws(Diagnostic) -> [Int]? {
    try node?.attributes[name]?.message.integers(8, name).map { Int($0) }
  }

  func float(_ name: String, default value: Float) throws(Diagnostic) -> Float {
    try node?.attributes[name]?.message.float(2, name) ?? value
  }

  func floats(_ name: String) throws(Diagnostic) -> [Float]? { try node?.attributes[name]?.message.floats(7, name) }

  func string(_ name: String, default value: String) throws(Diagnostic) -> String {
    try node?.attributes[name]?.message.string(4, name) ?? value
  }

  func tensor(_ name: String) throws(Diagnostic) -> ONNXConstant? {
    guard let message = try node?.attributes[name]?.message.message(5, name) else { return nil }
    return try ONNXTensorReader.read(message)
  }

  /// The list that is an attribute in older versions and the input `input` in newer ones; nil when it is left out.
  func list(_ name: String, orInput input: Int) throws(Diagnostic) -> [Int]? {
    if let values = try ints(name) { return values }
    return has(input) ? try constantInts(input, "`\(name)`") : nil
  }

  // MARK: Tensors

  /// Adds an operator with one output, whose shape follows from the inputs. When all inputs are constant, so is the output.
  mutating func emit(
    _ op: any SourceOperator, _ inputs: [TensorID], _ element: ElementType, _ quantization: Quantization? = nil
  ) throws(Diagnostic) -> TensorID {
    try emitAll(op, inputs, element, quantization)[0]
  }

  mutating func emitAll(
    _ op: any SourceOperator, _ inputs: [TensorID], _ element: ElementType, _ quantization: Quantization? = nil
  ) throws(Diagnostic) -> [TensorID] {
    try emitAll(op, inputs) { _, shape in TensorType(element, shape, quantization) }
  }

  /// - Parameter type: of an output, by its position and shape.
  mutating func emitAll(
    _ op: any SourceOperator, _ inputs: [TensorID], type: (Int, Shape) -> TensorType
  ) throws(Diagnostic) -> [TensorID] {
    var operands: [Operand] = []
    for id in inputs { operands.append(try graph.operand(id)) }
    for operand in operands where operand.type.shape.elementCount == 0 {
      throw failure("empty", "an input of the shape \(operand.type.shape) is empty")
    }
    let types = try op.outputShapes(operands).enumerated().map { type($0, $1) }
    guard !types.isEmpty else { throw failure("outputs", "the node has no output") }
    try op.checkTypes(operands, types)
    let values = operands.compactMap(\.constant)
    let size = types.reduce(0) { $0 + $1.shape.elementCount }
    if values.count == operands.count, !values.isEmpty, size <= foldingBudget,
      op.multiplyAccumulates(operands, types) <= 1 << 24
    {
      foldingBudget -= size
      let results = try op.evaluate(values, as: types)
      return results.map { graph.add(constant: $0, name: name) }
    }
    let outputs = types.map { graph.add(TensorInfo(name: name, type: $0)) }
    graph.nodes.append(Node(op, inputs: inputs, outputs: outputs, origin: origin))
    return outputs
  }

  /// Adds an operator that keeps element type and quantization of its first input.
  mutating func move(_ op: any SourceOperator, _ input: TensorID) throws(Diagnostic) -> TensorID {
    let type = graph[input].type
    return try emit(op, [input], type.element, type.quantization)
  }

  mutating func add(_ constant: ONNXConstant, _ suffix: String) throws(Diagnostic) -> TensorID {
    graph.add(constant: try constant.tensor(), name: "\(name):\(suffix)")
  }

  mutating func add(_ constant: Tensor, _ suffix: String) -> TensorID {
    graph.add(constant: constant, name: "\(name):\(suffix)")
  }

  /// A constant of the shape [] that holds one float.
  mutating func add(scalar: Float, _ suffix: String) throws(Diagnostic) -> TensorID {
    add(Tensor(TensorType(.float32, try Shape([])), floats: [scalar]), suffix)
  }

  /// The weights or the bias of a layer as floats; those that a DequantizeLinear gives stay integers with a node that
  /// makes floats of them, so that the layer can become one of integers.
  mutating func parameter(_ constant: ONNXConstant, _ suffix: String) throws(Diagnostic) -> TensorID {
    guard let quantized = constant.quantized else { return try add(constant, suffix) }
    let integers = add(try quantized.tensor(constant.shape), suffix)
    let output = graph.add(
      TensorInfo(name: "\(name):\(suffix)", type: TensorType(.float32, constant.shape)))
    graph.nodes.append(Node(Dequantize(), inputs: [integers], outputs: [output], origin: origin))
    return output
  }

  /// The tensor of an input as it stands in the graph, where uint8 may be shifted; a constant is added to the graph.
  mutating func data(_ input: Int) throws(Diagnostic) -> TensorID {
    switch try value(input) {
    case .tensor(let id, _): return id
    case .constant(let constant): return try add(constant, "input\(input)")
    case .unknown: throw failure("inputs", "the input \(input) is not known")
    }
  }

  /// The tensor of an input in the type of the file.
  mutating func plain(_ input: Int) throws(Diagnostic) -> TensorID {
    let id = try data(input)
    let type = graph[id].type
    guard try element(input) == .uint8, type.element == .int8 else { return id }
    let quantization = try type.quantization.map { (own) throws(Diagnostic) in
      try Quantization(scales: own.scales, zeroPoints: own.zeroPoints.map { $0 + 128 }, axis: own.axis)
    }
    return try emit(Quantize(), [id], .uint8, quantization)
  }

  /// The tensor of an input that must be float.
  mutating func float(_ input: Int) throws(Diagnostic) -> TensorID {
    guard try element(input).isFloat else {
      throw failure("type", "the input \(input) is \(try element(input)), but only floats are supported")
    }
    return try data(input)
  }

  /// Gives a value that the node added the name that it has in the file.
  mutating func rename(_ value: ONNXValue, to name: String) {
    guard case .tensor(let id, _) = value, !name.isEmpty, id.index >= firstNew else { return }
    let info = graph[id]
    graph[id] = TensorInfo(name: name, type: info.type, constant: info.constant)
  }

  /// `id` with the quantization that the file says where the tensor is read.
  mutating func tagged(_ id: TensorID, _ quantization: Quantization) throws(Diagnostic) -> TensorID {
    if graph[id].type.quantization == quantization { return id }
    if graph.inputs.contains(id), !graph.nodes.contains(where: { $0.inputs.contains(id) }) {
      retyped.append((id, graph[id].type))
      graph[id].type.quantization = quantization
      return id
    }
    return try emit(Reshape(shape: graph[id].type.shape.dims), [id], graph[id].type.element, quantization)
  }
}
