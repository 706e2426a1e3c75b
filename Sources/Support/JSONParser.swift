/// A strict JSON parser (RFC 8259, no duplicate keys) whose errors carry line and column.
package struct JSONParser {
  /// Nesting deeper than this is refused, so that hostile input can't exhaust the stack.
  static let maximumDepth = 64

  private let bytes: [UInt8]
  private let file: String
  private var position = 0

  /// Parses all of `bytes` as one JSON value.
  package static func parse(_ bytes: some Sequence<UInt8>, file: String) throws(Diagnostic) -> JSON {
    var parser = JSONParser(bytes: Array(bytes), file: file)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == parser.bytes.count else { throw parser.failure("text after the end of the JSON value") }
    return value
  }

  private init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  private func failure(_ message: String) -> Diagnostic {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
    return Diagnostic("json.syntax", at: .line(file: file, line: line, column: column), message)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func skip(_ character: Character) -> Bool {
    guard let byte = current, byte == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Diagnostic) -> JSON {
    guard depth < Self.maximumDepth else { throw failure("more than \(Self.maximumDepth) levels of nesting") }
    skipSpace()
    switch current {
    case nil: throw failure("a value is missing at the end of the text")
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSON) throws(Diagnostic) -> JSON {
    guard bytes[position...].starts(with: text.utf8) else { throw failure("expected `\(text)`") }
    position += text.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(Diagnostic) -> JSON {
    position += 1
    var members: [(String, JSON)] = []
    var names: Set<String> = []
    skipSpace()
    if skip("}") { return .object([]) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw failure("expected a member name in double quotes") }
      let start = position
      let name = try string()
      guard names.insert(name).inserted else {
        position = start
        throw failure("the member `\(name)` stands here twice")
      }
      skipSpace()
      guard skip(":") else { throw failure("expected `:` after the member name `\(name)`") }
      members.append((name, try value(depth: depth + 1)))
      skipSpace()
      if skip("}") { return .object(members) }
      guard skip(",") else { throw failure("expected `,` or `}`") }
    }
  }

  private mutating func array(depth: Int) throws(Diagnostic) -> JSON {
    position += 1
    var items: [JSON] = []
    skipSpace()
    if skip("]") { return .array([]) }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      if skip("]") { return .array(items) }
      guard skip(",") else { throw failure("expected `,` or `]`") }
    }
  }

  private mutating func number() throws(Diagnostic) -> JSON {
    let start = position
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
    _ = skip("-")
    guard isDigit(current) else {
      position = start
      throw failure("expected a JSON value")
    }
    if !skip("0") { while isDigit(current) { position += 1 } }
    if skip(".") {
      guard isDigit(current) else { throw failure("expected a digit after the decimal point") }
      while isDigit(current) { position += 1 }
    }
    if skip("e") || skip("E") {
      if !skip("+") { _ = skip("-") }
      guard isDigit(current) else { throw failure("expected a digit in the exponent") }
      while isDigit(current) { position += 1 }
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func string() throws(Diagnostic) -> String {
    position += 1
    var out: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else { throw failure("the string is not valid UTF-8") }
        return text
      case UInt8(ascii: "\\"): out += Array(String(try escape()).utf8)
      case 0..<0x20:
        position -= 1
        throw failure("a control character inside of a string must be escaped")
      default: out.append(byte)
      }
    }
    throw failure("the string has no closing quote")
  }

  private mutating func escape() throws(Diagnostic) -> Character {
    guard let byte = current else { throw failure("the string ends after a backslash") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      if code & 0xFC00 == 0xD800, skip("\\"), skip("u") {
        code = 0x10000 + (code & 0x3FF) << 10 + (try codeUnit()) & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("\\u escape without its second half") }
      return Character(scalar)
    default: throw failure("unknown escape in a string")
    }
  }

  private mutating func codeUnit() throws(Diagnostic) -> UInt32 {
    let digits = bytes[position..<min(position + 4, bytes.count)]
    guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw failure("\\u needs four hexadecimal digits")
    }
    position += 4
    return code
  }
}
