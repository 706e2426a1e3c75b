/// A JSON value together with its path in the file, for typed access with errors that say where.
package struct JSONCursor: Sendable {
  package let value: JSON
  package let file: String
  /// Such as `core.cycles.load`; empty at the top.
  package let path: String

  package init(_ value: JSON, file: String, path: String = "") {
    self.value = value
    self.file = file
    self.path = path
  }

  package func failure(_ message: String) -> Diagnostic {
    Diagnostic("json.value", at: .json(file: file, path: path.isEmpty ? "top level" : path), message)
  }

  package func object() throws(Diagnostic) -> [(String, JSON)] {
    guard case .object(let members) = value else { throw failure("must be an object") }
    return members
  }

  /// The member `name`, or nil when there is none.
  package func optional(_ name: String) throws(Diagnostic) -> JSONCursor? {
    let members = try object()
    guard let member = members.first(where: { $0.0 == name }) else { return nil }
    return JSONCursor(member.1, file: file, path: path.isEmpty ? name : "\(path).\(name)")
  }

  package func member(_ name: String) throws(Diagnostic) -> JSONCursor {
    guard let cursor = try optional(name) else { throw failure("the member `\(name)` is missing") }
    return cursor
  }

  /// Fails on a member that is not in `names`, so that a misspelt name is not ignored.
  package func allowOnly(_ names: [String]) throws(Diagnostic) {
    for (name, _) in try object() where !names.contains(name) {
      throw failure("unknown member `\(name)`; known are \(names.joined(separator: ", "))")
    }
  }

  package func items() throws(Diagnostic) -> [JSONCursor] {
    guard case .array(let items) = value else { throw failure("must be an array") }
    return items.enumerated().map { JSONCursor($1, file: file, path: "\(path)[\($0)]") }
  }

  package func string() throws(Diagnostic) -> String {
    guard case .string(let text) = value else { throw failure("must be a string") }
    return text
  }

  package func bool() throws(Diagnostic) -> Bool {
    guard case .bool(let flag) = value else { throw failure("must be true or false") }
    return flag
  }

  /// A whole number within `range`.
  package func int(_ range: ClosedRange<Int> = Int.min...Int.max) throws(Diagnostic) -> Int {
    guard case .number(let digits) = value, let number = Int(digits) else { throw failure("must be a whole number") }
    guard range.contains(number) else {
      throw failure("must be from \(range.lowerBound) to \(range.upperBound), but is \(number)")
    }
    return number
  }

  /// A finite number that a 64-bit float holds.
  package func double() throws(Diagnostic) -> Double {
    guard case .number(let digits) = value, let number = Double(digits), number.isFinite else {
      throw failure("must be a number")
    }
    return number
  }

  package func strings() throws(Diagnostic) -> [String] {
    var out: [String] = []
    for item in try items() { out.append(try item.string()) }
    return out
  }

  package func ints(_ range: ClosedRange<Int> = Int.min...Int.max) throws(Diagnostic) -> [Int] {
    var out: [Int] = []
    for item in try items() { out.append(try item.int(range)) }
    return out
  }
}
