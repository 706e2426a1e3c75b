package import IR
import Operators
package import Support

/// A depthwise convolution of a single channel is an ordinary convolution, for which there are faster kernels: converters
/// write the first layer of networks for sound this way.
///
/// `integer.depthwise_conv_2d(image[1,49,40,1], weights[1,10,8,8], …)` → `integer.conv_2d(image, weights[8,10,8,1], …)`.
package struct MixOneChannel: Pass {
  package let name = "mix-one-channel"

  package init() {}

  package func run(on graph: inout Graph) throws(Diagnostic) {
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      guard let depthwise = node.op as? IntegerDepthwiseConv2D, graph[node.inputs[0]].type.shape[3] == 1 else {
        continue
      }
      let weights = try graph.operand(node.inputs[1])
      let shape = weights.type.shape
      let (taps, filters) = (shape[1] * shape[2], shape[3])
      let values = try weights.constantInts("the weights")
      // The filters come first then, and a weight tensor of integer normal form needs no scales.
      let mixed = Tensor(
        TensorType(weights.type.element, try Shape([filters, shape[1], shape[2], 1])),
        ints: (0..<filters * taps).map { values[$0 % taps * filters + $0 / taps] })
      graph.nodes[index].op = IntegerConv2D(geometry: depthwise.geometry)
      graph.nodes[index].inputs[1] = graph.add(constant: mixed, name: graph[node.inputs[1]].name)
    }
  }
}
