import IR
import Machine
package import Support

/// Convolutions and matrix products of four pixels at a time, two of them in the 16-bit halves (lanes) of a word, over the
/// weights that are not zero. Function `conv_2d_sparse`.
///
/// Pixels are taken plus 128, and positive and negative weights apart, so that no product is negative: two of them fit into
/// each half of a word. Words and their upper halves are summed in 32 bits, which gives the lower halves as well.
package struct Conv2DSparseKernel: Kernel {
  package let name = "conv_2d_sparse"

  /// The words of a filter: the negative weights, then the positive ones, with the number of words before each.
  ///
  /// Two weights stand in a word. In bits 15 to 7 of a half is how many bytes of the patch a weight lies behind the one before
  /// it, 8 for each tap; in bits 6 to 0 is its magnitude, so that −128 takes two.
  private static func words(_ weights: ArraySlice<Int32>) -> [Int32] {
    [-1, 1].flatMap { (sign: Int32) in
      let words = SparseRun(weights, reach: 63, magnitude: 127) { $0.signum() == sign }.words {
        UInt32($0.distance) << 10 | $0.weight.magnitude
      }
      return [Int32(words.count)] + words
    }
  }

  private struct Packed {
    let shape: LaneConvolution
    /// The words of each filter.
    let filters: [[Int32]]
    /// The sum of each filter's weights.
    let totals: [Int32]

    /// Words with weights.
    var pairs: Int { filters.reduce(0) { $0 + $1.count - 2 } }

    init?(_ layer: Layer) {
      guard let shape = LaneConvolution(layer), let weights = try? layer.inputs[1].constantInts("the weights")
      else { return nil }
      self.shape = shape
      let rows = (0..<shape.filters).map { weights[$0 * shape.taps..<($0 + 1) * shape.taps] }
      filters = rows.map(Conv2DSparseKernel.words)
      totals = rows.map { $0.reduce(0, &+) }
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let packed = Packed(layer), let tables = try? NarrowTables(layer, packed.shape.stage) else { return nil }
    let shape = packed.shape
    return Work(
      [
        WorkItem("pair", shape.groups * packed.pairs), WorkItem("filter", shape.groups * shape.filters),
        WorkItem("output", layer.outputs[0].shape.elementCount),
      ] + shape.patchWork,
      flash: 4 * (packed.pairs + 2 * shape.filters) + tables.byteCount,
      scratch: LaneConvolution.sumBytes + shape.taps * 8)
  }

  package func obstacle(_ layer: Layer) -> String { Conv2DLanesKernel().obstacle(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let packed = Packed(layer) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, packed.shape.stage)
    let pairs = code.table(
      "pairs", .int32, packed.filters.flatMap { $0 }, rowLength: 8,
      comment:
        "Weights \(layer.inputs[1].type.shape) that are not zero, two to a word, the number of words before each run of one sign."
    )
    // The pixels have 128 too much.
    let bias = zip(tables.bias, packed.totals).map { $0 &- $1 &* 128 }
    let arguments = tables.write(&code, bias: bias, function: "narrow_sums")
    packed.shape.call("conv_2d_sparse", [pairs] + arguments, &code)
  }
}
