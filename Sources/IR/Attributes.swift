package import Support

/// The parameters of an operator by name: what the text form prints and `model.bin` stores.
package struct Attributes: Equatable, Sendable {
  package enum Value: Equatable, Sendable {
    case int(Int)
    case ints([Int])
    case float(Float)
    case string(String)
    case bool(Bool)
  }

  /// In the order in which they are printed.
  package private(set) var members: [(name: String, value: Value)]

  package init(_ members: [(name: String, value: Value)] = []) { self.members = members }

  package static func == (a: Attributes, b: Attributes) -> Bool {
    a.members.elementsEqual(b.members) { $0.name == $1.name && $0.value == $1.value }
  }

  private func value(_ name: String) throws(Diagnostic) -> Value {
    guard let member = members.first(where: { $0.name == name }) else {
      throw Diagnostic("attribute.missing", "the attribute `\(name)` is missing")
    }
    return member.value
  }

  package func has(_ name: String) -> Bool { members.contains { $0.name == name } }

  private func failure(_ name: String, _ kind: String) -> Diagnostic {
    Diagnostic("attribute.type", "the attribute `\(name)` must be \(kind)")
  }

  package func int(_ name: String) throws(Diagnostic) -> Int {
    guard case .int(let value) = try value(name) else { throw failure(name, "a whole number") }
    return value
  }

  package func ints(_ name: String) throws(Diagnostic) -> [Int] {
    guard case .ints(let value) = try value(name) else { throw failure(name, "a list of whole numbers") }
    return value
  }

  package func float(_ name: String) throws(Diagnostic) -> Float {
    switch try value(name) {
    case .float(let value): return value
    case .int(let value): return Float(value)
    default: throw failure(name, "a number")
    }
  }

  package func string(_ name: String) throws(Diagnostic) -> String {
    guard case .string(let value) = try value(name) else { throw failure(name, "a string") }
    return value
  }

  package func bool(_ name: String) throws(Diagnostic) -> Bool {
    guard case .bool(let value) = try value(name) else { throw failure(name, "true or false") }
    return value
  }
}

extension Attributes: CustomStringConvertible {
  /// `name=value` pairs, separated by spaces.
  package var description: String {
    members.map { member in
      switch member.value {
      case .int(let value): "\(member.name)=\(value)"
      case .ints(let values): "\(member.name)=[\(values.map(String.init).joined(separator: ","))]"
      case .float(let value): "\(member.name)=\(value)"
      case .string(let value): "\(member.name)=\(value)"
      case .bool(let value): "\(member.name)=\(value)"
      }
    }.joined(separator: " ")
  }
}
