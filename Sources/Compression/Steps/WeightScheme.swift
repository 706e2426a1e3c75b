import IR
import Support

/// Which real numbers integer weights stand for.
enum WeightScheme: String, CaseIterable, Sendable {
  /// Whole multiples of a scale, zero in the middle.
  case symmetric
  /// Whole multiples of a scale, as many as the bits can tell apart, wherever the weights lie; zero is one of them.
  case asymmetric
  /// The same with one power of two for the whole network.
  case fixedPoint = "fixed-point"
  /// The same with a power of two for each layer, or channel.
  case dynamicFixedPoint = "dynamic-fixed-point"
  /// A scale or its negative.
  case binary
  /// A scale, its negative, or zero.
  case ternary
}

/// How the scale of weights is found.
enum ScaleSearch: String, CaseIterable, Sendable {
  /// The largest weight gets the largest integer.
  case minmax
  /// The scale with the least squared error, where large weights may be cut off.
  case mse
}

/// The scales of a layer's weights for a number of bits.
struct GridSearch {
  let bits: Int
  let scheme: WeightScheme
  let search: ScaleSearch
  let isPerChannel: Bool

  /// The largest integer: 7 for 4 bits. −8 is left out, so that weights are symmetric.
  var largest: Int32 {
    switch scheme {
    case .binary, .ternary: 1
    default: Int32(1) << Int32(bits - 1) - 1
    }
  }

  /// - Parameters:
  ///   - weights: row after row.
  ///   - importance: what a squared error of each weight counts; nil for 1.
  ///   - common: the scale of all layers, in fixed point.
  func grid(_ weights: [Double], channels: Int, importance: [Double]?, common: Double? = nil) throws(Diagnostic)
    -> WeightGrid
  {
    let rows = isPerChannel ? channels : 1
    let length = weights.count / max(1, rows)
    var scales: [Float] = []
    var integers: [ClosedRange<Int32>] = []
    for row in 0..<rows {
      let part = row * length..<(row + 1) * length
      let values = Array(weights[part])
      guard values.allSatisfy(\.isFinite) else {
        throw Diagnostic("compress.weights", "holds a weight that is no finite number")
      }
      let factors = importance.map { Array($0[part]) } ?? [Double](repeating: 1, count: length)
      let own =
        scheme == .asymmetric
        ? asymmetric(values, factors) : (scale: common ?? scale(values, factors), integers: -largest...largest)
      scales.append(max(Float(own.scale), 0x1p-100))
      integers.append(own.integers)
    }
    guard scales.allSatisfy(\.isFinite) else {
      throw Diagnostic("compress.weights", "no scale suits the weights: one of them is too large")
    }
    return WeightGrid(scales: scales, integers: integers)
  }

  private func scale(_ values: [Double], _ factors: [Double]) -> Double {
    let most = values.reduce(0) { max($0, $1.magnitude) }
    guard most > 0 else { return 1 / Double(largest) }
    func error(_ scale: Double) -> Double { self.error(values, factors, scale) }
    switch scheme {
    case .binary:
      let total = factors.reduce(0, +)
      return zip(values, factors).reduce(0) { $0 + $1.0.magnitude * $1.1 } / max(total, .leastNormalMagnitude)
    case .fixedPoint, .dynamicFixedPoint: return Self.powerOfTwo(most / Double(largest), error)
    case .symmetric, .ternary, .asymmetric:
      let whole = most / Double(largest)
      guard search == .mse || scheme == .ternary else { return whole }
      var best = (scale: whole, error: error(whole))
      for part in 1..<Self.parts {
        let candidate = whole * Double(part) / Double(Self.parts)
        let other = error(candidate)
        if other < best.error { best = (candidate, other) }
      }
      return best.scale
    }
  }

  /// The scale and the integers between which the weights lie, all of them or those that are not cut off.
  private func asymmetric(_ values: [Double], _ factors: [Double]) -> (scale: Double, integers: ClosedRange<Int32>) {
    let steps = Int32(1) << Int32(bits) - 1
    let (low, high) = values.reduce((0.0, 0.0)) { (min($0.0, $1), max($0.1, $1)) }
    guard high > low else { return (1, 0...steps) }
    func grid(_ parts: (low: Int, high: Int)) -> (scale: Double, integers: ClosedRange<Int32>) {
      let (low, high) = (low * Double(parts.low) / Double(Self.parts), high * Double(parts.high) / Double(Self.parts))
      let scale = max((high - low) / Double(steps), .leastNormalMagnitude)
      let first = Int32(max(-Double(steps), min(0, (low / scale).rounded())))
      return (scale, first...first + steps)
    }
    var parts = (low: Self.parts, high: Self.parts)
    guard search == .mse else { return grid(parts) }
    func error(_ parts: (low: Int, high: Int)) -> Double {
      let own = grid(parts)
      return self.error(values, factors, own.scale, own.integers)
    }
    var least = error(parts)
    func take(_ candidate: (low: Int, high: Int)) {
      let other = error(candidate)
      if other < least { (least, parts) = (other, candidate) }
    }
    // Both ends together, then each by itself.
    for part in 1..<Self.parts { take((part, part)) }
    for part in 1...Self.parts { take((part, parts.high)) }
    for part in 1...Self.parts { take((parts.low, part)) }
    return grid(parts)
  }

  /// Steps in which ranges are narrowed.
  private static let parts = 80

  /// The best power of two near `whole`, which cuts nothing off.
  static func powerOfTwo(_ whole: Double, _ error: (Double) -> Double) -> Double {
    var best = (scale: 1.0, error: Double.infinity)
    let start = whole.exponent
    for exponent in (start - 4...start + 2).reversed() {
      let candidate = Double(sign: .plus, exponent: Int(exponent), significand: 1)
      let other = error(candidate)
      if other < best.error { best = (candidate, other) }
    }
    return best.scale
  }

  /// The weighted squared error of rounding to multiples of `scale`.
  ///
  /// - Parameter integers: which multiples; nil for those of both signs.
  func error(
    _ values: [Double], _ factors: [Double], _ scale: Double, _ integers: ClosedRange<Int32>? = nil
  ) -> Double {
    let (low, high) =
      integers.map { (Double($0.lowerBound), Double($0.upperBound)) } ?? (-Double(largest), Double(largest))
    var sum = 0.0
    for (value, factor) in zip(values, factors) {
      let steps = max(low, min(high, (value / scale).rounded()))
      let difference = value - (scheme == .binary ? (value < 0 ? -scale : scale) : steps * scale)
      sum += factor * difference * difference
    }
    return sum
  }

  /// The value of the grid next to a wanted one.
  func nearest(_ value: Double, _ channel: Int, _ grid: WeightGrid) -> Double {
    if scheme == .binary { return value < 0 ? -grid.scale(channel) : grid.scale(channel) }
    return Double(grid.steps(value, channel)) * grid.scale(channel)
  }
}
