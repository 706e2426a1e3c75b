import IR
import Operators
import Support

extension ONNXCall {
  /// More different exponents than this are not worth a layer each.
  private static let maximumExponents = 16

  /// Pow: a known exponent, or a known positive base.
  mutating func power() throws(Diagnostic) -> ONNXValue {
    let own = try element(0)
    if let base = try known(0), let exponent = try known(1), let value = try folded(base, exponent) { return value }
    guard own.isFloat else { return try integerPower() }
    if let base = try known(0) { return .tensor(try exponential(try base.floats("the base")), .float32) }
    let exponent = try constant(1, "the exponent")
    let numbers = exponent.numbers
    let x = try float(0)
    let shape = try Broadcast(graph[x].type.shape, exponent.shape).shape
    // Each exponent by itself, and of the results the one that belongs to an element.
    let different = numbers.reduce(into: [Double]()) { if !$0.contains($1) { $0.append($1) } }
    guard let first = different.first, different.count <= Self.maximumExponents else {
      throw failure("power", "more than \(Self.maximumExponents) different exponents are not supported")
    }
    var result = try power(x, first)
    for number in different.dropFirst() {
      let flags = numbers.map { Int32($0 == number ? 1 : 0) }
      let mask = add(Tensor(TensorType(.bool, exponent.shape), ints: flags), "exponents")
      result = try emit(Select(), [mask, try power(x, number), result], .float32)
    }
    guard graph[result].type.shape != shape else { return .tensor(result, own) }
    let zeros = add(
      Tensor(TensorType(.float32, exponent.shape), floats: [Float](repeating: 0, count: numbers.count)), "shape")
    return .tensor(try sum(result, zeros), own)
  }

  private mutating func power(_ x: TensorID, _ exponent: Double) throws(Diagnostic) -> TensorID {
    switch exponent {
    case 1: x
    case 2: try product(x, x)
    default: try function(.power, x, Float(exponent))
    }
  }

  /// base^x = e^(x·ln base)
  private mutating func exponential(_ base: [Float]) throws(Diagnostic) -> TensorID {
    guard base.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw failure("power", "a constant base must be positive")
    }
    let logarithms = base.map { Float(RealFunctions.log(Double($0))) }
    let factors = try add(ONNXConstant(.float32, try shape(0), .floats(logarithms)), "logarithm")
    return try function(.exponential, try product(try float(1), factors))
  }

  /// Products of plain integers.
  private mutating func integerPower() throws(Diagnostic) -> ONNXValue {
    let numbers = try constant(1, "the exponent").numbers
    guard let exponent = numbers.first, numbers.allSatisfy({ $0 == exponent }), (1...64).contains(exponent),
      exponent == exponent.rounded(), try shape(1).rank <= shape(0).rank
    else { throw failure("power", "the exponent of integers must be one whole number from 1 to 64") }
    let x = try bare(0)
    var result = x
    for _ in 1..<Int(exponent) {
      result = try emit(IntegerArithmetic(.multiply), [result, x], graph[x].type.element)
    }
    return .tensor(result, try element(0))
  }

  private mutating func folded(_ base: ONNXConstant, _ exponent: ONNXConstant) throws(Diagnostic) -> ONNXValue? {
    if case .ints(let bases) = base.values, case .ints(let exponents) = exponent.values {
      let power = Arithmetic(
        ints: { x, y in y < 0 || y > 63 ? nil : (0..<y).reduce(1) { product, _ in product &* x } },
        floats: { x, _ in x })
      if exponents.allSatisfy({ (0...63).contains($0) }) || bases.isEmpty { return try folded(power) }
    }
    let pairs = try Broadcast(base.shape, exponent.shape)
    try spend(pairs.shape.elementCount)
    let (x, y) = (base.numbers, exponent.numbers)
    var results: [Double] = []
    pairs.forEach { results.append(RealFunctions.power(x[$0], y[$1])) }
    let floats = ONNXConstant(.float32, pairs.shape, .floats(results.map { Float($0) }))
    return .constant(base.element.isFloat ? floats : try floats.cast(to: base.element))
  }
}
