package import CCode
package import Support

/// The C templates by path below `Templates`, parsed when they are first asked for.
package struct TemplateLibrary: Sendable {
  private let texts: [String: String]

  package init(_ files: [(path: String, text: String)]) {
    texts = Dictionary(files.map { ($0.path, $0.text) }) { first, _ in first }
  }

  func has(_ path: String) -> Bool { texts[path] != nil }

  package func template(_ path: String) throws(Diagnostic) -> Template {
    guard let text = texts[path] else { throw Diagnostic("template.missing", .usage, "there is no template \(path)") }
    return try Template(text, name: "Templates/\(path)")
  }

  package func render(_ path: String, _ values: [String: Template.Value]) throws(Diagnostic) -> String {
    try template(path).render(values)
  }

  /// The text of a template without the line break at its end, to be put into another one.
  package func renderPart(_ path: String, _ values: [String: Template.Value]) throws(Diagnostic) -> String {
    var text = try template(path).render(values)
    while text.hasSuffix("\n") { text.removeLast() }
    return text
  }
}

extension Template.Value {
  /// A list of lines for `{{#each}}` with the hole `{{line}}`.
  static func lines(_ lines: [String]) -> Template.Value { .list(lines.map { ["line": .text($0)] }) }
}
