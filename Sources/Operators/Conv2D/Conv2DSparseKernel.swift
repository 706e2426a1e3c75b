import IR
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

  private func filters(_ layer: Layer) -> SignedFilters? { SignedFilters(layer, words: Self.words) }

  package func work(_ layer: Layer) -> Work? {
    guard let filters = filters(layer) else { return nil }
    return filters.work(layer, word: "pair", taps: filters.shape.taps)
  }

  package func obstacle(_ layer: Layer) -> String { Conv2DLanesKernel().obstacle(layer) }

  package func order(_ layer: Layer) -> AccessOrder? { LaneConvolution.order }

  package func takesRows(_ layer: Layer) -> Bool { layer.op is IntegerConv2D }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let filters = filters(layer) else { throw unsuitable(layer) }
    try filters.write(
      layer, "conv_2d_sparse", role: "pairs",
      comment:
        "Weights \(layer.inputs[1].type.shape) that are not zero, two to a word, the number of words before each run of one sign.",
      into: &code)
  }
}
