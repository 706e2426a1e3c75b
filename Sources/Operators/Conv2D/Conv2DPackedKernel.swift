import IR
import Machine
package import Support

/// Convolutions and matrix products of four pixels at a time, two of them in the 16-bit halves (lanes) of a word, with weights
/// of few bits that stay packed in flash. Function `conv_2d_packed`.
///
/// Small weights make long blocks between which the lanes must be emptied, all of the same length.
package struct Conv2DPackedKernel: Kernel {
  /// Bits of a weight: 4 or 2.
  let bits: Int

  package var name: String { "conv_2d_\(bits)bit" }

  private struct Packed {
    /// Weights of a word.
    let width: Int
    /// The weights of each filter, filled up with zeros to whole words.
    let words: [Int32]
    /// Words of a filter, and those after which the lanes are emptied.
    let length: Int
    let block: Int

    init?(_ layer: Layer, _ shape: LaneConvolution, bits: Int) {
      guard let weights = try? layer.inputs[1].constantInts("the weights"),
        let packed = PackedWeights(weights, rowLength: shape.taps, bits: bits)
      else { return nil }
      width = 32 / bits
      words = packed.words
      length = packed.wordsPerRow
      block = packed.block
    }

    var blocks: Int { (length + block - 1) / block }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = LaneConvolution(layer), let tables = try? NarrowTables(layer, shape.stage),
      let packed = Packed(layer, shape, bits: bits)
    else { return nil }
    let walks = shape.groups * shape.filters
    return Work(
      [
        WorkItem("word", walks * packed.length), WorkItem("block", walks * packed.blocks), WorkItem("filter", walks),
        WorkItem("output", layer.outputs[0].shape.elementCount),
      ] + shape.patchWork,
      flash: 4 * packed.words.count + tables.byteCount(),
      scratch: LaneConvolution.sumBytes + packed.length * packed.width * 8)
  }

  package func obstacle(_ layer: Layer) -> String { "weights of more than \(bits) bits, or a single output pixel" }

  package func order(_ layer: Layer) -> AccessOrder? { LaneConvolution.order }

  package func takesRows(_ layer: Layer) -> Bool { layer.op is IntegerConv2D }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = LaneConvolution(layer), let packed = Packed(layer, shape, bits: bits) else {
      throw unsuitable(layer)
    }
    let tables = try NarrowTables(layer, shape.stage)
    let weights = code.table(
      "weights", .int32, packed.words, rowLength: min(8, packed.length),
      comment: "Weights \(layer.inputs[1].type.shape) of \(bits) bits, the first in the upper bits of a word.")
    let arguments = tables.write(&code, function: "narrow_sums")
    shape.call(
      "conv_2d_packed",
      ["\(weights), /* bits, words, block */ \(bits), \(packed.length), \(packed.block)"] + arguments, &code)
  }
}
