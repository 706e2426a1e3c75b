package import Support

/// A C text with holes: `{{name}}`, `{{#if name}} … {{/if}}` and `{{#each name}} … {{/each}}`.
///
/// A hole without a value, and a value without a hole, are errors. A tag of `if` or `each` that stands alone on its line
/// takes the whole line with it.
package struct Template: Sendable {
  package indirect enum Value: Sendable {
    case text(String)
    case flag(Bool)
    case list([[String: Value]])
  }

  private indirect enum Part: Sendable {
    case text(String)
    case hole(String, Int)
    case condition(String, [Part], Int)
    case loop(String, [Part], Int)
  }

  private let name: String
  private let source: [UInt8]
  private let parts: [Part]

  /// Parses the template `text` of the file `name`.
  package init(_ text: String, name: String) throws(Diagnostic) {
    self.name = name
    source = Array(text.utf8)
    var position = 0
    parts = try Self.parse(source, &position, closing: nil, name: name)
  }

  /// Whether the template has a hole or block with the name `key`.
  package func mentions(_ key: String) -> Bool { Self.names(parts).contains(key) }

  private static func names(_ parts: [Part]) -> Set<String> {
    var names: Set<String> = []
    for part in parts {
      switch part {
      case .text: break
      case .hole(let key, _): names.insert(key)
      case .condition(let key, let body, _), .loop(let key, let body, _):
        names.insert(key)
        names.formUnion(Self.names(body))
      }
    }
    return names
  }

  /// The text with every hole filled from `values`.
  package func render(_ values: [String: Value]) throws(Diagnostic) -> String {
    try checkUse(of: values, in: parts)
    var out = ""
    try render(parts, [values], &out)
    return out
  }

  private func checkUse(of values: [String: Value], in parts: [Part]) throws(Diagnostic) {
    let known = Self.names(parts)
    for key in values.keys.sorted() where !known.contains(key) {
      throw Diagnostic("template.unused", .usage, at: .file(name), "the template has no hole for the value `\(key)`")
    }
  }

  private func render(_ parts: [Part], _ scopes: [[String: Value]], _ out: inout String) throws(Diagnostic) {
    func value(_ key: String, _ offset: Int) throws(Diagnostic) -> Value {
      for scope in scopes.reversed() { if let value = scope[key] { return value } }
      throw Self.failure(source, offset, name, "no value for the hole `\(key)`")
    }
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .hole(let key, let offset):
        guard case .text(let text) = try value(key, offset) else {
          throw Self.failure(source, offset, name, "the value of `\(key)` is not a text")
        }
        out += text
      case .condition(let key, let body, let offset):
        guard case .flag(let flag) = try value(key, offset) else {
          throw Self.failure(source, offset, name, "the value of `\(key)` is not a flag")
        }
        if flag { try render(body, scopes, &out) }
      case .loop(let key, let body, let offset):
        guard case .list(let items) = try value(key, offset) else {
          throw Self.failure(source, offset, name, "the value of `\(key)` is not a list")
        }
        for item in items {
          try checkUse(of: item, in: body)
          try render(body, scopes + [item], &out)
        }
      }
    }
  }

  private static func failure(_ source: [UInt8], _ offset: Int, _ name: String, _ message: String) -> Diagnostic {
    let before = source[..<offset]
    let line = before.count { $0 == 0x0A } + 1
    let column = offset - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
    return Diagnostic("template.syntax", .usage, at: .line(file: name, line: line, column: column), message)
  }

  private static func parse(
    _ source: [UInt8], _ position: inout Int, closing: (word: String, offset: Int)?, name: String
  ) throws(Diagnostic) -> [Part] {
    var parts: [Part] = []
    var text: [UInt8] = []
    func flush() {
      if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
      text = []
    }
    while position < source.count {
      guard source[position] == UInt8(ascii: "{"), position + 1 < source.count,
        source[position + 1] == UInt8(ascii: "{")
      else {
        text.append(source[position])
        position += 1
        continue
      }
      let start = position
      guard let end = source[start...].firstRange(of: Array("}}".utf8)) else {
        throw failure(source, start, name, "`{{` without `}}`")
      }
      let tag = String(decoding: source[start + 2..<end.lowerBound], as: UTF8.self)
      position = end.upperBound
      let words = tag.split(separator: " ").map(String.init)
      let isBlock = tag.hasPrefix("#") || tag.hasPrefix("/")
      if isBlock {
        // A tag alone on its line takes the line with it.
        let lineStart = text.lastIndex(of: 0x0A).map { $0 + 1 } ?? (parts.isEmpty ? 0 : nil)
        let alone = text[(lineStart ?? text.count)...].allSatisfy { $0 == 0x20 }
        let startsLine = start == 0 || lineStart != nil || source[start - 1] == 0x0A
        if alone, startsLine, position < source.count, source[position] == 0x0A {
          if let lineStart { text.removeSubrange(lineStart...) }
          position += 1
        }
      }
      flush()
      switch (words.first, words.count) {
      case ("#if", 2):
        parts.append(.condition(words[1], try parse(source, &position, closing: ("/if", start), name: name), start))
      case ("#each", 2):
        parts.append(.loop(words[1], try parse(source, &position, closing: ("/each", start), name: name), start))
      case (let word?, 1) where isBlock:
        guard let closing, word == closing.word else {
          throw failure(source, start, name, "`{{\(tag)}}` closes nothing that is open")
        }
        return parts
      case (let word?, 1): parts.append(.hole(word, start))
      default: throw failure(source, start, name, "`{{\(tag)}}` is no hole and no block")
      }
    }
    if let closing { throw failure(source, closing.offset, name, "this block is not closed by `{{\(closing.word)}}`") }
    flush()
    return parts
  }
}
