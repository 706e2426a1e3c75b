import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#endif

/// The program: its commands and how one of them is run.
enum Program {
  static let version = "0.1.0"

  static let commands = [
    EmitCommand.command, VerifyCommand.command, InspectCommand.command, ConvertCommand.command, CompressCommand.command,
    EvalCommand.command, ProfileCommand.command, FitCommand.command, TargetsCommand.command,
  ]

  private static var overview: String {
    let list = commands.map { "  " + $0.name.padded(to: 10) + ($0.summary.split(separator: "\n").first ?? "") }
    return """
      nncgen turns quantized neural networks into exact C99 for microcontrollers without an FPU.

      usage: nncgen COMMAND ... [options]

      \(list.joined(separator: "\n"))

      `nncgen COMMAND --help` shows the options of a command, `nncgen --version` the version.
      Exit status: 0 done, 1 the answer is no, 2 usage, 3 bad input file, 4 a needed program is missing or failed.

      """
  }

  /// The same command with calibration vectors.
  private static func calibrating(_ words: [String]) -> String {
    let quoted = words.dropFirst().map { $0.contains(" ") ? "'\($0)'" : $0 }
    return (["nncgen", words.first ?? "", "--calibrate VECTORS.npy"] + quoted).joined(separator: " ")
  }

  /// Runs the command in `words` and gives the exit status.
  static func run(_ words: [String]) -> Int32 {
    guard let name = words.first, name != "--help", name != "-h", name != "help" else {
      Platform.print(overview, to: words.isEmpty ? 2 : 1)
      return words.isEmpty ? Diagnostic.Category.usage.rawValue : 0
    }
    if name == "--version" {
      Platform.print("nncgen \(version)\n")
      return 0
    }
    do throws(Diagnostic) {
      guard let command = commands.first(where: { $0.name == name }) else {
        throw Diagnostic(
          "usage", .usage, "unknown command `\(name)`",
          notes: ["commands are \(commands.map(\.name).joined(separator: ", "))"])
      }
      let rest = Array(words.dropFirst())
      if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
        Platform.print(command.help)
        return 0
      }
      try command.run(try Arguments(rest, for: command))
      return 0
    } catch {
      let error = error.id == "lowering.float" ? error.noting("here: \(calibrating(words))") : error
      Platform.print("\(error)\n", to: 2)
      return error.category.rawValue
    }
  }
}

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
