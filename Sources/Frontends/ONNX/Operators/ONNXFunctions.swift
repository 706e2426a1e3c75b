import IR
import Operators
import Support

/// Functions of single elements.
extension ONNXCall {
  static let functions: [String: Builder] = {
    var all: [String: Builder] = [
      "Relu": { (call) throws(Diagnostic) in
        guard try call.element(0).isFloat else {
          let x = try call.bare(0)
          return [.tensor(try call.clamped(x, 0, Int64.max), try call.element(0))]
        }
        return [.tensor(try call.emit(Relu(), [try call.float(0)], .float32), .float32)]
      },
      "LeakyRelu": parameters { (call) throws(Diagnostic) in LeakyRelu(alpha: try call.float("alpha", default: 0.01)) },
      "Sigmoid": unary { Logistic() },
      "Tanh": unary { Tanh() },
      "HardSwish": unary { HardSwish() },
      "HardSigmoid": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(
          .hardSigmoid, try call.float("alpha", default: 0.2), try call.float("beta", default: 0.5))
      },
      "Elu": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(.elu, try call.float("alpha", default: 1))
      },
      "Celu": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(.celu, try call.float("alpha", default: 1))
      },
      "Selu": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(
          .selu, try call.float("alpha", default: 1.67326319217681884765625),
          try call.float("gamma", default: 1.05070102214813232421875))
      },
      "ThresholdedRelu": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(.thresholdedRelu, try call.float("alpha", default: 1))
      },
      "Shrink": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(.shrink, try call.float("lambd", default: 0.5), try call.float("bias", default: 0))
      },
      "Gelu": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(try call.string("approximate", default: "none") == "tanh" ? .geluTanh : .gelu)
      },
      "Swish": parameters { (call) throws(Diagnostic) in
        PointwiseFunction(.swish, try call.float("alpha", default: 1))
      },
      "Clip": { (call) throws(Diagnostic) in try call.clip() },
      "Neg": { (call) throws(Diagnostic) in
        try call.function(.negate, ints: { $0 == Int64.min ? nil : -$0 }, floats: { -$0 }) {
          (call, x) throws(Diagnostic) in try call.negated(x)
        }
      },
      "Abs": { (call) throws(Diagnostic) in
        try call.function(.absolute, ints: { $0 == Int64.min ? nil : abs($0) }, floats: { $0.magnitude }) {
          (call, x) throws(Diagnostic) in
          try call.emit(Extremum(.maximum), [x, try call.negated(x)], call.graph[x].type.element)
        }
      },
      "Sign": { (call) throws(Diagnostic) in
        try call.function(.sign, ints: { $0.signum() }, floats: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }) {
          (call, x) throws(Diagnostic) in
          // min(max(x, −1), 1)
          try call.clamped(x, -1, 1)
        }
      },
    ]
    let plain: [(String, PointwiseFunction.Kind)] = [
      ("Exp", .exponential), ("Log", .logarithm), ("Sqrt", .squareRoot), ("Reciprocal", .reciprocal),
      ("Floor", .floor), ("Ceil", .ceiling), ("Round", .round), ("Erf", .error), ("Softplus", .softplus),
      ("Softsign", .softsign), ("Mish", .mish), ("Sin", .sine), ("Cos", .cosine), ("Tan", .tangent),
      ("Asin", .arcsine), ("Acos", .arccosine), ("Atan", .arctangent), ("Sinh", .hyperbolicSine),
      ("Cosh", .hyperbolicCosine), ("Asinh", .inverseHyperbolicSine), ("Acosh", .inverseHyperbolicCosine),
      ("Atanh", .inverseHyperbolicTangent),
    ]
    for (name, kind) in plain { all[name] = unary { PointwiseFunction(kind) } }
    return all
  }()

  private static func unary(_ op: @escaping @Sendable () -> any SourceOperator) -> Builder {
    parameters { _ in op() }
  }

  private static func parameters(
    _ op: @escaping @Sendable (ONNXCall) throws(Diagnostic) -> any SourceOperator
  ) -> Builder {
    { (call) throws(Diagnostic) in
      [.tensor(try call.emit(try op(call), [try call.float(0)], .float32), .float32)]
    }
  }

  /// A function that is computed here for a known input, also for integers.
  private mutating func function(
    _ kind: PointwiseFunction.Kind, ints: (Int64) -> Int64?, floats: (Float) -> Float,
    _ integers: (inout ONNXCall, TensorID) throws(Diagnostic) -> TensorID
  ) throws(Diagnostic) -> [ONNXValue] {
    if let value = try folded(ints: ints, floats: floats) { return [value] }
    let element = try element(0)
    if element.isFloat { return [.tensor(try function(kind, try float(0)), .float32)] }
    let x = try bare(0)
    return [.tensor(try integers(&self, x), element)]
  }

  /// 0 − x of integers.
  mutating func negated(_ x: TensorID) throws(Diagnostic) -> TensorID {
    try emit(IntegerArithmetic(.subtract), [try add(integer: 0, like: x), x], graph[x].type.element)
  }

  /// Integers within bounds; those that no element exceeds cost nothing.
  fileprivate mutating func clamped(_ x: TensorID, _ low: Int64, _ high: Int64) throws(Diagnostic) -> TensorID {
    let element = graph[x].type.element
    guard let range = element.range else { throw failure("type", "\(element.rawValue) is not supported") }
    var result = x
    if low > Int64(range.lowerBound) {
      let bound = try add(integer: Int(min(low, Int64(range.upperBound))), like: x)
      result = try emit(Extremum(.maximum), [result, bound], element)
    }
    if high < Int64(range.upperBound) {
      let bound = try add(integer: Int(max(high, Int64(range.lowerBound))), like: x)
      result = try emit(Extremum(.minimum), [result, bound], element)
    }
    return result
  }

  private mutating func clip() throws(Diagnostic) -> [ONNXValue] {
    guard try element(0).isFloat else { return [try integerClip()] }
    func bound(_ name: String, _ input: Int, _ value: Float) throws(Diagnostic) -> Double? {
      if hasAttribute(name) { return Double(try float(name, default: value)) }
      guard has(input) else { return Double(value) }
      guard let constant = try known(input) else { return nil }
      guard let number = constant.numbers.first else { throw failure("clip", "`\(name)` is empty") }
      return number
    }
    let x = try float(0)
    guard let low = try bound("min", 1, -.infinity), let high = try bound("max", 2, .infinity) else {
      var result = x
      if has(1) { result = try emit(Extremum(.maximum), [result, try float(1)], .float32) }
      if has(2) { result = try emit(Extremum(.minimum), [result, try float(2)], .float32) }
      return [.tensor(result, .float32)]
    }
    let op: any SourceOperator =
      switch (low, high) {
      case (0, .infinity): Relu()
      case (0, 6): Relu6()
      default: PointwiseFunction(.clip, Float(low), Float(high))
      }
    return [.tensor(try emit(op, [x], .float32), .float32)]
  }

  private mutating func integerClip() throws(Diagnostic) -> ONNXValue {
    func bound(_ name: String, _ input: Int, _ value: Int64) throws(Diagnostic) -> Int64? {
      guard has(input) else { return value }
      guard let constant = try known(input) else { return nil }
      guard let number = try constant.ints("`\(name)`").first else { throw failure("clip", "`\(name)` is empty") }
      return number
    }
    if let low = try bound("min", 1, Int64.min), let high = try bound("max", 2, Int64.max) {
      if let value = try folded(ints: { min(max($0, low), high) }, floats: { $0 }) { return value }
      return .tensor(try clamped(try bare(0), low, high), try element(0))
    }
    var result = try bare(0)
    let element = graph[result].type.element
    if has(1) { result = try emit(Extremum(.maximum), [result, try bare(1)], element) }
    if has(2) { result = try emit(Extremum(.minimum), [result, try bare(2)], element) }
    return .tensor(result, try self.element(0))
  }
}
