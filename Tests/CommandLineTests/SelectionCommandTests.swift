import Support
import TestSupport
import Testing

/// `emit --explain`, `--autotune` and budgets, as a user sees them.
@Suite struct SelectionCommandTests {
  private let digits = "Samples/digits/model.bin"

  private func emit(_ options: [String]) throws -> (outcome: Platform.Outcome, c: String) {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let outcome = try Tool.run(["emit", digits, "-o", "\(folder)/out"] + options)
      let path = "\(folder)/out/model.c"
      return (outcome, Platform.exists(path) ? String(decoding: try Platform.read(path), as: UTF8.self) : "")
    }
  }

  @Test func explainShowsWhatWasConsidered() throws {
    let (outcome, c) = try emit(["--target", "cortex-m0", "--explain"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "model.bin on cortex-m0, kernels by the model of their cycles and bytes")
    let header = try #require(lines.dropFirst().first)
    let words = ["operator", "kernel", "cycles", "flash", "functions", "scratch", "why"]
    #expect(header.split(separator: " ").map(String.init) == words)
    // Every layer has a winner with a reason, below it are the others; the columns are aligned.
    let column = header.count - "why".count
    let table = lines.dropFirst(2).prefix { !$0.hasPrefix("flash ") }.dropLast()
    #expect(table.count { $0.contains("chosen: ") } > 5)
    for line in table {
      let why = line.dropFirst(column)
      #expect(!why.isEmpty && why.first != " " && line.dropFirst(column - 1).first == " ", "\(line)")
    }
    #expect(table.contains { $0.contains("can't: ") })
    #expect(lines.contains { $0.hasPrefix("chosen ") && $0.contains("--optimize balanced; proved") })
    // The same reason stands in the C.
    #expect(c.contains("\n * fewest cycles") && c.contains("; instead of "))
  }

  @Test func explainNamesTheBudget() throws {
    let fastest = try json(["--optimize", "speed"])
    let smallest = try json(["--optimize", "size"])
    let budget = (fastest.flash + smallest.flash) / 2
    let (outcome, c) = try emit([
      "--target", "cortex-m0", "--optimize", "speed", "--max-flash", "\(budget)", "--explain",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(" bytes of flash under --max-flash"), "\(outcome.output)")
    #expect(c.contains("--max-flash \(budget)"))
    let measured = try json(["--optimize", "speed", "--max-flash", "\(budget)"])
    #expect(measured.flash <= budget && measured.cycles <= smallest.cycles)
    // Budgets that can't be met are said to be so, after the table.
    let (impossible, nothing) = try emit(["--target", "cortex-m0", "--max-flash", "2K", "--explain"])
    #expect(impossible.status == 1 && impossible.output.contains("missed   --max-flash") && nothing.isEmpty)
    #expect(impossible.errors.contains("bytes of flash, "))
  }

  private func json(_ options: [String]) throws -> (flash: Int, cycles: Int) {
    let text = try Tool.run(["profile", "--target", "cortex-m0", "--json", digits] + options).output
    let json = JSONCursor(try JSONParser.parse(text.utf8, file: "profile"), file: "profile")
    let flash = try json.member("flash")
    return (
      try flash.member("code").int() + flash.member("weights").int(), try json.member("cycles").int()
    )
  }

  @Test func autotuneMeasures() throws {
    let (outcome, c) = try emit(["--target", "cortex-m0", "--autotune", "--explain"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("*  ") && outcome.output.contains("measured cycles, not modelled"))
    #expect(c.contains(": measured ") && c.contains("--autotune"))
    let (again, same) = try emit(["--target", "cortex-m0", "--autotune", "--explain"])
    #expect(again.status == 0 && same == c)
    let (host, nothing) = try emit(["--target", "host", "--autotune"])
    #expect(host.status == 2 && host.errors.contains("nothing can be measured") && nothing.isEmpty)
    let profile = try Tool.run(["profile", "--target", "cortex-m0", "--autotune", digits])
    #expect(profile.status == 0 && profile.output.contains("answer identical"))
  }
}
