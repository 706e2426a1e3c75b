import IR
import Operators
import Support

/// Builds the graph from the subgraphs of a TensorFlow Lite file.
struct TFLiteImporter {
  /// How deep subgraphs may call each other.
  static let maximumDepth = 8

  var graph: Graph
  let subgraphs: [TFLiteSubgraph]
  var variables = TFLiteVariables()
  /// Constants of fewer bits that became float32 weights, by what they were.
  var widenedConstants: [String: Set<TensorID>] = [:]

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
    try addOperators(&scope)
    graph.outputs = main.outputs.map { scope.tensors[$0] }
    graph.states = variables.states(graph)
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
      if entry.info.constant != nil { constants[subgraph.index, default: [:]][index] = id }
      tensors.append(id)
    }
    return Scope(subgraph: subgraph, tensors: tensors, depth: depth)
  }

  mutating func addOperators(_ scope: inout Scope) throws(Diagnostic) {
    for (index, entry) in scope.subgraph.operators.enumerated() {
      let origin = Origin(index: index, operatorName: entry.name)
      do throws(Diagnostic) {
        guard graph.nodes.count < Graph.maximumNodes else {
          throw Diagnostic("tflite.size", "unrolled, the network has more than \(Graph.maximumNodes) operators")
        }
        try add(entry, origin, &scope)
      } catch {
        let place = entry.outputs.first.map { " `\(graph[scope.tensors[$0]].name)`" } ?? ""
        throw error.located(.node(file: graph.file, name: "\(origin)\(place)"))
      }
    }
  }

  private mutating func add(
    _ entry: TFLiteSubgraph.OperatorEntry, _ origin: Origin, _ scope: inout Scope
  ) throws(Diagnostic) {
    if try addControl(entry, origin, &scope) { return }
    let all = entry.inputs.map { index in index.map { scope.tensors[$0] } }
    let inputs = all.prefix { $0 != nil }.compactMap(\.self)
    let outputs = entry.outputs.map { scope.tensors[$0] }
    guard !outputs.isEmpty else { throw Diagnostic("tflite.outputs", "has no output") }
    if entry.name == "DEQUANTIZE", try foldsHalf(inputs, outputs) { return }
    let (op, data) = try TFLiteCall(
      name: entry.name, graph: graph, inputs: inputs, allInputs: all, outputs: outputs, options: entry.options
    ).operation()
    let operands = try variables.operands(op, try floatOperands(data, outputs), outputs, &graph)
    let node = Node(op, inputs: operands.inputs, outputs: operands.outputs, origin: origin)
    // Conditions and counters of loops must be known.
    if scope.depth > 0, try foldsConstants(node) { return }
    graph.nodes.append(node)
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
