/// A JSON value (RFC 8259). Objects keep the order of their members.
package indirect enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number as it is written, so that 64-bit integers and floats keep every digit.
  case number(String)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  package static func == (a: JSON, b: JSON) -> Bool { a.text() == b.text() }

  package static func int(_ value: Int) -> JSON { .number(String(value)) }

  /// Shortest text that reads back as the same value; JSON has no infinities, so they become strings.
  package static func float(_ value: Double) -> JSON { value.isFinite ? .number("\(value)") : .string("\(value)") }

  /// The text with `indent` spaces a level, or on one line when `indent` is 0. Arrays of scalars stay on one line.
  package func text(indent: Int = 0) -> String {
    var out = ""
    write(into: &out, indent: indent, level: 0)
    return out
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private func write(into out: inout String, indent: Int, level: Int) {
    func newline(_ level: Int) -> String { indent == 0 ? "" : "\n" + String(repeating: " ", count: indent * level) }
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .number(let digits): out += digits
    case .string(let value): out += JSON.quoted(value)
    case .array(let items):
      let flat = indent == 0 || items.allSatisfy(\.isScalar)
      out += "["
      for (i, item) in items.enumerated() {
        if i > 0 { out += flat && indent > 0 ? ", " : "," }
        if !flat { out += newline(level + 1) }
        item.write(into: &out, indent: indent, level: level + 1)
      }
      out += flat || items.isEmpty ? "]" : newline(level) + "]"
    case .object(let members):
      out += "{"
      for (i, member) in members.enumerated() {
        out += (i > 0 ? "," : "") + newline(level + 1) + JSON.quoted(member.0) + (indent == 0 ? ":" : ": ")
        member.1.write(into: &out, indent: indent, level: level + 1)
      }
      out += members.isEmpty ? "}" : newline(level) + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      case _ where scalar.value < 0x20: out += "\\u" + hexadecimal(scalar.value, digits: 4)
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
