import IR
import Machine
package import Support

/// Matrix products eight units at a time with weights of 4 bits, for inputs of few rows: the weights of two units are masked
/// into the 16-bit halves (lanes) of a word, so that one multiplication by an input value serves both. Function `dense_4bit`.
///
/// The inputs are cut into blocks of one length, so short that no half can overflow, whatever the inputs are.
package struct Dense4BitKernel: Kernel {
  package let name = "dense_4bit"

  private struct Packed {
    let product: (rows: Int, depth: Int, units: Int, stage: OutputStage)
    /// Eight units to a word, the first in the lowest bits; for each eight units as many words as there are inputs.
    let words: [Int32]
    /// Inputs after which the sums are emptied.
    let block: Int

    var groups: Int { (product.units + 7) / 8 }
    var blocks: Int { (product.depth + block - 1) / block }

    /// What the sums begin with: the halves stand for sums from −32768, once for each block.
    func bias(_ tables: NarrowTables) -> [Int32] {
      tables.bias.map { $0 &- Int32(truncatingIfNeeded: blocks * 32768) }
    }

    init?(_ layer: Layer) {
      guard let product = MatrixProductKernel.product(layer),
        let weights = try? layer.inputs[1].constantInts("the weights"), weights.allSatisfy({ (-8...7).contains($0) })
      else { return nil }
      self.product = product
      let depth = product.depth
      var words: [Int32] = []
      for first in stride(from: 0, to: product.units, by: 8) {
        for d in 0..<depth {
          var word: UInt32 = 0
          for unit in first..<min(first + 8, product.units) {
            word |= UInt32(weights[unit * depth + d] + 8) << UInt32(4 * (unit - first))
          }
          words.append(Int32(bitPattern: word))
        }
      }
      self.words = words
      block = LaneBlocks.commonLength(
        (0..<product.units).map { unit in weights[unit * depth..<(unit + 1) * depth].map { Int($0.magnitude) } })
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let packed = Packed(layer), let tables = try? NarrowTables(layer, packed.product.stage) else { return nil }
    let rows = packed.product.rows
    return Work(
      [
        WorkItem("word", rows * packed.words.count), WorkItem("block", rows * packed.groups * packed.blocks),
        WorkItem("group", rows * packed.groups), WorkItem("output", rows * packed.product.units),
      ],
      flash: packed.words.count * 4 + tables.byteCount(bias: packed.bias(tables)))
  }

  package func obstacle(_ layer: Layer) -> String {
    "weights of more than 4 bits, or " + MatrixProductKernel().obstacle(layer)
  }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let packed = Packed(layer) else { throw unsuitable(layer) }
    let product = packed.product
    let tables = try NarrowTables(layer, product.stage)
    let weights = code.table(
      "weights", .int32, packed.words, rowLength: 8,
      comment:
        "Weights \(layer.inputs[1].type.shape) plus 8, eight output channels to a word, the first in the lowest bits."
    )
    let arguments = tables.write(&code, bias: packed.bias(tables))
    code.call(
      code.function("dense_4bit"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(product.rows), /* depth */ \(product.depth), /* units */ \(product.units)",
        "\(weights), /* block */ \(packed.block)",
      ] + arguments)
  }
}
