/// Makes C identifiers.
package enum CNamer {
  private static let reserved: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
    "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed",
    "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while",
    "asm", "bool", "catch", "class", "delete", "explicit", "export", "false", "friend", "mutable", "namespace",
    "new", "operator", "private", "protected", "public", "template", "this", "throw", "true", "try", "typeid",
    "typename", "using", "virtual", "main",
  ]

  /// Whether `name` can be the prefix of the symbols: an identifier of C and of C++ that no language reserves.
  package static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, !reserved.contains(name) else { return false }
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    // A leading underscore is the implementation's.
    return isLetter(first) && !name.contains("__")
      && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }

  /// An identifier made from the stem of a file name: other characters become underscores.
  package static func identifier(from stem: String) -> String {
    var name = ""
    for byte in stem.utf8 {
      let character = Character(Unicode.Scalar(byte))
      let kept = byte < 0x80 && (character.isLetter || character.isNumber)
      if kept { name.append(character) } else if !name.hasSuffix("_") { name += "_" }
    }
    if name.first?.isLetter != true { name = "model" + (name.hasPrefix("_") || name.isEmpty ? name : "_" + name) }
    while name.hasSuffix("_") { name.removeLast() }
    return reserved.contains(name) ? name + "_model" : name
  }

  /// `text` made safe for the inside of a C comment: printable ASCII that neither opens nor ends a comment, continues a
  /// line or makes a trigraph.
  package static func comment(_ text: String) -> String {
    var safe: [UInt8] = []
    for scalar in text.unicodeScalars {
      let isPrintable = scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\\" && scalar != "?"
      let byte = isPrintable ? UInt8(truncatingIfNeeded: scalar.value) : UInt8(ascii: "_")
      // A space between `*` and `/`, in either order.
      if let last = safe.last,
        last == UInt8(ascii: "*") && byte == UInt8(ascii: "/")
          || last == UInt8(ascii: "/") && byte == UInt8(ascii: "*")
      {
        safe.append(UInt8(ascii: " "))
      }
      safe.append(byte)
    }
    return String(decoding: safe, as: UTF8.self)
  }
}
