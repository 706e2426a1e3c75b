import IR
import Machine
package import Support

/// Matrix products four units at a time, for inputs of few rows: the weights of two units stand in the 16-bit halves (lanes)
/// of a word, so that one multiplication by an input value serves both. Function `dense_lanes`.
///
/// The weights take one byte each, as they are; the halves of a word of four are masked out. The inputs are cut into blocks so
/// short that no half can overflow, whatever the inputs are; behind each block the halves are added to 32-bit sums.
package struct DenseLanesKernel: Kernel {
  package let name = "dense_lanes"

  private struct Packed {
    let rows: Int
    let depth: Int
    let units: Int
    let stage: OutputStage
    /// Four units to a word, for each four units as many words as there are inputs.
    let words: [Int32]
    /// Pairs of inputs, for each four units.
    let blocks: [[Int32]]

    init?(_ layer: Layer) {
      guard let product = MatrixProductKernel.product(layer),
        let weights = try? layer.inputs[1].constantInts("the weights")
      else { return nil }
      (rows, depth, units, stage) = product
      let (depth, units) = (depth, units)
      var words: [Int32] = []
      var blocks: [[Int32]] = []
      for first in stride(from: 0, to: units, by: 4) {
        let rows = (first..<first + 4).map { unit in
          unit < units
            ? Array(weights[unit * depth..<(unit + 1) * depth]) : [Int32](repeating: 0, count: depth)
        }
        for d in 0..<depth {
          let bytes = rows.map { UInt32(UInt8(truncatingIfNeeded: $0[d] + 128)) }
          words.append(Int32(bitPattern: bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24))
        }
        guard let own = LaneBlocks.pairs(rows.map { $0[..<(depth & ~1)] }) else { return nil }
        blocks.append(own)
      }
      self.words = words
      self.blocks = blocks
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let packed = Packed(layer), let tables = try? NarrowTables(layer, packed.stage) else { return nil }
    let blockCount = packed.blocks.reduce(0) { $0 + $1.count }
    return Work(
      [
        WorkItem("pair", packed.rows * packed.words.count / 2), WorkItem("block", packed.rows * blockCount),
        WorkItem("group", packed.rows * packed.blocks.count), WorkItem("output", packed.rows * packed.units),
      ],
      flash: packed.words.count * 4 + blockCount + packed.blocks.count + tables.byteCount)
  }

  package func obstacle(_ layer: Layer) -> String { MatrixProductKernel().obstacle(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let packed = Packed(layer) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, packed.stage)
    let weights = code.table(
      "weights", .int32, packed.words, rowLength: 8,
      comment:
        "Weights \(layer.inputs[1].type.shape) plus 128, four output channels to a word, the first in the lowest byte.")
    let blocks = code.table(
      "blocks", .int8, packed.blocks.flatMap { $0 + [0] }, rowLength: 32,
      comment: "Pairs of inputs that 16-bit sums hold; 0 behind each four output channels.")
    // The halves stand for sums from −32768, once for each block.
    let bias = tables.bias.enumerated().map { unit, value in
      value &- Int32(truncatingIfNeeded: packed.blocks[unit / 4].count * 32768)
    }
    let arguments = tables.write(&code, bias: bias)
    code.call(
      code.function("dense_lanes"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(packed.rows), /* depth */ \(packed.depth), /* units */ \(packed.units)",
        "\(weights), \(blocks)",
      ] + arguments)
  }
}
