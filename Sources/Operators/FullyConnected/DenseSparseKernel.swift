import IR
import Machine
package import Support

/// Matrix products over the weights that are not zero, for inputs of few rows. Function `dense_sparse`.
package struct DenseSparseKernel: Kernel {
  package let name = "dense_sparse"

  /// For each unit the words with two weights and the distances to them; a word of zero ends it.
  private func words(_ layer: Layer, depth: Int) -> [[Int32]]? {
    guard depth > 0, let weights = try? layer.inputs[1].constantInts("the weights") else { return nil }
    return stride(from: 0, to: weights.count, by: depth).map { start in
      SparseRun(weights[start..<start + depth], reach: 255).words {
        UInt32($0.distance) << 8 | UInt32(UInt8(truncatingIfNeeded: $0.weight))
      } + [0]
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let product = MatrixProductKernel.product(layer), let words = words(layer, depth: product.depth),
      let tables = try? NarrowTables(layer, product.stage)
    else { return nil }
    let count = words.reduce(0) { $0 + $1.count }
    return Work(
      [
        WorkItem("pair", product.rows * (count - product.units)), WorkItem("output", product.rows * product.units),
      ],
      flash: 4 * count + tables.byteCount())
  }

  package func obstacle(_ layer: Layer) -> String { MatrixProductKernel().obstacle(layer) }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let product = MatrixProductKernel.product(layer), let words = words(layer, depth: product.depth) else {
      throw unsuitable(layer)
    }
    let tables = try NarrowTables(layer, product.stage)
    let pairs = code.table(
      "pairs", .int32, words.flatMap { $0 }, rowLength: 8,
      comment: "Weights \(layer.inputs[1].type.shape) that are not zero, two to a word; 0 behind each output channel.")
    let arguments = tables.write(&code)
    code.call(
      code.function("dense_sparse"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(product.rows), /* depth */ \(product.depth), /* units */ \(product.units)",
        pairs,
      ] + arguments)
  }
}
