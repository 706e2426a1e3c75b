package import IR
import Operators
package import Support

/// Scales, zero points, biases and activations become integer constants.
///
/// `conv_2d(x, w, b) {activation=relu}` → `integer.conv_2d(x, w, bias, multiplier, shift) {clamp=[-128,127] …}`: the input
/// zero point goes into the bias, the scales become a multiplier and a shift a channel, the activation a clamp.
package struct FoldFixedPoint: Pass {
  package let name = "fold-fixed-point"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    var obstacles = Obstacles()
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard let op = node.op as? any QuantizedOperator,
        !(node.inputs + node.outputs).contains(where: { graph[$0].type.element == .float32 })
      else { continue }
      do throws(Diagnostic) {
        let folded = try op.folded(try graph.operands(node), graph.outputTypes(node))
        let name = graph[node.outputs[0]].name
        var inputs: [TensorID] = []
        for input in folded.inputs {
          switch input {
          case .input(let position): inputs.append(node.inputs[position])
          case .constant(let value, let role): inputs.append(graph.add(constant: value, name: "\(name):\(role)"))
          }
        }
        graph.nodes[index].op = folded.op
        graph.nodes[index].inputs = inputs
      } catch {
        try obstacles.add(error, at: graph.location(node))
      }
    }
    try obstacles.check(graph.file)
  }
}
