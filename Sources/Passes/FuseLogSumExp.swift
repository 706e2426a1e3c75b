import IR
import Operators
import Support

/// The logarithm of a sum of exponentials takes the maximum off first, on floats:
/// `%4 = log(n · mean(exp(%1)))` → `%5 = max(%1); %9 = log(n · mean(exp(%1 − %5))) + %5`. In int8 the exponentials themselves
/// would have one step for all but the largest.
enum FuseLogSumExp {
  static func run(on graph: inout Graph) throws(Diagnostic) {
    for index in graph.nodes.indices.reversed() {
      guard let match = Match(graph, at: index) else { continue }
      try rewrite(match, &graph)
    }
  }

  /// The nodes from the exponentials to the logarithm, by their places.
  private struct Match {
    let exponential: Int
    let mean: Int
    let product: Int
    let logarithm: Int
    let op: Mean

    init?(_ graph: Graph, at index: Int) {
      guard graph.isFunction(index, .logarithm) else { return nil }
      let (uses, producers) = (graph.useCounts, graph.producers)
      /// The node that writes an input which nothing else reads.
      func producer(_ id: TensorID) -> Int? { uses[id] == 1 ? producers[id] : nil }
      guard let product = producer(graph.nodes[index].inputs[0]),
        (graph.nodes[product].op as? Mul)?.activation == Activation.none,
        let mean = graph.nodes[product].inputs.compactMap({ producer($0) }).first,
        let op = graph.nodes[mean].op as? Mean, let exponential = producer(graph.nodes[mean].inputs[0]),
        graph.isFunction(exponential, .exponential),
        graph[graph.nodes[index].outputs[0]].type.shape.elementCount
          == graph[graph.nodes[mean].outputs[0]].type.shape.elementCount
      else { return nil }
      // The maximum is taken off once.
      let source = producers[graph.nodes[exponential].inputs[0]].map { graph.nodes[$0] }
      if let source, source.op is Sub, producers[source.inputs[1]].map({ graph.nodes[$0].op is Reduce }) == true {
        return nil
      }
      (self.exponential, self.mean, self.product, logarithm, self.op) = (exponential, mean, product, index, op)
    }
  }

  private static func rewrite(_ match: Match, _ graph: inout Graph) throws(Diagnostic) {
    let origin = graph.nodes[match.logarithm].origin
    let (input, output) = (graph.nodes[match.exponential].inputs[0], graph.nodes[match.logarithm].outputs[0])
    let name = graph[output].name
    func add(_ suffix: String, _ shape: Shape) -> TensorID {
      graph.add(TensorInfo(name: "\(name):\(suffix)", type: TensorType(.float32, shape)))
    }
    let shape = graph[input].type.shape
    let reduced = try Shape(shape.dims.indices.map { match.op.axes.contains($0) ? 1 : shape[$0] })
    let maximum = add("maximum", reduced)
    let difference = add("difference", shape)
    let result = add("logarithm", graph[output].type.shape)
    var addend = maximum
    var last: [Node] = []
    if graph[output].type.shape != reduced {
      addend = add("addend", graph[output].type.shape)
      let reshape = Reshape(shape: graph[output].type.shape.dims)
      last.append(Node(reshape, inputs: [maximum], outputs: [addend], origin: origin))
    }
    last.append(Node(Add(activation: .none), inputs: [result, addend], outputs: [output], origin: origin))
    graph.nodes[match.exponential].inputs = [difference]
    graph.nodes[match.logarithm].outputs = [result]
    graph.nodes.insert(contentsOf: last, at: match.logarithm + 1)
    graph.nodes.insert(
      contentsOf: [
        Node(
          Reduce(.maximum, axes: match.op.axes, keepDimensions: true), inputs: [input], outputs: [maximum],
          origin: origin),
        Node(Sub(activation: .none), inputs: [input, maximum], outputs: [difference], origin: origin),
      ], at: match.exponential)
  }
}

extension Graph {
  /// Whether the node maps floats by a function.
  fileprivate func isFunction(_ index: Int, _ kind: PointwiseFunction.Kind) -> Bool {
    (nodes[index].op as? PointwiseFunction)?.kind == kind && self[nodes[index].outputs[0]].type.element == .float32
  }
}
