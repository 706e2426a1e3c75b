import IR
import Operators
import Support

/// Operators on two tensors that broadcast.
extension ONNXCall {
  static let elementwise: [String: Builder] = [
    "Add": binary(.init(ints: { $0 &+ $1 }, floats: { $0 + $1 })) { Add(activation: .none) },
    "Sub": binary(.init(ints: { $0 &- $1 }, floats: { $0 - $1 })) { Sub(activation: .none) },
    "Mul": binary(.init(ints: { $0 &* $1 }, floats: { $0 * $1 })) { Mul(activation: .none) },
    "Div": { (call) throws(Diagnostic) in
      let division = Arithmetic(
        ints: { $1 == 0 || $0 == Int64.min && $1 == -1 ? nil : $0 / $1 }, floats: { $0 / $1 })
      if let value = try call.folded(division) { return [value] }
      return [.tensor(try call.quotient(), .float32)]
    },
    "Mod": fold(
      .init(
        ints: { (a, b) in
          guard b != 0, b != -1 else { return b == 0 ? nil : 0 }
          let rest = a % b
          return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
        }, floats: { $0.truncatingRemainder(dividingBy: $1) })),
    "Pow": { (call) throws(Diagnostic) in
      let power = Arithmetic(
        ints: { (base, exponent) in exponent < 0 || exponent > 63 ? nil : (0..<exponent).reduce(1) { x, _ in x &* base }
        },
        floats: { PointwiseFunction.power($0, $1) })
      if try call.known(0) != nil, let value = try call.folded(power) { return [value] }
      return [.tensor(try call.power(), .float32)]
    },
    "Equal": fold(.init(ints: { $0 == $1 ? 1 : 0 }, floats: { $0 == $1 ? 1 : 0 }, isTest: true)),
    "Greater": fold(.init(ints: { $0 > $1 ? 1 : 0 }, floats: { $0 > $1 ? 1 : 0 }, isTest: true)),
    "GreaterOrEqual": fold(.init(ints: { $0 >= $1 ? 1 : 0 }, floats: { $0 >= $1 ? 1 : 0 }, isTest: true)),
    "Less": fold(.init(ints: { $0 < $1 ? 1 : 0 }, floats: { $0 < $1 ? 1 : 0 }, isTest: true)),
    "LessOrEqual": fold(.init(ints: { $0 <= $1 ? 1 : 0 }, floats: { $0 <= $1 ? 1 : 0 }, isTest: true)),
    "And": fold(.init(ints: { $0 & $1 }, floats: { _, _ in 0 })),
    "Or": fold(.init(ints: { $0 | $1 }, floats: { _, _ in 0 })),
    "Xor": fold(.init(ints: { $0 ^ $1 }, floats: { _, _ in 0 })),
    "Min": extremum(isMaximum: false), "Max": extremum(isMaximum: true),
    "Sum": { (call) throws(Diagnostic) in [.tensor(try call.sum(), .float32)] },
    "Mean": { (call) throws(Diagnostic) in
      let sum = try call.sum()
      let factor = try call.add(scalar: 1 / Float(call.inputs.count), "count")
      return [.tensor(try call.emit(Mul(activation: .none), [sum, factor], .float32), .float32)]
    },
    "Where": { (call) throws(Diagnostic) in try call.choice() },
    "PRelu": { (call) throws(Diagnostic) in
      let slope = try call.constant(1, "the slope").floats("the slope")
      guard let alpha = slope.first, slope.allSatisfy({ $0 == alpha }) else {
        // max(x, 0) + slope · min(x, 0)
        let x = try call.float(0)
        let negative = try call.emit(PointwiseFunction(.clip, -.infinity, 0), [x], .float32)
        let scaled = try call.emit(Mul(activation: .none), [negative, try call.float(1)], .float32)
        let positive = try call.emit(Relu(), [x], .float32)
        return [.tensor(try call.emit(Add(activation: .none), [positive, scaled], .float32), .float32)]
      }
      return [.tensor(try call.emit(LeakyRelu(alpha: alpha), [try call.float(0)], .float32), .float32)]
    },
  ]

  /// A binary operator of the graph, which is computed here when both inputs are known.
  private static func binary(
    _ arithmetic: Arithmetic, _ op: @escaping @Sendable () -> any SourceOperator
  ) -> Builder {
    { (call) throws(Diagnostic) in
      if let value = try call.folded(arithmetic) { return [value] }
      return [.tensor(try call.emit(op(), [try call.float(0), try call.float(1)], .float32), .float32)]
    }
  }

  /// An operator that is only supported where both inputs are known.
  private static func fold(_ arithmetic: Arithmetic) -> Builder {
    { (call) throws(Diagnostic) in
      guard let value = try call.folded(arithmetic) else {
        throw call.failure("operator", "is supported on constants only")
      }
      return [value]
    }
  }

  /// x / y for floats: a constant y becomes a factor, another one a reciprocal.
  private mutating func quotient() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    if let divisor = try known(1), case .floats(let values) = divisor.values {
      let factors = try add(ONNXConstant(.float32, divisor.shape, .floats(values.map { 1 / $0 })), "divisor")
      return try emit(Mul(activation: .none), [x, factors], .float32)
    }
    let reciprocal = try emit(PointwiseFunction(.reciprocal), [try float(1)], .float32)
    return try emit(Mul(activation: .none), [x, reciprocal], .float32)
  }

  private mutating func power() throws(Diagnostic) -> TensorID {
    let exponents = try constant(1, "the exponent").numbers
    guard let exponent = exponents.first, exponents.allSatisfy({ $0 == exponent }) else {
      throw failure("power", "the exponent must be one number")
    }
    let x = try float(0)
    guard try graph[x].type.shape == Broadcast(try shape(0), try shape(1)).shape else {
      throw failure("power", "an exponent with more dimensions than the base is not supported")
    }
    if exponent == 2 { return try emit(Mul(activation: .none), [x, x], .float32) }
    return try emit(PointwiseFunction(.power, Float(exponent)), [x], .float32)
  }

  private static func extremum(isMaximum: Bool) -> Builder {
    { (call) throws(Diagnostic) in
      if call.inputs.count == 1 { return [try call.value(0)] }
      let arithmetic = Arithmetic(
        ints: { isMaximum ? max($0, $1) : min($0, $1) },
        floats: { $0.isNaN || $1.isNaN ? .nan : isMaximum ? max($0, $1) : min($0, $1) })
      if let value = try call.folded(arithmetic) { return [value] }
      var result = try call.float(0)
      for position in call.inputs.indices.dropFirst() {
        result = try call.extremum(result, position, isMaximum: isMaximum)
      }
      return [.tensor(result, .float32)]
    }
  }

  /// The larger or smaller ones of the elements of `a` and of an input: with one constant number a clamp, with two tensors
  /// b + relu(a − b) or a − relu(a − b).
  private mutating func extremum(_ a: TensorID, _ input: Int, isMaximum: Bool) throws(Diagnostic) -> TensorID {
    let b = try float(input)
    for (data, bound) in [(a, b), (b, a)] {
      guard graph[bound].type.shape.elementCount == 1, graph[bound].type.shape.rank <= graph[data].type.shape.rank,
        let number = try graph.operand(bound).constant?.floats("the bound").first
      else { continue }
      let clip =
        isMaximum ? PointwiseFunction(.clip, number, .infinity) : PointwiseFunction(.clip, -.infinity, number)
      return try emit(clip, [data], .float32)
    }
    let above = try emit(Relu(), [try emit(Sub(activation: .none), [a, b], .float32)], .float32)
    return isMaximum
      ? try emit(Add(activation: .none), [b, above], .float32)
      : try emit(Sub(activation: .none), [a, above], .float32)
  }

  private mutating func sum() throws(Diagnostic) -> TensorID {
    var sum = try float(0)
    for position in inputs.indices.dropFirst() {
      sum = try emit(Add(activation: .none), [sum, try float(position)], .float32)
    }
    return sum
  }

  /// Where on known tensors.
  private mutating func choice() throws(Diagnostic) -> [ONNXValue] {
    let test = try constant(0, "the condition")
    let flags = try test.ints("the condition")
    // A condition that is the same everywhere chooses one tensor.
    if let first = flags.first, flags.allSatisfy({ $0 == first }) {
      let chosen = first != 0 ? 1 : 2
      let shape = try Broadcast(try Broadcast(try shape(1), try shape(2)).shape, test.shape).shape
      if try self.shape(chosen) == shape { return [try value(chosen)] }
    }
    let (a, b) = (try constant(1, "the first choice"), try constant(2, "the second choice"))
    let pairs = try Broadcast(a.shape, b.shape)
    let all = try Broadcast(pairs.shape, test.shape)
    try spend(all.shape.elementCount)
    var places: [(Int, Int)] = []
    pairs.forEach { places.append(($0, $1)) }
    var chosen: [(isFirst: Bool, place: Int)] = []
    all.forEach { pair, flag in
      chosen.append(flags[flag] != 0 ? (true, places[pair].0) : (false, places[pair].1))
    }
    switch (a.values, b.values) {
    case (.ints(let x), .ints(let y)):
      return [
        .constant(ONNXConstant(a.element, all.shape, .ints(chosen.map { $0.isFirst ? x[$0.place] : y[$0.place] })))
      ]
    case (.floats(let x), .floats(let y)):
      return [
        .constant(ONNXConstant(a.element, all.shape, .floats(chosen.map { $0.isFirst ? x[$0.place] : y[$0.place] })))
      ]
    default: throw failure("type", "both choices must be of one element type")
    }
  }
}
