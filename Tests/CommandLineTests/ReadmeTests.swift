import Support
import TestSupport
import Testing

/// Every command that the README shows is run, and prints what the README says.
@Suite struct ReadmeTests {
  private struct Command {
    let line: String
    var output: [Substring]
  }

  private let text: String

  init() throws { text = String(decoding: try Platform.read("\(Repository.root)/README.md"), as: UTF8.self) }

  /// The lines of the code blocks of a language.
  private func blocks(_ language: String) -> [[Substring]] {
    var blocks: [[Substring]] = []
    var open: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        open = open == nil ? String(line.dropFirst(3)) : nil
        if open == language { blocks.append([]) }
      } else if open == language {
        blocks[blocks.count - 1].append(line)
      }
    }
    return blocks
  }

  @Test func shownCommandsPrintWhatIsShown() throws {
    let folder = "\(Platform.environment("TMPDIR") ?? "/tmp")/nncgen-readme-\(UInt64.random(in: 0...UInt64.max))"
    try Platform.makeFolder(folder)
    defer { Platform.remove(folder) }
    try Tool.shell("ln", ["-s", "\(Repository.root)/Samples", "Samples"], in: folder)
    var commands: [Command] = []
    for line in blocks("sh").joined() {
      if line.hasPrefix("$ ") {
        commands.append(Command(line: String(line.dropFirst(2)), output: []))
      } else {
        commands[commands.count - 1].output.append(line)
      }
    }
    #expect(commands.count >= 8)
    let bin = Tool.path.split(separator: "/").dropLast().joined(separator: "/")
    for command in commands {
      let outcome = try Platform.run("sh", ["-c", "PATH=/\(bin):$PATH; \(command.line)"], in: folder, seconds: 300)
      #expect(outcome.status == 0, "\(command.line): \(outcome.errors)")
      guard !command.output.isEmpty else { continue }
      #expect(outcome.output == command.output.joined(separator: "\n") + "\n", "\(command.line)")
    }
  }

  /// `make demo` and `make test` contain this test; the check that lands changes runs them.
  @Test func twoCommandsAreRunByTheCheck() throws {
    let check = String(decoding: try Platform.read("\(Repository.root)/.ci/run"), as: UTF8.self)
    let commands = blocks("").joined().filter { !$0.isEmpty }
    #expect(commands == ["make demo", "make test"])
    for command in commands { #expect(check.contains("\n\(command)\n")) }
    let makefile = String(decoding: try Platform.read("\(Repository.root)/Makefile"), as: UTF8.self)
    #expect(makefile.contains("-C Samples/firmware") && text.contains("make -C Samples/firmware run"))
  }

  @Test func theSnippetCompiles() throws {
    let lines = try #require(blocks("c").first)
    let statement = try #require(lines.last)
    let source = lines.dropLast().joined(separator: "\n") + "\nint main(void)\n{\n    \(statement)\n    return 0;\n}\n"
    let folder = "\(Platform.environment("TMPDIR") ?? "/tmp")/nncgen-snippet-\(UInt64.random(in: 0...UInt64.max))"
    defer { Platform.remove(folder) }
    let model = "\(Repository.root)/Samples/digits/model.bin"
    #expect(try Tool.run(["emit", "--target", "host", model, "-o", folder, "--name", "digits"]).status == 0)
    try Platform.write(Array(source.utf8), to: "\(folder)/main.c")
    try Tool.shell("gcc", ["-Wall", "-Werror", "main.c", "digits.c", "-o", "demo"], in: folder)
    try Tool.shell("./demo", [], in: folder)
  }
}
