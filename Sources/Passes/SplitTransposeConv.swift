package import IR
import Operators
package import Support

/// Transposed convolutions become ordinary ones, one for each phase of the stride, and a movement that interleaves their
/// outputs.
///
/// `%1 = transpose_conv(%0, w) {stride=[2,2]}` → four `integer.conv_2d(%0, …)`, their concatenation, a transposition to
/// [batch, rows, 2, columns, 2, channels], and a slice when the output's size is no multiple of the stride.
package struct SplitTransposeConv: Pass {
  package let name = "split-transpose-conv"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var nodes: [Node] = []
    for node in graph.nodes {
      guard let op = node.op as? TransposeConv, graph[node.outputs[0]].type.element != .float32 else {
        nodes.append(node)
        continue
      }
      do throws(Diagnostic) {
        nodes += try split(op, node, &graph)
      } catch {
        throw error.located(graph.location(node))
      }
    }
    graph.nodes = nodes
  }

  private func split(_ op: TransposeConv, _ node: Node, _ graph: inout Graph) throws(Diagnostic) -> [Node] {
    let target = node.outputs[0]
    let (name, type) = (graph[target].name, graph[target].type)
    let parts = try TransposeConvPhases(op, try graph.operands(node), type)
    let scales = parts.scales.map { graph.add(constant: $0, name: "\(name):scale") }
    let (batch, channels) = (type.shape[0], type.shape[3])
    var nodes: [Node] = []
    /// Adds a node that writes a tensor of the shape `dims`, or the original's output.
    func add(_ op: any Operator, _ inputs: [TensorID], _ dims: [Int], isLast: Bool) throws(Diagnostic) -> TensorID {
      let info = TensorInfo(name: name, type: TensorType(type.element, try Shape(dims), type.quantization))
      let output = isLast ? target : graph.add(info)
      nodes.append(Node(op, inputs: inputs, outputs: [output], origin: node.origin))
      return output
    }
    var images: [TensorID] = []
    for phase in parts.phases {
      let constants = [phase.weights, phase.bias].map { graph.add(constant: $0, name: "\(name):phase") }
      images.append(
        try add(
          phase.op, [node.inputs[0]] + constants + scales, [batch, parts.size.height, parts.size.width, channels],
          isLast: parts.phases.count == 1))
    }
    guard images.count > 1 else { return nodes }
    let (size, stride) = (parts.size, op.stride)
    let all = try add(
      Concatenation(axis: 0), images, [images.count * batch, size.height, size.width, channels], isLast: false)
    let apart = [stride.height, stride.width, batch, size.height, size.width, channels]
    let split = try add(Reshape(shape: apart), [all], apart, isLast: false)
    let permutation = [2, 3, 0, 4, 1, 5]
    let mixed = try add(
      Transpose(permutation: permutation), [split], permutation.map { apart[$0] }, isLast: false)
    let whole = [batch, size.height * stride.height, size.width * stride.width, channels]
    let isWhole = whole == type.shape.dims
    let image = try add(Reshape(shape: whole), [mixed], whole, isLast: isWhole)
    guard !isWhole else { return nodes }
    let slice = try StridedSlice(
      of: try Shape(whole), begin: [0, 0, 0, 0], end: type.shape.dims, strides: [1, 1, 1, 1], beginMask: 0, endMask: 0,
      shrinkMask: 0)
    _ = try add(slice, [image], type.shape.dims, isLast: true)
    return nodes
  }
}
