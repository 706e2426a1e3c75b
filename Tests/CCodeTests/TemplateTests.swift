import CCode
import Support
import Testing

@Suite struct TemplateTests {
  private func render(_ text: String, _ values: [String: Template.Value]) throws(Diagnostic) -> String {
    try Template(text, name: "t").render(values)
  }

  @Test func fillsHolesAndBlocks() throws {
    #expect(try render("a {{x}} b", ["x": .text("1")]) == "a 1 b")
    #expect(try render("{{#if f}}yes{{/if}}", ["f": .flag(false)]) == "")
    let list = Template.Value.list([["x": .text("1")], ["x": .text("2")]])
    #expect(try render("{{#each l}}<{{x}}{{y}}>{{/each}}", ["l": list, "y": .text("!")]) == "<1!><2!>")
  }

  @Test func tagsAloneOnALineTakeTheLine() throws {
    let text = "a\n{{#if f}}\n  b\n{{/if}}\nc\n"
    #expect(try render(text, ["f": .flag(true)]) == "a\n  b\nc\n")
    #expect(try render(text, ["f": .flag(false)]) == "a\nc\n")
  }

  @Test(arguments: [
    ("a\n {{x}}", 2, 2), ("{{x", 1, 1), ("{{/if}}", 1, 1), ("{{#if f}}a", 1, 1), ("{{#each f}}{{/if}}", 1, 12),
    ("{{a b}}", 1, 1), ("{{#if f}}{{/if}}{{f}}", 1, 17),
  ])
  func saysWhereTheTemplateIsWrong(_ text: String, _ line: Int, _ column: Int) {
    let values: [String: Template.Value] = text.contains("f}}") ? ["f": .flag(true)] : [:]
    let error = #expect(throws: Diagnostic.self) { try render(text, values) }
    #expect(error?.location == .line(file: "t", line: line, column: column))
  }

  @Test func refusesUnusedValues() {
    #expect(throws: Diagnostic.self) { try render("a", ["x": .text("1")]) }
    #expect(throws: Diagnostic.self) { try render("{{#each l}}{{/each}}", ["l": .list([["x": .text("1")]])]) }
    // A hole in a block that is left out still counts as a use.
    #expect(throws: Never.self) { try render("{{#if f}}{{x}}{{/if}}", ["f": .flag(false), "x": .text("1")]) }
  }
}
