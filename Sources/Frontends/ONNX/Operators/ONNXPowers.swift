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
    if own.isFloat, let base = try known(0) {
      return .tensor(try exponential(try base.floats("the base")), .float32)
    }
    let exponent = try constant(1, "the exponent")
    let numbers = exponent.numbers
    let x = own.isFloat ? try float(0) : try bare(0)
    let element = graph[x].type.element
    // Each exponent by itself, and of the results the one that belongs to an element.
    var different: [Double] = []
    for number in numbers where different.count <= Self.maximumExponents && !different.contains(number) {
      different.append(number)
    }
    guard let first = different.first, different.count <= Self.maximumExponents else {
      throw failure("power", "more than \(Self.maximumExponents) different exponents are not supported")
    }
    var result = try power(x, first)
    for number in different.dropFirst() {
      let flags = numbers.map { Int32($0 == number ? 1 : 0) }
      let mask = add(Tensor(TensorType(.bool, exponent.shape), ints: flags), "exponents")
      result = try emit(Select(), [mask, try power(x, number), result], element)
    }
    // An exponent may repeat the base.
    let target = try Broadcast(graph[x].type.shape, exponent.shape).shape
    guard graph[result].type.shape != target else { return .tensor(result, own) }
    let shape = exponent.shape
    let zeros =
      own.isFloat
      ? Tensor(TensorType(element, shape), floats: [Float](repeating: 0, count: shape.elementCount))
      : Tensor(TensorType(element, shape), ints: [Int32](repeating: 0, count: shape.elementCount))
    let op: any SourceOperator = own.isFloat ? Add(activation: .none) : IntegerArithmetic(.add)
    return .tensor(try emit(op, [result, add(zeros, "shape")], element), own)
  }

  private mutating func power(_ x: TensorID, _ exponent: Double) throws(Diagnostic) -> TensorID {
    guard graph[x].type.element == .float32 else { return try integerPower(x, exponent) }
    switch exponent {
    case 1: return x
    case 2: return try product(x, x)
    default: return try function(.power, x, Float(exponent))
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

  /// A product of plain integers.
  private mutating func integerPower(_ x: TensorID, _ exponent: Double) throws(Diagnostic) -> TensorID {
    guard (1...64).contains(exponent), exponent == exponent.rounded() else {
      throw failure("power", "exponents of integers must be whole numbers from 1 to 64")
    }
    var result = x
    for _ in 1..<Int(exponent) {
      result = try emit(IntegerArithmetic(.multiply), [result, x], graph[x].type.element)
    }
    return result
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
