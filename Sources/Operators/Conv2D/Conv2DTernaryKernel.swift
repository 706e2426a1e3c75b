import IR
package import Support

/// Convolutions and matrix products of four pixels at a time whose weights are −1, 0 and 1, without multiplications: two
/// pixels stand in the 16-bit halves (lanes) of a word. Function `conv_2d_ternary`.
///
/// Pixels are taken plus 128, and −1 and 1 apart, so that no sum is negative.
package struct Conv2DTernaryKernel: Kernel {
  package let name = "conv_2d_ternary"

  /// Taps that a step can go forward: a byte counts bytes of the patch, 8 for each tap.
  private static let reach = 31

  /// The words of a filter: the taps with −1, then those with 1, with the number of words before each.
  private static func words(_ weights: ArraySlice<Int32>) -> [Int32] {
    var runs = [-1, 1].map { (sign: Int32) in
      weights.enumerated().filter { $0.element == sign }.map(\.offset)
    }
    // A tap that is in both runs counts nothing: such ones bridge the gaps that are too large for a step.
    while let bridge = runs.lazy.compactMap(bridge).first {
      for run in runs.indices {
        let place = runs[run].firstIndex { $0 > bridge } ?? runs[run].count
        runs[run].insert(bridge, at: place)
      }
    }
    return runs.flatMap { run -> [Int32] in
      // The patch begins with a tap of zero; as many as needed fill up the first word.
      let places = [Int](repeating: 0, count: (4 - run.count % 4) % 4) + run.map { $0 + 1 }
      let steps = zip(places, [0] + places).map { UInt32(8 * ($0 - $1)) }
      return [Int32(steps.count / 4)]
        + stride(from: 0, to: steps.count, by: 4).map {
          Int32(bitPattern: steps[$0] << 24 | steps[$0 + 1] << 16 | steps[$0 + 2] << 8 | steps[$0 + 3])
        }
    }
  }

  /// The first tap at which a step of a run must end that is too large; the first step begins before tap 0.
  private static func bridge(_ run: [Int]) -> Int? {
    zip(run, [-1] + run).first { $0 - $1 > reach }.map { $1 + reach }
  }

  private func filters(_ layer: Layer) -> SignedFilters? {
    SignedFilters(layer, where: { abs($0) <= 1 }, words: Self.words)
  }

  package func work(_ layer: Layer) -> Work? {
    guard let filters = filters(layer) else { return nil }
    return filters.work(layer, word: "word", taps: filters.shape.taps + 1)
  }

  package func obstacle(_ layer: Layer) -> String { "weights beside −1, 0 and 1, or a single output pixel" }

  package func order(_ layer: Layer) -> AccessOrder? { LaneConvolution.order }

  package func takesRows(_ layer: Layer) -> Bool { layer.op is IntegerConv2D }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let filters = filters(layer) else { throw unsuitable(layer) }
    try filters.write(
      layer, "conv_2d_ternary", role: "taps",
      comment:
        "Taps of the weights \(layer.inputs[1].type.shape) that are -1, then of those that are 1, four to a word.",
      into: &code)
  }
}
