import IR
import Machine
package import Support

/// Matrix products without multiplications, for cores whose multiplier is slow: quarter squares, four units at a time.
/// Function `dense_squares`.
///
/// Let q(t) = ⌊t² / 4⌋. x + w and x − w are both even or both odd, so that the fractions that q drops are the same, and
/// q(x + w) − q(x − w) = x·w exactly. For int8 x and w, both x + w and w − x lie between −256 and 255: the function builds a
/// table of q for these, by additions, and each product is the difference of two of its values (q(x − w) = q(w − x)). The sums
/// are those of the reference modulo 2^32, for all weights and inputs.
package struct DenseSquaresKernel: Kernel {
  package let name = "dense_squares"

  /// Values of q in the table, 16 bits each.
  private static let tableLength = 512

  private struct Packed {
    let rows: Int
    let depth: Int
    let units: Int
    let stage: OutputStage

    var groups: Int { (units + 3) / 4 }

    init?(_ layer: Layer) {
      guard let product = MatrixProductKernel.product(layer), product.depth > 0 else { return nil }
      (rows, depth, units, stage) = product
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let packed = Packed(layer), let tables = try? NarrowTables(layer, packed.stage) else { return nil }
    let groups = packed.rows * packed.groups
    return Work(
      [
        WorkItem("four", groups * packed.depth), WorkItem("group", groups),
        WorkItem("output", packed.rows * packed.units),
      ],
      flash: packed.groups * packed.depth * 4 + tables.byteCount(), scratch: Self.tableLength * 2)
  }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let packed = Packed(layer) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, packed.stage)
    let words = UnitWords.bytes(
      try layer.inputs[1].constantInts("the weights"), depth: packed.depth, units: packed.units)
    let weights = code.table(
      "weights", .int32, words, rowLength: 8,
      comment:
        "Weights \(layer.inputs[1].type.shape) plus 128, four output channels to a word, the first in the lowest byte.")
    let arguments = tables.write(&code)
    code.call(
      code.function("dense_squares"),
      [
        "\(code.inputs[0]), \(code.outputs[0]), (uint16_t *)(void *)\(code.scratch)",
        "/* rows */ \(packed.rows), /* depth */ \(packed.depth), /* units */ \(packed.units)",
        weights,
      ] + arguments)
  }
}
