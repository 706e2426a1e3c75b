import IR
import Support

/// Which real numbers integer weights stand for.
enum WeightScheme: String, CaseIterable, Sendable {
  /// Whole multiples of a scale, zero in the middle.
  case symmetric
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
    for row in 0..<rows {
      let part = row * length..<(row + 1) * length
      let scale = common ?? scale(weights[part], importance?[part])
      scales.append(max(Float(scale), 0x1p-100))
    }
    guard scales.allSatisfy(\.isFinite) else {
      throw Diagnostic("compress.weights", "holds a weight that is no finite number")
    }
    return WeightGrid(scales: scales, largest: largest)
  }

  private func scale(_ weights: ArraySlice<Double>, _ importance: ArraySlice<Double>?) -> Double {
    let most = weights.reduce(0) { max($0, $1.magnitude) }
    guard most > 0, most.isFinite else { return most > 0 ? most : 1 / Double(largest) }
    let factors = importance.map(Array.init) ?? [Double](repeating: 1, count: weights.count)
    let values = Array(weights)
    func error(_ scale: Double) -> Double { self.error(values, factors, scale) }
    switch scheme {
    case .binary:
      let total = factors.reduce(0, +)
      return zip(values, factors).reduce(0) { $0 + $1.0.magnitude * $1.1 } / max(total, .leastNormalMagnitude)
    case .fixedPoint, .dynamicFixedPoint: return Self.powerOfTwo(most / Double(largest), error)
    case .symmetric, .ternary:
      let whole = most / Double(largest)
      guard search == .mse || scheme == .ternary else { return whole }
      var best = (scale: whole, error: error(whole))
      for part in 1..<80 {
        let candidate = whole * Double(part) / 80
        let other = error(candidate)
        if other < best.error { best = (candidate, other) }
      }
      return best.scale
    }
  }

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
  func error(_ values: [Double], _ factors: [Double], _ scale: Double) -> Double {
    let limit = Double(largest)
    var sum = 0.0
    for (value, factor) in zip(values, factors) {
      let steps = max(-limit, min(limit, (value / scale).rounded()))
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
