import IR
import Operators
import Support

/// Arithmetic on two tensors that broadcast.
extension ONNXCall {
  static let elementwise: [String: Builder] = [
    "Add": { (call) throws(Diagnostic) in
      if let value = try call.folded(.init(ints: { $0 &+ $1 }, floats: { $0 + $1 })) { return [value] }
      guard try call.element(0).isFloat else { return [try call.integers(IntegerArithmetic(.add), [0, 1])] }
      let (a, b) = (try call.float(0), try call.float(1))
      return [.tensor(call.graph[a].constant == nil ? try call.biased(a, b) : try call.biased(b, a), .float32)]
    },
    "Sub": binary(.init(ints: { $0 &- $1 }, floats: { $0 - $1 }), .subtract) { Sub(activation: .none) },
    "Mul": binary(.init(ints: { $0 &* $1 }, floats: { $0 * $1 }), .multiply) { Mul(activation: .none) },
    "Div": { (call) throws(Diagnostic) in
      let division = Arithmetic(
        ints: { $1 == 0 || $0 == Int64.min && $1 == -1 ? nil : $0 / $1 }, floats: { $0 / $1 })
      if let value = try call.folded(division) { return [value] }
      guard try call.element(0).isFloat else { return [try call.integers(IntegerArithmetic(.divide), [0, 1])] }
      return [.tensor(try call.quotient(), .float32)]
    },
    "Mod": { (call) throws(Diagnostic) in [try call.rest()] },
    "Pow": { (call) throws(Diagnostic) in [try call.power()] },
    "Min": extremum(.minimum), "Max": extremum(.maximum),
    "Sum": { (call) throws(Diagnostic) in [.tensor(try call.total(), .float32)] },
    "Mean": { (call) throws(Diagnostic) in
      [.tensor(try call.scaled(try call.total(), by: 1 / Float(call.inputs.count)), .float32)]
    },
    "BitwiseAnd": bits({ $0 & $1 }, .and), "BitwiseOr": bits({ $0 | $1 }, .or),
    "BitwiseXor": bits({ $0 ^ $1 }, .exclusiveOr),
    "BitwiseNot": { (call) throws(Diagnostic) in
      let range = try call.element(0).range ?? 0...0
      let mask = range.lowerBound < 0 ? -1 : range.upperBound
      if let value = try call.folded(ints: { $0 ^ mask }, floats: { $0 }) { return [value] }
      let x = try call.bare(0)
      let other = try call.add(integer: Int(mask), like: x)
      let result = try call.emit(IntegerArithmetic(.exclusiveOr), [x, other], call.graph[x].type.element)
      return [.tensor(result, try call.element(0))]
    },
    "BitShift": { (call) throws(Diagnostic) in
      let isLeft = try call.string("direction", default: "") == "LEFT"
      let shift = Arithmetic(
        ints: {
          $1 < 0 ? nil : $1 > 63 ? 0 : isLeft ? $0 << $1 : Int64(bitPattern: UInt64(bitPattern: $0) >> UInt64($1))
        },
        floats: { x, _ in x })
      if let value = try call.folded(shift) { return [value] }
      return [try call.integers(IntegerArithmetic(isLeft ? .shiftLeft : .shiftRight), [0, 1])]
    },
    "PRelu": { (call) throws(Diagnostic) in
      if let slope = try call.known(1)?.floats("the slope"), let alpha = slope.first, slope.allSatisfy({ $0 == alpha })
      {
        return [.tensor(try call.emit(LeakyRelu(alpha: alpha), [try call.float(0)], .float32), .float32)]
      }
      // max(x, 0) + slope · min(x, 0)
      let x = try call.float(0)
      let negative = try call.function(.clip, x, -.infinity, 0)
      let scaled = try call.product(negative, try call.float(1))
      return [.tensor(try call.sum(try call.emit(Relu(), [x], .float32), scaled), .float32)]
    },
  ]

  /// A binary operator of the graph, which is computed here when both inputs are known.
  private static func binary(
    _ arithmetic: Arithmetic, _ operation: IntegerArithmetic.Operation,
    _ op: @escaping @Sendable () -> any SourceOperator
  ) -> Builder {
    { (call) throws(Diagnostic) in
      if let value = try call.folded(arithmetic) { return [value] }
      guard try call.element(0).isFloat else { return [try call.integers(IntegerArithmetic(operation), [0, 1])] }
      return [.tensor(try call.emit(op(), [try call.float(0), try call.float(1)], .float32), .float32)]
    }
  }

  private static func bits(
    _ operation: @escaping @Sendable (Int64, Int64) -> Int64, _ kind: IntegerArithmetic.Operation
  ) -> Builder {
    { (call) throws(Diagnostic) in
      if let value = try call.folded(Arithmetic(ints: operation, floats: { x, _ in x })) { return [value] }
      return [try call.integers(IntegerArithmetic(kind), [0, 1])]
    }
  }

  /// x / y for floats: a constant y becomes a factor, another one a reciprocal.
  private mutating func quotient() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    if let divisor = try known(1), case .floats(let values) = divisor.values {
      let factors = try add(ONNXConstant(.float32, divisor.shape, .floats(values.map { 1 / $0 })), "divisor")
      return try product(x, factors)
    }
    return try product(x, try function(.reciprocal, try float(1)))
  }

  /// Mod: the sign is that of the divisor or, with `fmod`, that of the dividend.
  private mutating func rest() throws(Diagnostic) -> ONNXValue {
    let isTruncated = try int("fmod", default: 0) != 0
    let operation = Arithmetic(
      ints: { (a, b) in
        guard b != 0, b != -1 else { return b == 0 ? nil : 0 }
        let rest = a % b
        return !isTruncated && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
      }, floats: { $0.truncatingRemainder(dividingBy: $1) })
    if let value = try folded(operation) { return value }
    guard try element(0).isFloat else {
      return try integers(IntegerArithmetic(isTruncated ? .remainder : .modulo), [0, 1])
    }
    // sign(x) · (|x| mod |y|)
    let (x, y) = (try float(0), try float(1))
    let magnitudes = [try function(.absolute, x), try function(.absolute, y)]
    let rest = try emit(FloorDivision(.remainder), magnitudes, .float32)
    return .tensor(try product(try function(.sign, x), rest), .float32)
  }

  /// The larger or smaller ones of all inputs; with one constant number a clamp.
  private static func extremum(_ kind: Extremum.Kind) -> Builder {
    { (call) throws(Diagnostic) in
      if call.inputs.count == 1 { return [try call.value(0)] }
      let isMaximum = kind == .maximum
      let arithmetic = Arithmetic(
        ints: { isMaximum ? max($0, $1) : min($0, $1) },
        floats: { $0.isNaN || $1.isNaN ? .nan : isMaximum ? max($0, $1) : min($0, $1) })
      if let value = try call.folded(arithmetic) { return [value] }
      let element = try call.element(0)
      guard element.isFloat else {
        let ids = try call.bare(Array(call.inputs.indices))
        var result = ids[0]
        for id in ids.dropFirst() {
          result = try call.emit(Extremum(kind), [result, id], call.graph[ids[0]].type.element)
        }
        return [.tensor(result, element)]
      }
      var result = try call.float(0)
      for position in call.inputs.indices.dropFirst() {
        result = try call.extremum(result, try call.float(position), kind)
      }
      return [.tensor(result, .float32)]
    }
  }

  private mutating func extremum(
    _ a: TensorID, _ b: TensorID, _ kind: Extremum.Kind
  ) throws(Diagnostic) -> TensorID {
    for (data, bound) in [(a, b), (b, a)] {
      guard graph[bound].type.shape.elementCount == 1, graph[bound].type.shape.rank <= graph[data].type.shape.rank,
        let number = try graph.operand(bound).constant?.floats("the bound").first, !number.isNaN
      else { continue }
      return kind == .maximum
        ? try function(.clip, data, number, .infinity) : try function(.clip, data, -.infinity, number)
    }
    return try emit(Extremum(kind), [a, b], .float32)
  }

  private mutating func total() throws(Diagnostic) -> TensorID {
    var total = try float(0)
    for position in inputs.indices.dropFirst() { total = try sum(total, try float(position)) }
    return total
  }
}
