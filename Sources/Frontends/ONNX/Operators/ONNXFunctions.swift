import IR
import Operators
import Support

/// Functions of single elements.
extension ONNXCall {
  static let functions: [String: Builder] = {
    var all: [String: Builder] = [
      "Relu": unary { Relu() },
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
        try call.function(.negate, ints: { $0 == Int64.min ? nil : -$0 }, floats: { -$0 })
      },
      "Abs": { (call) throws(Diagnostic) in
        try call.function(.absolute, ints: { $0 == Int64.min ? nil : abs($0) }, floats: { $0.magnitude })
      },
      "Sign": { (call) throws(Diagnostic) in
        try call.function(.sign, ints: { $0.signum() }, floats: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 })
      },
      "Not": { (call) throws(Diagnostic) in
        guard let value = try call.folded(ints: { 1 - $0 }, floats: { $0 }) else {
          throw call.failure("operator", "is supported on constants only")
        }
        return [value]
      },
    ]
    let plain: [(String, PointwiseFunction.Kind)] = [
      ("Exp", .exponential), ("Log", .logarithm), ("Sqrt", .squareRoot), ("Reciprocal", .reciprocal),
      ("Floor", .floor), ("Ceil", .ceiling), ("Round", .round), ("Erf", .error), ("Softplus", .softplus),
      ("Softsign", .softsign), ("Mish", .mish), ("Sin", .sine), ("Cos", .cosine),
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
    _ kind: PointwiseFunction.Kind, ints: (Int64) -> Int64?, floats: (Float) -> Float
  ) throws(Diagnostic) -> [ONNXValue] {
    if let value = try folded(ints: ints, floats: floats) { return [value] }
    return [.tensor(try emit(PointwiseFunction(kind), [try float(0)], .float32), .float32)]
  }

  private mutating func clip() throws(Diagnostic) -> [ONNXValue] {
    func bound(_ name: String, _ input: Int, _ value: Float) throws(Diagnostic) -> Double {
      if hasAttribute(name) { return Double(try float(name, default: value)) }
      guard has(input) else { return Double(value) }
      guard let number = try constant(input, "`\(name)`").numbers.first else {
        throw failure("clip", "`\(name)` is empty")
      }
      return number
    }
    let low = try bound("min", 1, -.infinity)
    let high = try bound("max", 2, .infinity)
    guard try element(0).isFloat else {
      let least = Int64(exactly: low.rounded(.up)) ?? (low < 0 ? Int64.min : Int64.max)
      let most = Int64(exactly: high.rounded(.down)) ?? (high < 0 ? Int64.min : Int64.max)
      guard let value = try folded(ints: { min(max($0, least), most) }, floats: { $0 }) else {
        throw failure("type", "only floats are supported")
      }
      return [value]
    }
    let op: any SourceOperator =
      switch (low, high) {
      case (0, .infinity): Relu()
      case (0, 6): Relu6()
      default: PointwiseFunction(.clip, Float(low), Float(high))
      }
    return [.tensor(try emit(op, [try float(0)], .float32), .float32)]
  }
}
