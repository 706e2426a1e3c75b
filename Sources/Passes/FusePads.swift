package import IR
import Operators
package import Support

/// A border around an image is absorbed by the convolution that reads it, when its value is the one that the convolution
/// reads outside of the image anyway.
///
/// `%1 = pad(%0) {before=[0,1,1,0]}; %2 = integer.conv_2d(%1, …) {pad_before=[0,0]}` →
/// `%2 = integer.conv_2d(%0, …) {pad_before=[1,1]}`.
package struct FusePads: Pass {
  package let name = "fuse-pads"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    for index in graph.nodes.indices {
      guard var op = graph.nodes[index].op as? any PaddedOperator,
        let padding = graph.nodes.first(where: { $0.outputs.first == graph.nodes[index].inputs[0] }),
        let pad = padding.op as? Pad, pad.before.count == 4, pad.value == Int(op.padValue),
        pad.before[0] + pad.after[0] + pad.before[3] + pad.after[3] == 0
      else { continue }
      op.padBefore = Extent(op.padBefore.height + pad.before[1], op.padBefore.width + pad.before[2])
      graph.nodes[index].op = op
      graph.nodes[index].inputs[0] = padding.inputs[0]
    }
    graph.removeDeadNodes()
  }
}
