import IR

/// C text of an expression, and whether it needs parentheses inside of another one.
struct ElementText {
  let text: String
  let isAtom: Bool

  var atom: String { isAtom ? text : "(\(text))" }

  static func atom(_ text: String) -> ElementText { ElementText(text: text, isAtom: true) }
  static func compound(_ text: String) -> ElementText { ElementText(text: text, isAtom: false) }
}

extension ElementExpression {
  /// The expression in C, of the type `int32_t` or, for truth values, `int`; asks `code` for the functions that it calls.
  ///
  /// - Parameters:
  ///   - names: C expressions of the inputs' elements, which are of the type `int32_t`.
  ///   - ranges: what values the inputs have; where no sum can overflow, none needs to wrap.
  func text(_ names: [String], _ ranges: [ClosedRange<Int32>], _ code: inout LayerCode) -> ElementText {
    switch self {
    case .input(let position): return .atom(names[position])
    case .constant(let value): return .literal(value)
    case .binary(let operation, let a, let b):
      let (first, second) = (a.text(names, ranges, &code), b.text(names, ranges, &code))
      switch operation {
      case .minimum: return .compound("\(first.atom) < \(second.atom) ? \(first.atom) : \(second.atom)")
      case .maximum: return .compound("\(first.atom) > \(second.atom) ? \(first.atom) : \(second.atom)")
      case .and, .or, .exclusiveOr, .shiftRight:
        return .compound("\(first.atom) \(operation.rawValue) \(second.atom)")
      case .shiftLeft: return .atom("(int32_t)((uint32_t)\(first.atom) << \(second.atom))")
      case .add, .subtract, .multiply:
        let sign = operation.rawValue
        guard range(ranges) == wrapped(ranges) else {
          return .atom("(int32_t)((uint32_t)\(first.atom) \(sign) (uint32_t)\(second.atom))")
        }
        // x - -3 reads better as x + 3.
        if case .constant(let value) = b, value < 0, value > Int32.min, operation != .multiply {
          return .compound("\(first.atom) \(operation == .add ? "-" : "+") \(-value)")
        }
        return .compound("\(first.atom) \(sign) \(second.atom)")
      }
    case .scaled(let a, let scale):
      let value = a.text(names, ranges, &code)
      // The factor 1.
      if scale.multiplier == 1 << 30, scale.shift == 1, range(ranges) == a.wrapped(ranges) { return value }
      return .atom("\(code.function("scale"))(\(value.text), \(scale.multiplier), \(scale.shift))")
    case .clamped(let a, let clamp):
      let value = a.text(names, ranges, &code)
      let own = a.wrapped(ranges)
      if own.lowerBound >= Int64(clamp.lowerBound), own.upperBound <= Int64(clamp.upperBound) { return value }
      let bounds = [clamp.lowerBound, clamp.upperBound].map { ElementText.literal($0).text }
      return .atom("\(code.function("clamp"))(\(value.text), \(bounds[0]), \(bounds[1]))")
    case .compared(let relation, let a, let b):
      let (first, second) = (a.text(names, ranges, &code), b.text(names, ranges, &code))
      return .compound("\(first.atom) \(relation.rawValue) \(second.atom)")
    case .chosen(let condition, let a, let b):
      let test = condition.text(names, ranges, &code)
      let isRelation = if case .compared = condition { true } else { false }
      let (first, second) = (a.text(names, ranges, &code), b.text(names, ranges, &code))
      return .compound("\(isRelation ? test.text : test.atom + " != 0") ? \(first.atom) : \(second.atom)")
    case .call(let function, let arguments):
      return .atom(function.text(arguments.map { $0.text(names, ranges, &code).text }, &code))
    }
  }
}

extension ElementText {
  static func literal(_ value: Int32) -> ElementText {
    // INT32_MIN has no decimal literal of a type of 32 bits.
    value == Int32.min ? .compound("-2147483647 - 1") : value < 0 ? .compound("\(value)") : .atom("\(value)")
  }
}
