import Support

/// An option of a command.
struct Option: Sendable {
  /// With its dashes, such as `--target`.
  let name: String
  let short: String?
  /// Placeholder of its value in the help; nil for a flag.
  let value: String?
  let help: String
  /// Values that it takes, when they are few.
  let choices: [String]

  init(_ name: String, short: String? = nil, value: String? = nil, choices: [String] = [], _ help: String) {
    self.name = name
    self.short = short
    self.value = value ?? (choices.isEmpty ? nil : choices.joined(separator: "|"))
    self.help = help
    self.choices = choices
  }
}

/// A command of the program.
struct Command: Sendable {
  let name: String
  /// What stands behind the name, such as `MODEL`.
  let operands: [String]
  /// Number of operands that may be left out, from the end.
  let optionalOperands: Int
  let summary: String
  let options: [Option]
  let run: @Sendable (Arguments) throws(Diagnostic) -> Void

  init(
    _ name: String, operands: [String], optionalOperands: Int = 0, _ summary: String, options: [Option],
    run: @escaping @Sendable (Arguments) throws(Diagnostic) -> Void
  ) {
    self.name = name
    self.operands = operands
    self.optionalOperands = optionalOperands
    self.summary = summary
    self.options = options
    self.run = run
  }

  /// The text of `--help`.
  var help: String {
    let words = operands.enumerated().map { $0 >= operands.count - optionalOperands ? "[\($1)]" : $1 }
    var text =
      "usage: nncgen \(([name] + words).joined(separator: " "))\(options.isEmpty ? "" : " [options]")\n\n\(summary)\n"
    if !options.isEmpty { text += "\noptions:\n" }
    for option in options {
      let names = (option.short.map { "\($0), " } ?? "    ") + option.name
      text += "  \(names)\(option.value.map { " \($0)" } ?? "")\n"
      text += "          \(option.help.split(separator: "\n").joined(separator: "\n          "))\n"
    }
    return text
  }
}

/// The parsed words behind a command.
struct Arguments {
  let command: Command
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Parses `words`; an option may be written `--name value` or `--name=value`, and `--` ends the options.
  init(_ words: [String], for command: Command) throws(Diagnostic) {
    self.command = command
    var rest = words[...]
    var optionsEnded = false
    while let word = rest.popFirst() {
      if optionsEnded || word == "-" || !word.hasPrefix("-") {
        operands.append(word)
        continue
      }
      if word == "--" {
        optionsEnded = true
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = command.options.first(where: { $0.name == parts[0] || $0.short == parts[0] }) else {
        throw command.usage("unknown option `\(parts[0])`")
      }
      if option.value == nil {
        guard parts.count == 1 else { throw command.usage("\(option.name) takes no value") }
        values[option.name, default: []].append("")
        continue
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw command.usage("\(option.name) needs a value (\(option.value ?? ""))")
      }
      guard option.choices.isEmpty || option.choices.contains(value) else {
        throw command.usage("\(option.name) must be one of \(option.choices.joined(separator: ", ")), not `\(value)`")
      }
      values[option.name, default: []].append(value)
    }
    guard operands.count >= command.operands.count - command.optionalOperands else {
      throw command.usage("\(command.operands[operands.count]) is missing")
    }
    guard operands.count <= command.operands.count else {
      throw command.usage("unexpected argument `\(operands[command.operands.count])`")
    }
  }

  func has(_ option: String) -> Bool { values[option] != nil }

  /// The value of an option; of several the last one counts.
  func value(_ option: String) -> String? { values[option]?.last }

  /// All values of an option, also those separated by commas.
  func list(_ option: String) -> [String] {
    values(option).flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// The values of an option that may be repeated, as they are.
  func values(_ option: String) -> [String] { values[option] ?? [] }

  /// A value that must be a number, such as `2000000` or `2M`.
  func count(_ option: String) throws(Diagnostic) -> Int? {
    guard let text = value(option) else { return nil }
    let unit = text.hasSuffix("M") ? 1_000_000 : text.hasSuffix("K") ? 1_000 : 1
    guard let number = Int(unit == 1 ? text : String(text.dropLast())), (0...1 << 40).contains(number) else {
      throw command.usage("\(option) must be a number such as 2000000 or 2M, not `\(text)`")
    }
    return number * unit
  }

  /// A value that must be a number of bytes, such as `4096` or `16K`.
  func bytes(_ option: String) throws(Diagnostic) -> Int? {
    guard let text = value(option) else { return nil }
    let unit = text.hasSuffix("K") ? 1024 : 1
    guard let number = Int(unit == 1 ? text : String(text.dropLast())), (0...1 << 40).contains(number) else {
      throw command.usage("\(option) must be a number of bytes such as 4096 or 16K, not `\(text)`")
    }
    return number * unit
  }
}

extension Command {
  /// An error in how the command was called.
  func usage(_ message: String) -> Diagnostic {
    Diagnostic("usage", .usage, message, notes: ["`nncgen \(name) --help` shows the options"])
  }
}
