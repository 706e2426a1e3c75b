import IR
import Operators
import Support

/// A value of an ONNX file on its way into the graph.
enum ONNXValue: Sendable {
  /// Known while the file is imported; stands in the graph only when an operator reads it there.
  case constant(ONNXConstant)
  /// A tensor of the graph and its element type in the file. One of uint8 may stand in the graph as int8, with 128 taken
  /// off each value.
  case tensor(TensorID, ONNXElement)
  /// What a node gives that is not supported.
  case unknown

  var isUnknown: Bool { if case .unknown = self { true } else { false } }
}

/// Builds the graph from the nodes of an ONNX graph.
///
/// Nodes that are not supported don't stop the import: they are collected, so that one message names them all.
struct ONNXImporter {
  /// Functions may call each other this deep.
  static let maximumDepth = 16
  /// Operators with inner graphs.
  static let controlFlow: Set<String> = ["If", "Loop", "Scan"]

  private(set) var graph: Graph
  private let versions: [String: Int64]
  private let functions: [String: ONNXFunction]
  private(set) var obstacles = Obstacles()
  private(set) var missing: [MissingOperator] = []
  private var nodeCount = 0
  /// How much constants that are computed from others may still hold.
  private var foldingBudget = Graph.maximumConstantElements

  init(file: String, versions: [String: Int64], functions: [String: ONNXFunction]) {
    graph = Graph(file: file)
    self.versions = versions
    self.functions = functions
  }

  mutating func addGraph(_ message: ProtobufMessage) throws(Diagnostic) {
    guard !message.has(15) else { throw message.failure("sparse", "sparse initializers are not supported") }
    var values: [String: ONNXValue] = [:]
    for initializer in try message.messages(5, "initializer") {
      let name = try initializer.string(8, "name of \(initializer.name)")
      do throws(Diagnostic) {
        values[name] = .constant(try ONNXTensorReader.read(initializer))
      } catch {
        try obstacles.add(error, at: .node(file: graph.file, name: "initializer `\(name)`"))
        values[name] = .unknown
      }
    }
    for input in try message.messages(11, "input") {
      let name = try input.string(1, "name of \(input.name)")
      if values[name] != nil { continue }
      do throws(Diagnostic) {
        let (element, type) = try ONNXTypeReader.read(input, name: name)
        let id = graph.add(TensorInfo(name: name, type: type))
        graph.inputs.append(id)
        values[name] = .tensor(id, element)
      } catch {
        try obstacles.add(error)
        values[name] = .unknown
      }
    }
    var nodes: [ONNXNode] = []
    for node in try message.messages(1, "node") { nodes.append(try ONNXNode(node)) }
    let outputs = try message.messages(12, "output")
    var results: Set<String> = []
    for output in outputs { results.insert(try output.string(1, "name of \(output.name)")) }
    try add(ONNXDynamicLayers.recognized(nodes, results: results), &values, versions, depth: 0)
    try addOutputs(message, values)
    // Numbers of nodes among those that are missing hold only for all of them.
    if obstacles.isEmpty { graph.removeUnreadNodes() }
  }

  private mutating func addOutputs(_ message: ProtobufMessage, _ values: [String: ONNXValue]) throws(Diagnostic) {
    for (position, output) in try message.messages(12, "output").enumerated() {
      let name = try output.string(1, "name of \(output.name)")
      let place = Diagnostic.Location.node(file: graph.file, name: "output \(position) `\(name)`")
      guard let value = values[name] else {
        throw Diagnostic("onnx.output", at: place, "no node writes this value")
      }
      if case .unknown = value { continue }
      do throws(Diagnostic) {
        let origin = Origin(index: nodeCount, operatorName: "output `\(name)`")
        let call = ONNXCall(
          outputNamed: name, value, origin: origin, graph: graph, foldingBudget: foldingBudget)
        let id = try complete(call) { (call) throws(Diagnostic) in try call.plain(0) }
        // What the file calls an output may be another name of a tensor.
        if !graph.inputs.contains(id), !graph.outputs.contains(id) {
          graph[id] = TensorInfo(name: name, type: graph[id].type, constant: graph[id].constant)
        }
        graph.outputs.append(id)
      } catch {
        try obstacles.add(error, at: place)
      }
    }
  }

  /// Takes `count` from what may still be computed or copied while the file is imported.
  mutating func spend(_ count: Int) throws(Diagnostic) {
    guard count <= foldingBudget else { throw Diagnostic("onnx.size", "its loops are too long to be unrolled") }
    foldingBudget -= count
  }

  // MARK: Nodes

  mutating func add(
    _ nodes: [ONNXNode], _ values: inout [String: ONNXValue], _ versions: [String: Int64], depth: Int
  ) throws(Diagnostic) {
    for node in nodes {
      nodeCount += 1
      guard nodeCount <= Graph.maximumNodes else {
        throw Diagnostic("onnx.size", at: .file(graph.file), "has more than \(Graph.maximumNodes) nodes")
      }
      let place = Diagnostic.Location.node(
        file: graph.file,
        name: "node \(nodeCount - 1) (\(node.fullName)) `\(node.name.isEmpty ? node.outputs.first ?? "" : node.name)`")
      do throws(Diagnostic) {
        let inputs = try operands(node, values)
        let results = try results(node, inputs, values, versions, depth)
        for (name, value) in zip(node.outputs, results) where !name.isEmpty { values[name] = value }
        if results.contains(where: \.isUnknown) { leaveOut(node, place) }
        for name in node.outputs where !name.isEmpty && values[name] == nil { values[name] = .unknown }
      } catch {
        try obstacles.add(error, at: place)
        leaveOut(node, place)
        for name in node.outputs { values[name] = .unknown }
      }
    }
  }

  /// Remembers a node that is not in the graph; those of functions stand for themselves.
  private mutating func leaveOut(_ node: ONNXNode, _ place: Diagnostic.Location) {
    guard functions["\(node.domain).\(node.operation)"] == nil else { return }
    missing.append(
      MissingOperator(
        position: graph.nodes.count, origin: Origin(index: nodeCount - 1, operatorName: node.operation),
        location: place, output: (node.outputs.first ?? "", nil)))
  }

  private func operands(_ node: ONNXNode, _ values: [String: ONNXValue]) throws(Diagnostic) -> [ONNXValue?] {
    var inputs: [ONNXValue?] = []
    for name in node.inputs {
      guard !name.isEmpty else {
        inputs.append(nil)
        continue
      }
      guard let value = values[name] else {
        throw Diagnostic(
          "onnx.order", "reads `\(name)` before any node writes it",
          notes: ["nodes must stand in the order in which they run"])
      }
      inputs.append(value)
    }
    return inputs
  }

  private mutating func results(
    _ node: ONNXNode, _ inputs: [ONNXValue?], _ values: [String: ONNXValue], _ versions: [String: Int64], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    if let function = functions["\(node.domain).\(node.operation)"] {
      return try inline(function, node, inputs, depth)
    }
    let isUnknown = inputs.contains { $0?.isUnknown == true }
    if !isUnknown, let results = try controlFlow(node, inputs, values, versions, depth) { return results }
    guard let build = ONNXCall.builders[node.fullName] else {
      if isUnknown, Self.controlFlow.contains(node.fullName) { return node.outputs.map { _ in .unknown } }
      throw ONNXRefusals.failure(node)
    }
    // What was not imported before is reported there.
    if isUnknown { return node.outputs.map { _ in .unknown } }
    return try run(node, inputs, version: versions[node.domain] ?? 1) { (call) throws(Diagnostic) in
      let results = try build(&call)
      for (name, value) in zip(node.outputs, results) { call.rename(value, to: name) }
      return results
    }
  }

  /// Lets `build` add what the node stands for; on an error the graph stays as it was.
  mutating func run(
    _ node: ONNXNode, _ inputs: [ONNXValue?], version: Int64,
    _ build: (inout ONNXCall) throws(Diagnostic) -> [ONNXValue]
  ) throws(Diagnostic) -> [ONNXValue] {
    let origin = Origin(index: nodeCount - 1, operatorName: node.operation)
    return try complete(
      ONNXCall(
        node: node, version: version, inputs: inputs, origin: origin, graph: graph, foldingBudget: foldingBudget), build
    )
  }

  /// Lets `call` alone own the graph while it grows, so that it is not copied.
  private mutating func complete<Result>(
    _ call: consuming ONNXCall, _ build: (inout ONNXCall) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    graph = Graph(file: graph.file)
    do throws(Diagnostic) {
      let result = try build(&call)
      foldingBudget = call.foldingBudget
      graph = call.graph
      return result
    } catch {
      call.rollBack()
      graph = call.graph
      throw error
    }
  }

  /// The nodes of `function` in place of `node`.
  private mutating func inline(
    _ function: ONNXFunction, _ node: ONNXNode, _ inputs: [ONNXValue?], _ depth: Int
  ) throws(Diagnostic) -> [ONNXValue] {
    guard depth < Self.maximumDepth else {
      throw Diagnostic("onnx.size", "functions call each other more than \(Self.maximumDepth) deep")
    }
    guard inputs.count <= function.inputs.count else {
      throw Diagnostic("onnx.function", "has \(inputs.count) inputs, but the function has \(function.inputs.count)")
    }
    var values: [String: ONNXValue] = [:]
    for (name, value) in zip(function.inputs, inputs) { values[name] = value }
    let absent = Set(function.inputs.filter { values[$0] == nil })
    var nodes: [ONNXNode] = []
    for var inner in function.nodes {
      inner.inputs = inner.inputs.map { absent.contains($0) ? "" : $0 }
      for (name, attribute) in inner.attributes {
        guard let reference = try attribute.reference() else { continue }
        inner.attributes[name] = node.attributes[reference] ?? function.defaults[reference]
      }
      nodes.append(inner)
    }
    try add(nodes, &values, versions.merging(function.versions) { $1 }, depth: depth + 1)
    var results: [ONNXValue] = []
    for name in function.outputs {
      guard let value = values[name] else {
        throw Diagnostic("onnx.function", "no node of the function writes its output `\(name)`")
      }
      results.append(value)
    }
    return results
  }
}

extension Graph {
  /// Removes nodes that nothing reads, such as those whose result was only asked for its shape.
  fileprivate mutating func removeUnreadNodes() {
    var read = Set(outputs)
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: read.contains) {
      read.formUnion(node.inputs)
      kept.append(node)
    }
    nodes = kept.reversed()
  }
}
