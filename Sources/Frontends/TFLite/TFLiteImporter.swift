import IR
import Operators
import Support

/// Builds the graph from the subgraphs of a TensorFlow Lite file.
///
/// Operators that are not supported don't stop the import: the types of what they write stand in the file, so that the
/// operators behind them are read and checked too.
struct TFLiteImporter {
  /// How deep subgraphs may call each other.
  static let maximumDepth = 8
  /// How often subgraphs may be called, the rounds of all loops counted; large subgraphs count more.
  static let maximumCalls = 1 << 15

  var graph: Graph
  let subgraphs: [TFLiteSubgraph]
  var variables = TFLiteVariables()
  /// Constants of fewer bits that became float32 weights, by what they were.
  var widenedConstants: [String: Set<TensorID>] = [:]

  var obstacles = Obstacles()
  private(set) var missing: [MissingOperator] = []
  /// What missing operators write.
  private(set) var absent: Set<TensorID> = []
  /// The same, and what depends on it where constants are computed: the values are not known.
  var unread: Set<TensorID> = []
  /// Tensors of types that are not supported, and why.
  private var untyped: [TensorID: Diagnostic] = [:]
  var calls = 0

  /// The constants of subgraphs by their indices: those of a loop's body are there once.
  private var constants: [Int: [Int: TensorID]] = [:]

  /// A subgraph while it is built into the graph.
  struct Scope {
    let subgraph: TFLiteSubgraph
    /// The graph's tensor for each one of the subgraph.
    var tensors: [TensorID]
    /// 0 for the main subgraph.
    let depth: Int
    /// Runs once, before the first inference: what it assigns is what variables hold then.
    var isInitializing = false
  }

  init(_ subgraphs: [TFLiteSubgraph], file: String) {
    self.subgraphs = subgraphs
    graph = Graph(file: file)
  }

  /// Builds the main subgraph.
  mutating func build(_ main: TFLiteSubgraph) throws(Diagnostic) {
    var scope = scope(main, bound: [:], depth: 0)
    for (index, entry) in main.tensors.enumerated() where entry.isVariable { variables.add(scope.tensors[index]) }
    graph.inputs = main.inputs.map { scope.tensors[$0] }
    for (position, id) in graph.inputs.enumerated() {
      guard let problem = untyped[id] else { continue }
      try obstacles.add(problem.placed(.node(file: graph.file, name: "input \(position) `\(graph[id].name)`")))
      unread.insert(id)
    }
    graph.outputs = main.outputs.map { scope.tensors[$0] }
    try addOperators(&scope)
    graph.outputs = main.outputs.map { scope.tensors[$0] }
    graph.states = variables.states(graph)
    for variable in variables.unassigned {
      try obstacles.add(
        Diagnostic(
          "tflite.variable", "is read, but nothing in the file assigns it a value",
          notes: ["the weights are not in the file: convert with `from_keras_model` or `from_saved_model`"]),
        at: .node(file: graph.file, name: "variable `\(graph[variable].name)`"))
    }
    noteWeights()
  }

  /// - Parameter bound: tensors of the graph that take the place of the subgraph's own.
  mutating func scope(_ subgraph: TFLiteSubgraph, bound: [Int: TensorID], depth: Int) -> Scope {
    var tensors: [TensorID] = []
    for (index, entry) in subgraph.tensors.enumerated() {
      if let known = bound[index] ?? constants[subgraph.index]?[index] {
        tensors.append(known)
        continue
      }
      let id = graph.add(entry.info)
      if let problem = entry.problem { untyped[id] = problem }
      if entry.info.constant != nil { constants[subgraph.index, default: [:]][index] = id }
      tensors.append(id)
    }
    return Scope(subgraph: subgraph, tensors: tensors, depth: depth)
  }

  mutating func addOperators(_ scope: inout Scope) throws(Diagnostic) {
    for (index, entry) in scope.subgraph.operators.enumerated() {
      let origin = Origin(index: index, operatorName: entry.name, subgraph: scope.subgraph.index)
      let place = place(entry, origin, scope)
      do throws(Diagnostic) {
        guard graph.nodes.count < Graph.maximumNodes else {
          throw Diagnostic("tflite.size", "unrolled, the network has more than \(Graph.maximumNodes) operators")
        }
        if try !add(entry, origin, &scope) { leaveOut(entry, origin, place, scope) }
      } catch {
        try obstacles.add(error, at: place)
        leaveOut(entry, origin, place, scope)
      }
    }
  }

  private func place(
    _ entry: TFLiteSubgraph.OperatorEntry, _ origin: Origin, _ scope: Scope
  ) -> Diagnostic.Location {
    let name = entry.outputs.first.map { " `\(graph[scope.tensors[$0]].name)`" } ?? ""
    return .node(file: graph.file, name: "\(origin)\(name)")
  }

  /// Remembers an operator that is not in the graph.
  private mutating func leaveOut(
    _ entry: TFLiteSubgraph.OperatorEntry, _ origin: Origin, _ place: Diagnostic.Location, _ scope: Scope
  ) {
    let outputs = entry.outputs.map { scope.tensors[$0] }
    unread.formUnion(outputs)
    absent.formUnion(outputs)
    // The operators of a loop's body are met in each round.
    guard scope.depth == 0 else { return }
    let output = outputs.first.map { (graph[$0].name, untyped[$0] == nil ? graph[$0].type : nil) }
    missing.append(
      MissingOperator(
        position: graph.nodes.count, origin: origin, location: place, output: output ?? ("", nil)))
  }

  /// Builds an operator; false when it reads what is missing and can't be built without it.
  private mutating func add(
    _ entry: TFLiteSubgraph.OperatorEntry, _ origin: Origin, _ scope: inout Scope
  ) throws(Diagnostic) -> Bool {
    guard TFLiteCall.isSupported(entry.name) else { throw TFLiteRemedies.unsupported(entry.name) }
    guard try hasTypes(entry, scope) else { return false }
    if TFLiteCall.controlFlow.contains(entry.name) { return try addControl(entry, origin, &scope) }
    let all = entry.inputs.map { index in index.map { scope.tensors[$0] } }
    let inputs = all.prefix { $0 != nil }.compactMap(\.self)
    let outputs = entry.outputs.map { scope.tensors[$0] }
    guard !outputs.isEmpty else { throw Diagnostic("tflite.outputs", "has no output") }
    if entry.name == "DEQUANTIZE", try foldsHalf(inputs, outputs) { return true }
    let call = TFLiteCall(
      name: entry.name, graph: graph, inputs: inputs, allInputs: all, outputs: outputs, options: entry.options,
      isDynamic: entry.outputs.contains { scope.subgraph.tensors[$0].isDynamic })
    if try call.isEmpty() {
      for id in outputs { try setEmpty(id) }
      return true
    }
    let (op, data) = try call.operation()
    let operands = try variables.operands(op, try floatOperands(data, outputs), outputs, &graph)
    for id in operands.inputs where graph[id].type.shape.elementCount == 0 {
      throw Diagnostic("tflite.shape", "the input `\(graph[id].name)` of shape \(graph[id].type.shape) is empty")
    }
    let node = Node(op, inputs: operands.inputs, outputs: operands.outputs, origin: origin)
    try adoptShapes(node, entry, scope)
    // Conditions and counters of loops must be known.
    if subgraphs.count > 1 {
      let isResult = outputs.contains(where: graph.outputs.contains)
      if !isResult, try foldsConstants(node) { return true }
      if node.inputs.contains(where: unread.contains) { unread.formUnion(node.outputs) }
    }
    graph.nodes.append(node)
    return true
  }

  /// Whether all operands are of supported types. It is an obstacle of this operator when an output or a constant is not,
  /// and one of another when that writes the input.
  private func hasTypes(_ entry: TFLiteSubgraph.OperatorEntry, _ scope: Scope) throws(Diagnostic) -> Bool {
    for id in entry.outputs.map({ scope.tensors[$0] }) {
      if let problem = untyped[id] { throw problem.placed(.unknown, "the output `\(graph[id].name)`") }
    }
    let inputs = entry.inputs.compactMap { index in index.map { scope.tensors[$0] } }
    for id in inputs where !unread.contains(id) {
      if let problem = untyped[id] { throw problem.placed(.unknown, "the input `\(graph[id].name)`") }
    }
    return !inputs.contains { untyped[$0] != nil }
  }

  /// A tensor of which a loop leaves nothing in this round.
  private mutating func setEmpty(_ id: TensorID) throws(Diagnostic) {
    graph[id].type.shape = try Shape([0])
    graph[id].constant = []
  }

  /// Where the file leaves sizes open, outputs get the shapes that follow from the inputs.
  private mutating func adoptShapes(
    _ node: Node, _ entry: TFLiteSubgraph.OperatorEntry, _ scope: Scope
  ) throws(Diagnostic) {
    guard entry.outputs.contains(where: { scope.subgraph.tensors[$0].isDynamic }) else { return }
    let shapes = try node.op.outputShapes(try graph.operands(node))
    for (index, (id, shape)) in zip(entry.outputs, zip(node.outputs, shapes))
    where scope.subgraph.tensors[index].isDynamic { graph[id].type.shape = shape }
  }

  /// Whether a node reads only constants; its outputs are constants then.
  private mutating func foldsConstants(_ node: Node) throws(Diagnostic) -> Bool {
    let operands = try graph.operands(node)
    let values = operands.compactMap(\.constant)
    let types = graph.outputTypes(node)
    guard values.count == operands.count, types.allSatisfy({ $0.shape.elementCount <= 4096 }) else { return false }
    guard try node.op.outputShapes(operands) == types.map(\.shape) else {
      throw Diagnostic("tflite.shape", "the shapes of the outputs are not those that the inputs give")
    }
    try node.op.checkTypes(operands, types)
    for (id, value) in zip(node.outputs, try node.op.evaluate(values, as: types)) { graph[id].constant = value.bytes }
    return true
  }
}

extension Diagnostic {
  /// The same problem with a tensor as one of what reads or writes it.
  fileprivate func placed(_ location: Location, _ subject: String = "") -> Diagnostic {
    Diagnostic(id, at: location, subject.isEmpty ? message : "\(subject) \(message)", notes: notes)
  }
}
