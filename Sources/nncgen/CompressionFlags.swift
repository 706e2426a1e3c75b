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
      "--scheme", choices: ["symmetric", "fixed-point", "dynamic-fixed-point", "binary", "ternary"],
      "The step `quantize`: what the integers stand for."),
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
    var steps: [(String, [(String, JSON)])] = []
    if let amount = arguments.value("--prune") {
      steps.append(("prune", [amount.contains(":") ? ("keep", .string(amount)) : ("ratio", number(amount))]))
    }
    if let values = arguments.value("--share") { steps.append(("share", [("values", number(values))])) }
    if let rate = arguments.value("--rate") { steps.append(("rate-distortion", [("rate", number(rate))])) }
    let bits = arguments.value("--weights").map { [("weights", number($0))] } ?? []
    let scheme = arguments.value("--scheme").map { [("scheme", JSON.string($0))] } ?? []
    if !bits.isEmpty || !scheme.isEmpty { steps.append(("quantize", bits + scheme)) }
    return try Recipe(flags: steps + [("huffman", [])])
  }

  /// A word as a number, where it is one.
  private static func number(_ word: String) -> JSON {
    Double(word).map { $0.isFinite } ?? false ? .number(word) : .string(word)
  }
}
