import IR

/// One element of an output, computed from one element of each input: what it is worth and, see `ElementExpression+C`, how
/// it is written in C. Both come from the same tree, so they can't differ.
///
/// All values are 32-bit integers; sums, differences and products wrap, as those of the reference do.
package indirect enum ElementExpression: Equatable, Sendable {
  package enum Operation: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case minimum = "min"
    case maximum = "max"
    case and = "&"
    case or = "|"
    case exclusiveOr = "^"
    /// By at most 31 bits.
    case shiftLeft = "<<"
    /// Of numbers that are not negative, by at most 31 bits.
    case shiftRight = ">>"
  }

  package enum Relation: String, CaseIterable, Sendable {
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
  }

  /// The element of the input at a position.
  case input(Int)
  case constant(Int32)
  case binary(Operation, ElementExpression, ElementExpression)
  /// Times a factor, rounded as ``Requantization/apply(_:)`` does.
  case scaled(ElementExpression, Requantization)
  case clamped(ElementExpression, ClosedRange<Int32>)
  /// 1 when the relation holds, else 0.
  case compared(Relation, ElementExpression, ElementExpression)
  /// The second one when the first one is not 0, else the third one.
  case chosen(ElementExpression, ElementExpression, ElementExpression)
  case call(ElementFunction, [ElementExpression])
}

extension ElementExpression {
  static func + (a: Self, b: Self) -> Self { b == .constant(0) ? a : .binary(.add, a, b) }
  static func - (a: Self, b: Self) -> Self { b == .constant(0) ? a : .binary(.subtract, a, b) }
  static func * (a: Self, b: Self) -> Self { b == .constant(1) ? a : .binary(.multiply, a, b) }

  static func + (a: Self, b: Int32) -> Self { a + .constant(b) }
  static func - (a: Self, b: Int32) -> Self { a - .constant(b) }
  static func * (a: Self, b: Int32) -> Self { a * .constant(b) }

  /// Times the factor `scale`; powers of 2 that stay whole are multiplied in one step.
  func scaled(_ scale: Requantization) -> Self {
    guard case .binary(.multiply, let value, .constant(let factor)) = self, scale.multiplier == 1 << 30, factor > 0,
      factor & (factor - 1) == 0, scale.shift <= 0, factor.trailingZeroBitCount + scale.shift >= 1,
      range.lowerBound >= Int64(Int32.min), range.upperBound <= Int64(Int32.max)
    else { return .scaled(self, scale) }
    return value * (factor >> Int32(1 - scale.shift))
  }

  func clamped(_ range: ClosedRange<Int32>) -> Self { .clamped(self, range) }
}

extension ElementExpression.Relation {
  func holds<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .less: a < b
    case .lessOrEqual: a <= b
    }
  }
}

extension ElementExpression {
  /// The value for the elements `x` of the inputs.
  func value(_ x: [Int32]) -> Int32 {
    switch self {
    case .input(let position): return x[position]
    case .constant(let value): return value
    case .binary(let operation, let a, let b): return operation.value(a.value(x), b.value(x))
    case .scaled(let a, let scale): return scale.apply(a.value(x))
    case .clamped(let a, let range): return range.clamping(a.value(x))
    case .compared(let relation, let a, let b): return relation.holds(a.value(x), b.value(x)) ? 1 : 0
    case .chosen(let condition, let a, let b): return condition.value(x) != 0 ? a.value(x) : b.value(x)
    case .call(let function, let arguments): return function.value(arguments.map { $0.value(x) })
    }
  }

  /// The same expression where inputs are replaced; what depends on no input any more is computed.
  func replacingInputs(_ replacement: (Int) -> ElementExpression) -> ElementExpression {
    func replaced(_ part: ElementExpression) -> ElementExpression { part.replacingInputs(replacement) }
    let result: ElementExpression =
      switch self {
      case .input(let position): replacement(position)
      case .constant: self
      case .binary(let operation, let a, let b): .binary(operation, replaced(a), replaced(b))
      case .scaled(let a, let scale): .scaled(replaced(a), scale)
      case .clamped(let a, let range): .clamped(replaced(a), range)
      case .compared(let relation, let a, let b): .compared(relation, replaced(a), replaced(b))
      case .chosen(let condition, let a, let b): .chosen(replaced(condition), replaced(a), replaced(b))
      case .call(let function, let arguments): .call(function, arguments.map(replaced))
      }
    return result.isConstant ? .constant(result.value([])) : result
  }

  /// Whether it reads no input; parts that read none have been computed.
  private var isConstant: Bool {
    func isConstant(_ part: ElementExpression) -> Bool { if case .constant = part { true } else { false } }
    return switch self {
    case .input: false
    case .constant: true
    case .scaled(let a, _), .clamped(let a, _): isConstant(a)
    case .binary(_, let a, let b), .compared(_, let a, let b): isConstant(a) && isConstant(b)
    case .chosen(let condition, let a, let b): isConstant(condition) && isConstant(a) && isConstant(b)
    case .call(_, let arguments): arguments.allSatisfy(isConstant)
    }
  }

  /// The parts of the expression, itself included.
  var parts: [ElementExpression] {
    switch self {
    case .input, .constant: [self]
    case .scaled(let a, _), .clamped(let a, _): [self] + a.parts
    case .binary(_, let a, let b), .compared(_, let a, let b): [self] + a.parts + b.parts
    case .chosen(let condition, let a, let b): [self] + condition.parts + a.parts + b.parts
    case .call(_, let arguments): [self] + arguments.flatMap(\.parts)
    }
  }
}

extension ElementExpression.Operation {
  fileprivate func value(_ a: Int32, _ b: Int32) -> Int32 {
    switch self {
    case .add: a &+ b
    case .subtract: a &- b
    case .multiply: a &* b
    case .minimum: Swift.min(a, b)
    case .maximum: Swift.max(a, b)
    case .and: a & b
    case .or: a | b
    case .exclusiveOr: a ^ b
    case .shiftLeft: a &<< b
    case .shiftRight: a &>> b
    }
  }
}

extension ElementExpression: CustomStringConvertible {
  package var description: String {
    switch self {
    case .input(let position): "x\(position)"
    case .constant(let value): "\(value)"
    case .binary(let operation, let a, let b):
      switch operation {
      case .add, .subtract, .multiply, .and, .or, .exclusiveOr, .shiftLeft, .shiftRight:
        "(\(a)\(operation.rawValue)\(b))"
      case .minimum, .maximum: "\(operation.rawValue)(\(a),\(b))"
      }
    case .scaled(let a, let scale): "scale(\(a),\(scale.multiplier),\(scale.shift))"
    case .clamped(let a, let range): "clamp(\(a),\(range.lowerBound),\(range.upperBound))"
    case .compared(let relation, let a, let b): "(\(a)\(relation.rawValue)\(b))"
    case .chosen(let condition, let a, let b): "(\(condition)?\(a):\(b))"
    case .call(let function, let arguments):
      "\(function.name)(\((arguments.map(\.description) + function.parameters.map { "\($0)" }).joined(separator: ",")))"
    }
  }
}
