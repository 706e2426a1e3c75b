import IR
import Operators
import Support

/// `%2 = softmax(%1); %3 = log(%2)` → `%3 = log_softmax(%1)` on floats: in int8, small probabilities would have no logarithm.
enum FuseLogSoftmax {
  static func run(on graph: inout Graph) {
    let uses = graph.useCounts
    let producers = graph.producers
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard let function = node.op as? PointwiseFunction, function.kind == .logarithm, uses[node.inputs[0]] == 1,
        graph[node.outputs[0]].type.element == .float32, let producer = producers[node.inputs[0]],
        let softmax = graph.nodes[producer].op as? Softmax, softmax.beta == 1
      else { continue }
      graph.nodes[index] = Node(
        LogSoftmax(), inputs: graph.nodes[producer].inputs, outputs: node.outputs, origin: graph.nodes[producer].origin)
      graph.nodes[producer].outputs = []
    }
    graph.nodes.removeAll { $0.outputs.isEmpty }
  }
}
