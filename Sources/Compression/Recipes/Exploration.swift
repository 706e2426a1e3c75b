package import Support

/// Recipes that are tried one after the other, and which of their results nothing else beats.
package enum Exploration {
  /// The grid, from careful to bold: steps that end in Huffman codes, which the C executes, and some that don't, which are faster.
  package static let recipes: [(name: String, text: String)] =
    coded.map { ($0.name, $0.steps + #", {"step": "huffman"}"#) } + plain.map { ("\($0.name), no codes", $0.steps) }

  private static let plain = coded.filter { ["8 bits", "4 bits", "70 % pruned", "ternary"].contains($0.name) }

  private static let coded: [(name: String, steps: String)] =
    [8, 6, 5, 4, 3].map { ("\($0) bits", #"{"step": "quantize", "weights": \#($0)}"#) }
    + [5, 4, 3].map { ("mixed, \($0) bits", #"{"step": "mixed-precision", "bits-per-weight": \#($0)}"#) }
    + [50, 70].flatMap { ratio in
      [
        ("\(ratio) % pruned", #"{"step": "prune", "ratio": 0.\#(ratio), "rounds": 3}"#),
        (
          "\(ratio) % pruned, 16 shared",
          #"{"step": "prune", "ratio": 0.\#(ratio), "rounds": 3}, {"step": "share", "values": 16}"#
        ),
      ]
    }
    + [8, 12, 16, 20, 25, 32].map { ("rate-distortion \($0)x", #"{"step": "rate-distortion", "rate": \#($0)}"#) }
    + [("ternary", #"{"step": "quantize", "scheme": "ternary"}"#)]

  package static func recipe(_ place: Int) throws(Diagnostic) -> Recipe {
    let (name, text) = recipes[place]
    return try Recipe(Array(#"{"steps": [\#(text)]}"#.utf8), file: name)
  }

  /// A result: more of `quality` is better, less of the others.
  package struct Point: Equatable, Sendable {
    package let quality: Double
    package let flash: Int
    package let cycles: Int

    package init(quality: Double, flash: Int, cycles: Int) {
      self.quality = quality
      self.flash = flash
      self.cycles = cycles
    }

    /// As good in everything, and better in something.
    func dominates(_ other: Point) -> Bool {
      self != other && quality >= other.quality && flash <= other.flash && cycles <= other.cycles
    }
  }

  /// The places of the points that none of the others dominates.
  package static func front(_ points: [Point]) -> [Int] {
    points.indices.filter { index in !points.contains { $0.dominates(points[index]) } }
  }
}
