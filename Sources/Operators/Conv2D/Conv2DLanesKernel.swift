import IR
import Machine
package import Support

/// Convolutions and matrix products of four pixels at a time, two of them in the 16-bit halves (lanes) of a word, so that
/// one multiplication by a weight serves two. Function `conv_2d_lanes`.
///
/// Behind each four weights the halves are added to 32-bit sums. Where even four could overflow a half, for some pixels, that
/// is done behind two, which always fit (but for −128 twice).
package struct Conv2DLanesKernel: Kernel {
  package let name = "conv_2d_lanes"

  /// The weights of all filters.
  private func packed(_ layer: Layer, _ shape: LaneConvolution) -> [LaneBlocks.Words]? {
    guard let weights = try? layer.inputs[1].constantInts("the weights") else { return nil }
    var packed: [LaneBlocks.Words] = []
    for filter in 0..<shape.filters {
      guard let own = LaneBlocks.words(Array(weights[filter * shape.taps..<(filter + 1) * shape.taps])) else {
        return nil
      }
      packed.append(own)
    }
    return packed
  }

  package func work(_ layer: Layer) -> Work? {
    guard let shape = LaneConvolution(layer), let tables = try? NarrowTables(layer, shape.stage),
      let packed = packed(layer, shape)
    else { return nil }
    let groups = shape.groups
    func total(_ count: (LaneBlocks.Words) -> Int) -> Int { packed.reduce(0) { $0 + count($1) } }
    let words = total(\.words.count)
    return Work(
      [
        WorkItem("word", groups * words), WorkItem("pair", groups * total(\.pairCount)),
        WorkItem("filter", groups * shape.filters),
        WorkItem("output", shape.images * shape.pixels * shape.filters),
      ] + shape.patchWork,
      flash: words * 4 + total(\.pairs.count) + tables.byteCount(),
      scratch: LaneConvolution.sumBytes + (shape.taps + 3) / 4 * 32)
  }

  package func obstacle(_ layer: Layer) -> String { "groups, or a single output pixel" }

  package func order(_ layer: Layer) -> AccessOrder? { LaneConvolution.order }

  package func takesRows(_ layer: Layer) -> Bool { layer.op is IntegerConv2D }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let shape = LaneConvolution(layer), let packed = packed(layer, shape) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, shape.stage)
    let words = (shape.taps + 3) / 4
    let weights = code.table(
      "weights", .int32, packed.flatMap(\.words), rowLength: 8,
      comment: "Weights \(layer.inputs[1].type.shape), four to a word, \(words) words for each output channel.")
    let pairs = code.table(
      "pairs", .int8, packed.flatMap(\.pairs), rowLength: 32,
      comment: "Weights that do not go with the first two of their word; 255 behind each output channel.")
    let arguments = tables.write(&code, function: "narrow_sums")
    _ = code.function("lane_sums")
    shape.call("conv_2d_lanes", ["\(weights), /* words */ \(words), \(pairs)"] + arguments, &code)
  }
}
