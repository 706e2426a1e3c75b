package import Support

extension Recipe {
  /// The recipes that come with the program, by name, as JSON.
  package static let shipped: [(name: String, text: String)] = [
    (
      "exact",
      """
      {
        "name": "exact",
        "about": "Lossless: the outputs stay the same in every bit. Constants get their shortest encodings.",
        "steps": [
          { "step": "huffman" }
        ]
      }
      """
    ),
    (
      "balanced",
      """
      {
        "name": "balanced",
        "about": "4 bits for each weight, rounded so that the outputs of the layers come closest.",
        "steps": [
          { "step": "quantize", "weights": 4 },
          { "step": "huffman" }
        ]
      }
      """
    ),
    (
      "deep-compression",
      """
      {
        "name": "deep-compression",
        "about": "Pruning, shared weights and Huffman codes, after S. Han, H. Mao and W. Dally, ICLR 2016.",
        "steps": [
          { "step": "prune", "ratio": 0.6, "scope": "layer", "rounds": 4 },
          { "step": "share", "values": 16 },
          { "step": "huffman" }
        ]
      }
      """
    ),
    (
      "tiny",
      """
      {
        "name": "tiny",
        "about": "25 times less than floats: each weight gets the integer with the best trade of coded size and error.",
        "steps": [
          { "step": "rate-distortion", "rate": 25 },
          { "step": "huffman" }
        ]
      }
      """
    ),
  ]

  /// A recipe that comes with the program; nil for other names.
  package static func shipped(_ name: String) throws(Diagnostic) -> Recipe? {
    guard let text = shipped.first(where: { $0.name == name })?.text else { return nil }
    return try Recipe(Array(text.utf8), file: name)
  }
}
