import IR
import Machine
package import Support

/// Matrix products over the weights that are not zero, which are kept as Huffman codes with the gaps between them and decoded
/// once, unit by unit, for all rows of the input. Function `dense_coded`.
package struct DenseCodedKernel: Kernel {
  package let name = "dense_coded"

  /// Nil as well where the codes with their tables are no smaller than the weights.
  private func weights(_ layer: Layer, depth: Int) -> CodedWeights? {
    guard let values = try? layer.inputs[1].constantInts("the weights"),
      let coded = CodedWeights(values, taps: depth), coded.byteCount < values.count
    else { return nil }
    return coded
  }

  package func work(_ layer: Layer) -> Work? {
    guard let product = MatrixProductKernel.product(layer), let weights = weights(layer, depth: product.depth),
      let tables = try? NarrowTables(layer, product.stage)
    else { return nil }
    return Work(
      [
        WorkItem("weight", weights.places.count), WorkItem("bit", weights.extraBits), WorkItem("unit", product.units),
        WorkItem("mac", product.rows * weights.places.count), WorkItem("output", product.rows * product.units),
      ],
      flash: weights.byteCount + tables.byteCount(), scratch: 4 * (CodedWeights.stateWords + weights.longest))
  }

  package func obstacle(_ layer: Layer) -> String {
    "codes that with their tables are no smaller than the weights, or " + MatrixProductKernel().obstacle(layer)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let product = MatrixProductKernel.product(layer), let weights = weights(layer, depth: product.depth) else {
      throw unsuitable(layer)
    }
    let tables = try NarrowTables(layer, product.stage)
    let codes = weights.write(&code, shape: layer.inputs[1].type.shape)
    let arguments = tables.write(&code)
    code.call(
      code.function("dense_coded"),
      [
        "\(code.inputs[0]), \(code.outputs[0]), (uint32_t *)(void *)\(code.scratch)",
        "/* rows */ \(product.rows), /* depth */ \(product.depth), /* units */ \(product.units)",
        codes,
      ] + arguments)
  }
}
