package import Support

/// One step of a recipe: a rewrite of the network, with options from JSON.
package protocol CompressionStep: Sendable {
  /// The word that names it in recipes.
  static var name: String { get }
  /// What it does, in one line.
  static var summary: String { get }
  /// Its options with their values and what they mean, for the list of steps.
  static var options: [StepOption] { get }
  /// Whether the network gives the same outputs in every bit.
  static var isLossless: Bool { get }

  /// Reads the options; fails on one that is not known, or has a wrong value, with its path.
  init(_ json: JSONCursor) throws(Diagnostic)

  /// - Returns: what there is to tell, one line each.
  func apply(to network: inout CompressedNetwork, _ context: CompressionContext) throws(Diagnostic) -> [String]
}

/// An option of a step, for the list of steps.
package struct StepOption: Sendable {
  package let name: String
  /// Its values, such as `1...8` or `"local" | "global"`.
  package let values: String
  package let meaning: String

  package init(_ name: String, _ values: String, _ meaning: String) {
    self.name = name
    self.values = values
    self.meaning = meaning
  }
}

extension CompressionStep {
  package static var isLossless: Bool { false }

  package var name: String { Self.name }

  /// Fails on members that are no options of the step.
  static func check(_ json: JSONCursor) throws(Diagnostic) {
    try json.allowOnly(["step"] + options.map(\.name))
  }
}

extension JSONCursor {
  /// One of the values of an enumeration; `fallback` when the member is missing.
  func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ fallback: Value
  ) throws(Diagnostic) -> Value {
    guard let member = try optional(name) else { return fallback }
    let text = try member.string()
    guard let value = Value(rawValue: text) else {
      let all = Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      throw member.failure("must be one of \(all), not `\(text)`")
    }
    return value
  }

  func number(_ name: String, _ range: ClosedRange<Double>) throws(Diagnostic) -> Double? {
    guard let member = try optional(name) else { return nil }
    let value = try member.double()
    guard range.contains(value) else {
      throw member.failure("must be from \(range.lowerBound) to \(range.upperBound), but is \(value)")
    }
    return value
  }

  func whole(_ name: String, _ range: ClosedRange<Int>) throws(Diagnostic) -> Int? {
    try optional(name)?.int(range)
  }

  func flag(_ name: String, _ fallback: Bool) throws(Diagnostic) -> Bool { try optional(name)?.bool() ?? fallback }
}
