package import Support

/// Steps one after the other, as a JSON file names them: `{"steps": [{"step": "prune", "ratio": 0.8}, …]}`.
package struct Recipe: Sendable {
  package let name: String
  package let steps: [any CompressionStep]

  /// All steps, in the order in which they are listed.
  package static let known: [any CompressionStep.Type] = [
    LowRankStep.self, PruneStep.self, PruneChannelsStep.self, EqualizeStep.self, SplitOutliersStep.self,
    QuantizeStep.self, MixedPrecisionStep.self, ShareStep.self, ProductQuantizationStep.self, RateDistortionStep.self,
    HuffmanStep.self,
  ]

  /// Whether the network gives the same outputs in every bit.
  package var isLossless: Bool { steps.allSatisfy { type(of: $0).isLossless } }

  /// Whether C is to execute weights from compressed forms in the end.
  package var executesCompressed: Bool { steps.contains { $0 is HuffmanStep } }

  package init(name: String, steps: [any CompressionStep]) {
    self.name = name
    self.steps = steps
  }

  /// - Parameter file: for messages.
  package init(_ text: [UInt8], file: String) throws(Diagnostic) {
    try self.init(JSONCursor(try JSONParser.parse(text, file: file), file: file), name: file)
  }

  package init(_ json: JSONCursor, name: String) throws(Diagnostic) {
    try json.allowOnly(["name", "about", "steps"])
    _ = try json.optional("about")?.string()
    self.name = try json.optional("name")?.string() ?? name
    let items = try json.member("steps").items()
    guard items.count <= Self.mostSteps else {
      throw try json.member("steps").failure("has \(items.count) steps, more than \(Self.mostSteps)")
    }
    var steps: [any CompressionStep] = []
    for item in items { steps.append(try Self.step(item)) }
    self.steps = steps
  }

  /// More steps than any recipe needs.
  private static let mostSteps = 100

  package static func step(_ json: JSONCursor) throws(Diagnostic) -> any CompressionStep {
    let member = try json.member("step")
    let name = try member.string()
    guard let type = known.first(where: { $0.name == name }) else {
      throw member.failure(
        "there is no step `\(name)`; known are \(known.map { "`\($0.name)`" }.joined(separator: ", "))")
    }
    return try type.init(json)
  }
}
