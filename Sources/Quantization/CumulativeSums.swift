import IR
import Operators
import Support

/// Cumulative sums of floats become dense layers with a triangle of ones, before they are quantized: the reference's sums of
/// int8 elements take off the zero point once, whatever their number is, and so are right for a zero point of 0 only.
enum CumulativeSums {
  /// Longer axes stay cumulative sums, as the triangle would be too large.
  private static let longest = 512

  static func run(_ graph: inout Graph) throws(Diagnostic) {
    var nodes: [Node] = []
    for node in graph.nodes {
      let type = graph[node.outputs[0]].type
      guard let op = node.op as? CumulativeSum, type.element == .float32, type.shape[op.axis] <= longest else {
        nodes.append(node)
        continue
      }
      let size = type.shape[op.axis]
      let ones = (0..<size * size).map { place -> Float in
        let (sum, term) = (place / size, place % size)
        let isBefore = op.isReverse ? term > sum : term < sum
        return isBefore || !op.isExclusive && term == sum ? 1 : 0
      }
      let triangle = graph.add(
        constant: Tensor(TensorType(.float32, try Shape([size, size])), floats: ones),
        name: "\(graph[node.outputs[0]].name):triangle")
      // The axis changes places with the last one.
      var order = Array(0..<type.shape.rank)
      order.swapAt(op.axis, order.count - 1)
      let isLast = op.axis == order.count - 1
      let turned = TensorType(.float32, try Shape(order.map { type.shape[$0] }))
      let dense = FullyConnected(activation: .none, shape: turned.shape.dims)
      var (source, target) = (node.inputs[0], node.outputs[0])
      if !isLast {
        let name = graph[target].name
        source = graph.add(TensorInfo(name: "\(name):terms", type: turned))
        target = graph.add(TensorInfo(name: "\(name):sums", type: turned))
        nodes.append(Node(Transpose(permutation: order), inputs: node.inputs, outputs: [source], origin: node.origin))
      }
      nodes.append(Node(dense, inputs: [source, triangle], outputs: [target], origin: node.origin))
      if !isLast {
        nodes.append(Node(Transpose(permutation: order), inputs: [target], outputs: node.outputs, origin: node.origin))
      }
    }
    graph.nodes = nodes
  }
}
