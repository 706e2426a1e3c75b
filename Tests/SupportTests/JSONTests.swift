import Support
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws(Diagnostic) -> JSON { try JSONParser.parse(text.utf8, file: "x.json") }

  @Test func readsAndWritesValues() throws {
    let text = #"{"a":[1,-2.5e3,true,null],"b":{"c":"é\n\"\\😀"}}"#
    let value = try parse(text)
    #expect(try parse(value.text()) == value)
    #expect(value.text() == text)
    #expect(try parse(value.text(indent: 2)) == value)
    #expect(try parse(#""é\u00e9😀\ud83d\ude00""#) == .string("éé😀😀"))
  }

  @Test(arguments: [
    ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("\n  tru", 2, 3), ("[1 2]", 1, 4), ("\"a", 1, 3),
    ("01", 1, 2), ("1.", 1, 3), ("1e", 1, 3), ("{\"a\":1,\n\"a\":2}", 2, 1), ("\"\\x\"", 1, 4), ("\"\\ud800\"", 1, 8),
    ("nul", 1, 1), ("-", 1, 1), ("[1] x", 1, 5), ("\"a\nb\"", 1, 3),
  ])
  func saysWhereTheTextIsWrong(_ text: String, _ line: Int, _ column: Int) {
    let error = #expect(throws: Diagnostic.self) { try parse(text) }
    #expect(error?.location == .line(file: "x.json", line: line, column: column))
  }

  @Test func boundsTheDepth() {
    #expect(throws: Diagnostic.self) { try parse(String(repeating: "[", count: 100_000)) }
  }

  @Test func cursorsNameThePath() throws {
    let cursor = JSONCursor(try parse(#"{"a":{"b":[1,"x"]}}"#), file: "x.json")
    let items = try cursor.member("a").member("b").items()
    #expect(try items[0].int() == 1)
    let error = #expect(throws: Diagnostic.self) { try items[1].int() }
    #expect(error?.location == .json(file: "x.json", path: "a.b[1]"))
    #expect(throws: Diagnostic.self) { try cursor.member("missing") }
    #expect(throws: Diagnostic.self) { try cursor.allowOnly(["b"]) }
    #expect(throws: Diagnostic.self) { try items[0].int(2...3) }
  }
}
