import Compression
import Support

/// The options of `nncgen compress` that stand for single steps.
enum CompressionFlags {
  static let options = [
    Option(
      "--prune", value: "RATIO|N:M", "The step `prune`: the part of the weights that becomes zero, or N of M that stay."
    ),
    Option("--share", value: "K", "The step `share`: so many different weights in each layer."),
    Option("--rate", value: "N", "The step `rate-distortion`: weights take 32/N bits on average."),
    Option("--weights", value: "BITS", "The step `quantize`: bits of a weight."),
    Option(
      "--scheme", choices: ["symmetric", "asymmetric", "fixed-point", "dynamic-fixed-point", "binary", "ternary"],
      "The step `quantize`: what the integers stand for."),
    Option("--activations", choices: ["8", "16"], "The step `quantize`: bits of what layers compute, 8 without it."),
  ]

  /// The recipe that the options name: a shipped one, a file, or the steps of single options in the order above.
  static func recipe(_ arguments: Arguments) throws(Diagnostic) -> Recipe {
    let flags = options.map(\.name).filter { arguments.has($0) }
    if let name = arguments.value("--recipe") {
      guard flags.isEmpty else { throw arguments.command.usage("\(flags[0]) can't be given with --recipe") }
      if let shipped = try Recipe.shipped(name) { return shipped }
      guard name.contains(".") || name.contains("/") || Platform.exists(name) else {
        throw arguments.command.usage(
          "there is no recipe `\(name)`; there are \(Recipe.shipped.map(\.name).joined(separator: ", ")), or a file")
      }
      return try Recipe(try Platform.read(name), file: name)
    }
    guard !flags.isEmpty else {
      throw arguments.command.usage("--recipe is missing, or one of \(options.map(\.name).joined(separator: ", "))")
    }
    var steps: [any CompressionStep] = []
    /// - Parameter flag: what an error is about.
    func add(_ flag: String, _ name: String, _ members: [(String, JSON)]) throws(Diagnostic) {
      let json = JSON.object([("step", .string(name))] + members)
      do throws(Diagnostic) {
        steps.append(try Recipe.step(JSONCursor(json, file: "")))
      } catch {
        throw arguments.command.usage("\(flag): \(error.message)")
      }
    }
    if let amount = arguments.value("--prune") {
      try add("--prune", "prune", [amount.contains(":") ? ("keep", .string(amount)) : ("ratio", number(amount))])
    }
    if let values = arguments.value("--share") { try add("--share", "share", [("values", number(values))]) }
    if let rate = arguments.value("--rate") { try add("--rate", "rate-distortion", [("rate", number(rate))]) }
    let bits = arguments.value("--weights").map { [("weights", number($0))] } ?? []
    let scheme = arguments.value("--scheme").map { [("scheme", JSON.string($0))] } ?? []
    let activations = arguments.value("--activations").map { [("activations", number($0))] } ?? []
    if let flag = ["--weights", "--scheme", "--activations"].first(where: { arguments.has($0) }) {
      try add(flag, "quantize", bits + scheme + activations)
    }
    try add("", "huffman", [])
    return Recipe(name: "command line", steps: steps)
  }

  /// A word as a number, where it is one.
  private static func number(_ word: String) -> JSON {
    Double(word).map { $0.isFinite } ?? false ? .number(word) : .string(word)
  }
}
