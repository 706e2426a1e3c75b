import IR
import Machine
package import Support

/// Matrix products with weights as a Huffman code: those of a unit are decoded once, for all rows of the input. Function
/// `dense_huffman`.
package struct DenseHuffmanKernel: Kernel {
  package let name = "dense_huffman"

  package func work(_ layer: Layer) -> Work? {
    guard let product = MatrixProductKernel.product(layer), product.depth > 0,
      let weights = try? layer.inputs[1].constantInts("the weights"), let code = HuffmanCode(weights),
      let tables = try? NarrowTables(layer, product.stage)
    else { return nil }
    let outputs = product.rows * product.units
    return Work(
      [
        WorkItem("weight", weights.count), WorkItem("bit", code.extraBits), WorkItem("unit", product.units),
        WorkItem("mac", outputs * product.depth), WorkItem("output", outputs),
      ],
      flash: code.byteCount + tables.byteCount(), scratch: HuffmanCode.stateBytes + product.depth)
  }

  package func obstacle(_ layer: Layer) -> String { MatrixProductKernel().obstacle(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let product = MatrixProductKernel.product(layer),
      let weights = HuffmanCode(try layer.inputs[1].constantInts("the weights"))
    else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, product.stage)
    let codes = weights.write(&code, shape: layer.inputs[1].type.shape)
    let arguments = tables.write(&code)
    code.call(
      code.function("dense_huffman"),
      [
        "\(code.inputs[0]), \(code.outputs[0]), (uint32_t *)(void *)\(code.scratch)",
        "/* rows */ \(product.rows), /* depth */ \(product.depth), /* units */ \(product.units)",
        codes,
      ] + arguments)
  }
}
