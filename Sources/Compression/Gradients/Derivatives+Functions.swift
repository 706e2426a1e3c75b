import IR
import Operators
import Support

// Operators on single elements.

/// A function of one element.
protocol DifferentiableFunction: DifferentiableOperator {
  /// The derivative at x, where the function gives y.
  func slope(_ x: Float, _ y: Float) -> Float
}

extension DifferentiableFunction {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    guard step.wanted[0], case .floats(let x) = step.inputs[0].elements else { return step.results(nil) }
    let y = try step.output()
    var gradient = step.gradient()
    for place in gradient.indices where gradient[place] != 0 { gradient[place] *= slope(x[place], y[place]) }
    return [gradient]
  }
}

extension Relu: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : 0 } }
extension Relu6: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { x > 0 && x < 6 ? 1 : 0 } }
extension LeakyRelu: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : alpha } }
extension Elu: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { x < 0 ? y + 1 : 1 } }
extension Logistic: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { y * (1 - y) } }
extension Tanh: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { 1 - y * y } }
extension Abs: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 } }
extension Rsqrt: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { -y * y * y / 2 } }
/// Of floats to floats; integers have no gradient.
extension Cast: DifferentiableFunction { func slope(_ x: Float, _ y: Float) -> Float { 1 } }
extension HardSwish: DifferentiableFunction {
  func slope(_ x: Float, _ y: Float) -> Float { x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6 }
}

extension PointwiseFunction: DifferentiableFunction {
  func slope(_ x: Float, _ y: Float) -> Float { Float(slope(Double(x), Double(y))) }

  private func slope(_ x: Double, _ y: Double) -> Double {
    let (a, b) = (Double(a), Double(b))
    switch kind {
    case .absolute: return x > 0 ? 1 : x < 0 ? -1 : 0
    case .ceiling, .floor, .round, .sign, .step: return 0
    case .negate: return -1
    case .reciprocal: return -y * y
    case .squareRoot: return 0.5 / y
    case .sine: return RealFunctions.cosine(x)
    case .cosine: return -RealFunctions.sine(x)
    case .tangent: return 1 + y * y
    case .arccosine: return -1 / (1 - x * x).squareRoot()
    case .arcsine: return 1 / (1 - x * x).squareRoot()
    case .arctangent: return 1 / (1 + x * x)
    case .hyperbolicCosine: return RealFunctions.exp(x) / 2 - RealFunctions.exp(-x) / 2
    case .hyperbolicSine: return RealFunctions.exp(x) / 2 + RealFunctions.exp(-x) / 2
    case .inverseHyperbolicCosine: return 1 / (x * x - 1).squareRoot()
    case .inverseHyperbolicSine: return 1 / (x * x + 1).squareRoot()
    case .inverseHyperbolicTangent: return 1 / (1 - x * x)
    case .exponential: return y
    case .logarithm: return 1 / x
    case .error: return 2 / Double.pi.squareRoot() * RealFunctions.exp(-x * x)
    case .power: return a == 0 ? 0 : a * RealFunctions.power(x, a - 1)
    case .clip: return x < a || x > b ? 0 : 1
    case .hardSigmoid: return y <= 0 || y >= 1 ? 0 : a
    case .thresholdedRelu: return x > a ? 1 : 0
    case .shrink: return x < -a || x > a ? 1 : 0
    case .elu: return x > 0 ? 1 : y + a
    case .celu: return x > 0 ? 1 : RealFunctions.exp(x / a)
    case .selu: return x > 0 ? b : y + a * b
    case .softplus: return Self.sigmoid(x)
    case .softsign: return 1 / ((1 + x.magnitude) * (1 + x.magnitude))
    case .mish:
      let inner = RealFunctions.tanh(max(x, 0) + RealFunctions.log(1 + RealFunctions.exp(-x.magnitude)))
      return inner + x * (1 - inner * inner) * Self.sigmoid(x)
    case .swish:
      let gate = Self.sigmoid(a * x)
      return gate + a * x * gate * (1 - gate)
    case .gelu:
      let density = RealFunctions.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      return (1 + RealFunctions.error(x / 2.0.squareRoot())) / 2 + x * density
    case .geluTanh:
      let factor = (2 / Double.pi).squareRoot()
      let inner = RealFunctions.tanh(factor * (x + 0.044715 * x * x * x))
      return (1 + inner) / 2 + x / 2 * (1 - inner * inner) * factor * (1 + 3 * 0.044715 * x * x)
    }
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + RealFunctions.exp(-x)) }
}

/// A function of one element of each of two tensors, which repeat to a common shape.
protocol DifferentiablePair: DifferentiableOperator {
  var activation: Activation { get }
  /// The derivatives by both arguments.
  func slopes(_ a: Float, _ b: Float) -> (Float, Float)
}

extension DifferentiablePair {
  var activation: Activation { .none }

  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    var first = try step.gradient(before: activation)
    var second = first
    let (a, b) = (try step.repeated(0), try step.repeated(1))
    for place in first.indices where first[place] != 0 {
      let slopes = slopes(a[place], b[place])
      first[place] *= slopes.0
      second[place] *= slopes.1
    }
    return [step.wanted[0] ? step.reduced(first, to: 0) : nil, step.wanted[1] ? step.reduced(second, to: 1) : nil]
  }
}

extension Add: DifferentiablePair { func slopes(_ a: Float, _ b: Float) -> (Float, Float) { (1, 1) } }
extension Sub: DifferentiablePair { func slopes(_ a: Float, _ b: Float) -> (Float, Float) { (1, -1) } }
extension Mul: DifferentiablePair { func slopes(_ a: Float, _ b: Float) -> (Float, Float) { (b, a) } }
extension Division: DifferentiablePair {
  func slopes(_ a: Float, _ b: Float) -> (Float, Float) { (1 / b, -a / (b * b)) }
}
extension SquaredDifference: DifferentiablePair {
  func slopes(_ a: Float, _ b: Float) -> (Float, Float) { (2 * (a - b), 2 * (b - a)) }
}
extension Prelu: DifferentiablePair {
  func slopes(_ a: Float, _ b: Float) -> (Float, Float) { a >= 0 ? (1, 0) : (b, a) }
}
extension Extremum: DifferentiablePair {
  func slopes(_ a: Float, _ b: Float) -> (Float, Float) { (kind == .maximum ? a > b : a < b) ? (1, 0) : (0, 1) }
}

extension AddN: DifferentiableOperator {
  func inputGradients(_ step: BackwardStep) throws(Diagnostic) -> [[Float]?] {
    step.wanted.map { $0 ? step.gradient() : nil }
  }
}
