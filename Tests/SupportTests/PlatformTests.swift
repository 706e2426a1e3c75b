import Support
import Testing

@Suite struct PlatformTests {
  @Test func writesAtomically() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      try Platform.makeFolder("\(folder)/a/b")
      try Platform.write([1, 2], to: "\(folder)/a/b/file")
      try Platform.write([3], to: "\(folder)/a/b/file")
      #expect(try Platform.read("\(folder)/a/b/file") == [3])
      // No temporary file is left behind.
      #expect(try Platform.list("\(folder)/a/b") == ["file"])
      let error = #expect(throws: Diagnostic.self) { try Platform.write([1], to: "\(folder)/missing/file") }
      #expect(error?.location == .file("\(folder)/missing/file"))
      #expect(throws: Diagnostic.self) { try Platform.read("\(folder)/a") }
      #expect(throws: Diagnostic.self) { try Platform.makeFolder("\(folder)/a/b/file/c") }
    }
  }

  @Test func runsProgramsWithTheirArguments() throws {
    try Platform.withTemporaryFolder { (folder) throws(Diagnostic) in
      let outcome = try Platform.run("printf", ["%s|", "a b", "$HOME", "'\"", ""], in: folder)
      #expect(outcome.output == "a b|$HOME|'\"||")
      #expect(try Platform.run("false", [], in: folder).status == 1)
      #expect(try Platform.run("sh", ["-c", "kill -9 $$"], in: folder).status == 137)
      let missing = #expect(throws: Diagnostic.self) { try Platform.run("no-such-program-here", [], in: folder) }
      #expect(missing?.category == .externalProgram)
      #expect(throws: Diagnostic.self) { try Platform.run("sleep", ["5"], in: folder, seconds: 0.1) }
    }
  }

  @Test func diagnosticsSayTheirPlace() {
    let error = Diagnostic("x", at: .byte(file: "m.bin", offset: 7), "is wrong", notes: ["do this"])
    #expect("\(error)" == "error: m.bin: byte 7: is wrong\n  note: do this")
    #expect(error.located(.file("other")).location == error.location)
    #expect("\(Diagnostic("x", at: .line(file: "t", line: 2, column: 3), "is wrong"))" == "error: t:2:3: is wrong")
  }
}
