import IR
import Machine
package import Support

/// Convolution filter by filter with weights as a Huffman code: those of a filter are decoded once, for all pixels. Any
/// dilation, any number of groups. Function `conv_2d_huffman`.
package struct Conv2DHuffmanKernel: Kernel {
  package let name = "conv_2d_huffman"

  package func work(_ layer: Layer) -> Work? {
    guard let taps = Conv2DTapsKernel().work(layer), let conv = (layer.op as? IntegerConv2D)?.geometry,
      let weights = try? layer.inputs[1].constantInts("the weights"), let code = HuffmanCode(weights),
      let tables = try? NarrowTables(layer, conv.stage)
    else { return nil }
    let shape = layer.inputs[1].type.shape
    let images = layer.inputs[0].type.shape[0]
    return Work(
      taps.items + [
        WorkItem("weight", images * weights.count), WorkItem("bit", images * code.extraBits),
        WorkItem("filter", images * shape[0]),
      ],
      flash: code.byteCount + tables.byteCount(), scratch: HuffmanCode.stateBytes + weights.count / shape[0])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let conv = (layer.op as? IntegerConv2D)?.geometry,
      let weights = HuffmanCode(try layer.inputs[1].constantInts("the weights"))
    else { throw unsuitable(layer) }
    let codes = weights.write(&code, shape: layer.inputs[1].type.shape)
    let arguments = [codes] + (try NarrowTables(layer, conv.stage)).write(&code)
    try writeConvolution(
      layer, function: "conv_2d_huffman", withGroups: true, memory: ", (uint32_t *)(void *)\(code.scratch)",
      arguments, &code)
  }
}
