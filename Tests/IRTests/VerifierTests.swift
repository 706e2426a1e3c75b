import IR
import Operators
import Support
import TestSupport
import Testing

@Suite struct VerifierTests {
  /// A graph of two rectifiers in a row.
  private func chain() throws -> Graph {
    var graph = Graph(file: "chain")
    let type = TensorType(.int8, try Shape([2, 3]), try .perTensor(scale: 0.5, zeroPoint: 1))
    let ids = (0..<3).map { graph.add(TensorInfo(name: "t\($0)", type: type)) }
    graph.inputs = [ids[0]]
    graph.outputs = [ids[2]]
    for i in 0..<2 {
      graph.nodes.append(
        Node(Relu(), inputs: [ids[i]], outputs: [ids[i + 1]], origin: Origin(index: i, operatorName: "RELU")))
    }
    return graph
  }

  private func id(_ change: (inout Graph) throws -> Void) throws -> String? {
    var graph = try chain()
    try change(&graph)
    return #expect(throws: Diagnostic.self) { try graph.verify() }?.id
  }

  @Test func takesGoodGraphs() throws { #expect(throws: Never.self) { try chain().verify() } }

  @Test func refusesBadGraphs() throws {
    #expect(try id { $0.nodes.swapAt(0, 1) } == "graph.order")
    #expect(try id { $0.nodes[0].inputs = [TensorID(1)] } == "graph.order")
    #expect(try id { $0.nodes[1].outputs = [TensorID(1)] } == "graph.twice")
    #expect(try id { $0.nodes[1].outputs = [TensorID(0)] } == "graph.twice")
    #expect(try id { $0.inputs = [TensorID(0), TensorID(0)] } == "graph.input")
    #expect(try id { $0.outputs = [] } == "graph.output")
    #expect(try id { $0.nodes.removeLast() } == "graph.output")
    #expect(try id { $0[TensorID(1)].constant = [] } == "graph.constant")
    #expect(try id { $0[TensorID(2)].type.shape = try Shape([3, 2]) } == "graph.shape")
    #expect(try id { $0[TensorID(2)].type.element = .int16 } == "operator.type")
    #expect(try id { $0[TensorID(2)].type.quantization = nil } == "quantization.missing")
    #expect(try id { $0[TensorID(0)].type.shape = try Shape([0]) } == "graph.empty")
    #expect(try id { $0.nodes[0].inputs = [] } == "operator.inputs")
  }

  @Test func errorsNameTheOperator() throws {
    var graph = try chain()
    graph[TensorID(2)].type.shape = try Shape([6])
    let error = #expect(throws: Diagnostic.self) { try graph.verify() }
    #expect(error?.location == .node(file: "chain", name: "operator 1 (RELU) `t2`"))
  }

  @Test func shapesAreBounded() {
    #expect(throws: Diagnostic.self) { try Shape([1 << 20, 1 << 20, 1 << 30]) }
    #expect(throws: Diagnostic.self) { try Shape([-1]) }
    #expect(throws: Diagnostic.self) { try Shape([Int](repeating: 1, count: 9)) }
  }
}
