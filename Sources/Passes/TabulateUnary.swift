package import IR
import Operators
package import Support

/// Chains of operators on single 8-bit values become one table of 256 bytes.
///
/// `%2 = dequantize(%1); %3 = quantize(%2); %4 = tanh(%3)` → `%4 = integer.lookup(%1, table)`. The chain is followed back
/// to an 8-bit tensor that other nodes read too, or as far as it goes.
package struct TabulateUnary: Pass {
  package let name = "tabulate-unary"

  package init() {}

  /// A tensor as a function of the 8-bit tensor `source`: its values for the source's bytes 0 to 255.
  private struct Function {
    let source: TensorID
    let values: Tensor
  }

  package func run(on graph: inout Graph) throws(Diagnostic) {
    let uses = graph.useCounts
    var readers: [TensorID: Node] = [:]
    for node in graph.nodes { for id in node.inputs { readers[id] = node } }
    var functions: [TensorID: Function] = [:]
    var obstacles = Obstacles()
    for (index, node) in graph.nodes.enumerated() {
      guard let input = graph.mappedInput(node), let target = node.outputs.first else { continue }
      do throws(Diagnostic) {
        guard let function = try function(of: input, functions[input], uses, graph) else { continue }
        let type = TensorType(graph[target].type.element, try Shape([256]), graph[target].type.quantization)
        var operands: [Tensor] = []
        for id in node.inputs {
          operands.append(try id == input ? function.values : graph.singleElement(id) ?? function.values)
        }
        let values = try node.op.evaluate(operands, as: [type])[0]
        functions[target] = Function(source: function.source, values: values)
        // When the only reader takes the chain on, this tensor will not be needed.
        let goesOn = leadsToBytes(target, uses, readers, graph)
        guard type.element.isByte, !goesOn else { continue }
        let plain = TensorType(type.element, type.shape)
        let table = graph.add(constant: values.retyped(plain), name: "\(graph[target].name):table")
        graph.nodes[index].op = Lookup()
        graph.nodes[index].inputs = [function.source, table]
      } catch {
        try obstacles.add(error, at: graph.location(node))
      }
    }
    try obstacles.check(graph.file)
    graph.removeDeadNodes()
  }

  /// Whether `id` is only read by a unary operator, and that chain comes to an 8-bit tensor again.
  private func leadsToBytes(
    _ id: TensorID, _ uses: [TensorID: Int], _ readers: [TensorID: Node], _ graph: Graph
  ) -> Bool {
    var id = id
    while uses[id] == 1, let reader = readers[id], graph.mappedInput(reader) == id, let next = reader.outputs.first {
      if graph[next].type.element.isByte { return true }
      id = next
    }
    return false
  }

  /// What `id` is a function of: itself, when it is an 8-bit tensor that is computed anyway, or what `known` says.
  private func function(
    of id: TensorID, _ known: Function?, _ uses: [TensorID: Int], _ graph: Graph
  ) throws(Diagnostic) -> Function? {
    let type = graph[id].type
    if let known, !type.element.isByte || uses[id] == 1 { return known }
    guard type.element.isByte else { return nil }
    let all = TensorType(type.element, try Shape([256]), type.quantization)
    let isSigned = type.element == .int8
    return Function(source: id, values: Tensor(all, ints: (0..<256).map { isSigned && $0 > 127 ? $0 - 256 : $0 }))
  }
}

extension Graph {
  /// The input that `node` maps element by element: that of a unary operator, or the only one of floats that is no constant of
  /// a single element.
  fileprivate func mappedInput(_ node: Node) -> TensorID? {
    if node.op is any UnaryOperator { return node.inputs.first }
    guard node.op is any PointwiseOperator, let output = node.outputs.first else { return nil }
    let data = node.inputs.filter { self[$0].constant == nil || self[$0].type.shape.elementCount != 1 }
    guard data.count == 1, self[data[0]].constant == nil, self[data[0]].type.element == .float32,
      self[data[0]].type.shape == self[output].type.shape
    else { return nil }
    return data[0]
  }

  /// The constant of one element, without further dimensions.
  fileprivate func singleElement(_ id: TensorID) throws(Diagnostic) -> Tensor? {
    let operand = try operand(id)
    guard let constant = operand.constant, operand.type.shape.elementCount == 1 else { return nil }
    return constant.retyped(TensorType(operand.type.element, try Shape([1]), operand.type.quantization))
  }
}
