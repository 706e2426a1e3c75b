package import IR
package import Support

/// A function of single floats that other formats have as operators of their own. Between quantized tensors it becomes a
/// table, as every unary operator does.
package struct PointwiseFunction: UnaryOperator {
  package static let mnemonic = "function"

  /// a and b are the parameters.
  package enum Kind: String, CaseIterable, Sendable {
    case absolute, ceiling, cosine, error, exponential, floor, gelu, logarithm, mish, negate, reciprocal, round, sign,
      sine
    case softplus, softsign
    case arccosine, arcsine, arctangent, tangent
    case hyperbolicCosine = "hyperbolic_cosine"
    case hyperbolicSine = "hyperbolic_sine"
    case inverseHyperbolicCosine = "inverse_hyperbolic_cosine"
    case inverseHyperbolicSine = "inverse_hyperbolic_sine"
    case inverseHyperbolicTangent = "inverse_hyperbolic_tangent"
    /// min(max(x, a), b)
    case clip
    /// max(x, 0) + min(a·(e^(x/a) − 1), 0)
    case celu
    /// x for x > 0, else a·(e^x − 1)
    case elu
    case geluTanh = "gelu_tanh"
    /// min(max(a·x + b, 0), 1)
    case hardSigmoid = "hard_sigmoid"
    /// x^a
    case power
    /// b·x for x > 0, else a·b·(e^x − 1)
    case selu
    /// x + b for x < −a, x − b for x > a, else 0
    case shrink
    case squareRoot = "square_root"
    /// 1 for x > a, else 0
    case step
    /// x / (1 + e^(−a·x))
    case swish
    /// x for x > a, else 0
    case thresholdedRelu = "thresholded_relu"
  }

  package let kind: Kind
  package let a: Float
  package let b: Float

  package init(_ kind: Kind, _ a: Float = 0, _ b: Float = 0) {
    self.kind = kind
    self.a = a
    self.b = b
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    let name = try attributes.string("function")
    guard let kind = Kind(rawValue: name) else {
      throw Diagnostic("attribute.function", "unknown function `\(name)`")
    }
    self.kind = kind
    a = try Self.parameter("a", attributes)
    b = try Self.parameter("b", attributes)
  }

  /// Infinities have no form as a number.
  private static func parameter(_ name: String, _ attributes: Attributes) throws(Diagnostic) -> Float {
    guard attributes.has(name) else { return 0 }
    if let word = try? attributes.string(name) {
      guard word == "inf" || word == "-inf" else {
        throw Diagnostic("attribute.type", "the attribute `\(name)` must be a number, `inf` or `-inf`")
      }
      return word == "inf" ? .infinity : -.infinity
    }
    return try attributes.float(name)
  }

  package var attributes: Attributes {
    func value(_ parameter: Float) -> Attributes.Value {
      parameter.isInfinite ? .string(parameter > 0 ? "inf" : "-inf") : .float(parameter)
    }
    return Attributes(
      [("function", .string(kind.rawValue))] + (a == 0 ? [] : [("a", value(a))]) + (b == 0 ? [] : [("b", value(b))]))
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    guard !a.isNaN, !b.isNaN else { throw failure("parameter", "a parameter is not a number") }
    if try isFloat(inputs, outputs) { return }
    try requireInt8(inputs, outputs)
    _ = (try inputs[0].type.affine("the input"), try outputs[0].affine("the output"))
  }

  /// Of int8 the function of the real value, to the nearest number of steps, ties to even.
  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try mapFloats(inputs, as: outputs) { Float(value(Double($0))) } }
    let real = [TensorType(.float32, outputs[0].shape)]
    let results = try mapFloats(try Dequantize().evaluate(inputs, as: real), as: real) { Float(value(Double($0))) }
    return try Quantize(roundsToEven: true).evaluate(results, as: outputs)
  }

  /// x^y for floats.
  package static func power(_ x: Float, _ y: Float) -> Float { Float(RealFunctions.power(Double(x), Double(y))) }

  /// In double precision, so that the float is the nearest one but for rare ties.
  private func value(_ x: Double) -> Double {
    let (a, b) = (Double(a), Double(b))
    switch kind {
    case .absolute: return x.magnitude
    case .ceiling: return x.rounded(.up)
    case .floor: return x.rounded(.down)
    case .round: return x.rounded(.toNearestOrEven)
    case .negate: return -x
    case .sign: return x > 0 ? 1 : x < 0 ? -1 : x
    case .reciprocal: return 1 / x
    case .squareRoot: return x.squareRoot()
    case .sine: return RealFunctions.sine(x)
    case .cosine: return RealFunctions.cosine(x)
    case .tangent: return RealFunctions.sine(x) / RealFunctions.cosine(x)
    case .arccosine: return RealFunctions.arccosine(x)
    case .arcsine: return RealFunctions.arcsine(x)
    case .arctangent: return RealFunctions.arctangent(x)
    case .hyperbolicCosine: return RealFunctions.exp(x) / 2 + RealFunctions.exp(-x) / 2
    case .hyperbolicSine: return RealFunctions.expMinus1(x) / 2 - RealFunctions.expMinus1(-x) / 2
    case .inverseHyperbolicCosine: return RealFunctions.inverseHyperbolicCosine(x)
    case .inverseHyperbolicSine: return RealFunctions.inverseHyperbolicSine(x)
    case .inverseHyperbolicTangent: return RealFunctions.logOf1Plus(2 * x / (1 - x)) / 2
    case .exponential: return RealFunctions.exp(x)
    case .logarithm: return RealFunctions.log(x)
    case .error: return RealFunctions.error(x)
    case .power: return RealFunctions.power(x, a)
    case .clip: return x < a ? min(a, b) : x > b ? b : x
    case .hardSigmoid: return min(max(a * x + b, 0), 1)
    case .thresholdedRelu: return x > a ? x : 0
    case .step: return x > a ? 1 : 0
    case .shrink: return x < -a ? x + b : x > a ? x - b : 0
    case .elu: return x > 0 ? x : a * (RealFunctions.exp(x) - 1)
    case .celu: return max(x, 0) + min(a * (RealFunctions.exp(x / a) - 1), 0)
    case .selu: return x > 0 ? b * x : a * b * (RealFunctions.exp(x) - 1)
    case .softplus: return Self.softplus(x)
    case .softsign: return x / (1 + x.magnitude)
    case .mish: return x * RealFunctions.tanh(Self.softplus(x))
    case .swish: return x / (1 + RealFunctions.exp(-a * x))
    case .gelu: return x / 2 * (1 + RealFunctions.error(x / 2.0.squareRoot()))
    case .geluTanh: return x / 2 * (1 + RealFunctions.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }

  /// ln(1 + e^x), without an overflow for large x.
  private static func softplus(_ x: Double) -> Double {
    max(x, 0) + RealFunctions.log(1 + RealFunctions.exp(-x.magnitude))
  }
}
