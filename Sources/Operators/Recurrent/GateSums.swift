import IR
import Support

/// One matrix of a recurrent float layer, with the rows of all gates: products in single precision, in their order, and the
/// bias last.
struct RealMatrix {
  private let weights: [Float]
  private let bias: [Float]
  private let depth: Int

  /// - Parameters:
  ///   - weights: [gates × units, depth].
  ///   - bias: one value for each row, or none.
  init(_ weights: [Float], _ bias: [Float], depth: Int) {
    self.weights = weights
    self.bias = bias
    self.depth = depth
  }

  /// The bias of a row and its products with `depth` values from `start` on.
  func sum(_ row: Int, of values: [Float], from start: Int = 0) -> Float {
    var sum: Float = 0
    for i in 0..<depth { sum += weights[row * depth + i] * values[start + i] }
    return bias.isEmpty ? sum : sum + bias[row]
  }

  static func logistic(_ x: Float) -> Float { 1 / (1 + RealFunctions.exp(-x)) }
}

/// One matrix of a recurrent integer layer, with the rows of all gates.
///
/// A row's sum wraps in 32 bits for data of 8 bits, and has 64 bits for data of 16 bits; the factor of its gate scales it as
/// ``Requantization`` does, and it saturates in 16 bits.
struct GateMatrix {
  static let range: ClosedRange<Int32> = -32768...32767

  private let weights: [Int32]
  private let bias: [Int64]
  private let depth: Int
  private let units: Int
  private let factors: [Requantization]
  private let isWide: Bool

  /// - Parameters:
  ///   - weights: [gates, units, depth].
  ///   - bias: [gates, units].
  ///   - factors: of each gate.
  ///   - isWide: whether data have 16 bits.
  init(_ weights: Tensor, _ bias: Tensor, _ factors: [Requantization], isWide: Bool = false) throws(Diagnostic) {
    self.weights = try weights.ints("weights")
    self.bias = try bias.wideInts("bias")
    depth = weights.type.shape[2]
    units = weights.type.shape[1]
    self.factors = factors
    self.isWide = isWide
  }

  /// The sum of a row over `depth` values from `start` on, scaled and saturated.
  func sum(_ row: Int, of values: [Int32], from start: Int = 0) -> Int32 {
    let factor = factors[row / units]
    guard isWide else {
      var sum = Int32(truncatingIfNeeded: bias[row])
      for i in 0..<depth { sum &+= weights[row * depth + i] &* values[start + i] }
      return Self.range.clamping(factor.apply(sum))
    }
    var sum = bias[row]
    for i in 0..<depth { sum += Int64(weights[row * depth + i] &* values[start + i]) }
    return Self.range.clamping(factor.apply(wide: sum))
  }
}

/// The factors of the sums over data and over the hidden state, for each gate.
struct GateScales: Equatable, Sendable {
  let own: [Requantization]
  let recurrent: [Requantization]

  /// - Parameters:
  ///   - gate: the scale of the sums after scaling.
  init(data: Float, hidden: Float, own: [Float], recurrent: [Float], gate: Double) throws(Diagnostic) {
    func factors(_ scale: Float, _ weights: [Float]) throws(Diagnostic) -> [Requantization] {
      // A product in single precision, as in the reference.
      try weights.map { (weight) throws(Diagnostic) in try Requantization(scale: Double(scale * weight) / gate) }
    }
    self.own = try factors(data, own)
    self.recurrent = try factors(hidden, recurrent)
  }

  var attributes: [(name: String, value: Attributes.Value)] {
    let factors = own + recurrent
    return [
      ("gate_multipliers", .ints(factors.map { Int($0.multiplier) })), ("gate_shifts", .ints(factors.map(\.shift))),
    ]
  }
}

extension TensorType {
  /// The scales of symmetric weights, one for each of `gates` slices of the first axis.
  func gateScales(_ gates: Int) throws(Diagnostic) -> [Float] {
    guard let quantization else { throw Diagnostic("quantization.missing", "the weights have no scale") }
    guard quantization.zeroPoints.allSatisfy({ $0 == 0 }) else {
      throw Diagnostic(
        "operator.scale", "the weights must be symmetric, but have the zero point \(quantization.zeroPoints[0])")
    }
    if quantization.scales.count == 1 { return [Float](repeating: quantization.scales[0], count: gates) }
    guard quantization.scales.count == gates, quantization.axis == 0 else {
      throw Diagnostic("quantization.count", "the weights must have one scale, or one for each of the \(gates) gates")
    }
    return quantization.scales
  }
}

/// The biases of rows less what the zero point of their data adds: bias − zero point × sum of the row's weights, modulo 2^32.
func foldedRows(_ bias: [Int32], weights: [Int32], depth: Int, zeroPoint: Int32) -> [Int32] {
  bias.enumerated().map { row, bias in
    bias &- zeroPoint &* weights[row * depth..<(row + 1) * depth].reduce(0, &+)
  }
}
