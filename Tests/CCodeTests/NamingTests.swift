import CCode
import Testing

@Suite struct NamingTests {
  @Test(arguments: [
    ("model", "model"), ("kws-ref.v2", "kws_ref_v2"), ("2nd", "model_2nd"), ("_x", "model_x"), ("für", "f_r"),
    ("", "model"),
    ("int", "int_model"), ("a__b", "a_b"), ("x.", "x"),
  ])
  func makesIdentifiers(_ stem: String, _ expected: String) {
    #expect(CNamer.identifier(from: stem) == expected)
    #expect(CNamer.isIdentifier(CNamer.identifier(from: stem)))
  }

  @Test(arguments: ["", "1a", "a-b", "_a", "int", "class", "a__b", "ä", "main"])
  func refusesOtherNames(_ name: String) { #expect(!CNamer.isIdentifier(name)) }

  @Test func commentsCanNotBeClosed() {
    // A backslash must not become a part of a new end of comment.
    let safe = CNamer.comment("a*/b/*c\\\nd??/é*//*\\ int injected; \\*/")
    #expect(!safe.contains("*/") && !safe.contains("/*") && !safe.contains("\\") && !safe.contains("??/"))
    #expect(safe.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
  }

  @Test func tablesKeepTheirRows() {
    let table = ConstantTable(
      name: "t", type: "int32_t", values: [1, -2, 3, Int32.min], rowLength: 2, comment: "Four.")
    #expect(
      table.definition(linkage: "static ", qualifier: "F") == """
        /* Four. */
        static const int32_t t[4] F = {
            1, -2,
            3, -2147483647 - 1
        };
        """)
    #expect(table.byteCount == 16)
  }
}
