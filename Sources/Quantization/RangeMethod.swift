import IR
import Support

/// How the real range that int8 covers is chosen from the values that a tensor took.
package enum RangeMethod: String, CaseIterable, Sendable {
  /// The range with the least mean square error of the values after quantization.
  case mse
  /// All but the outermost values: one of 10,000 at each end may be cut off.
  case percentile
  /// All values.
  case minmax
}

/// An asymmetric int8 quantization that covers a range with zero inside.
package struct AffineRange: Equatable, Sendable {
  package let low: Double
  package let high: Double

  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Scale and zero point: 255 steps cover the range, and zero is one of the 256 values.
  ///
  /// Source: `ChooseQuantizationParams` of the TensorFlow Lite quantization specification, with -128 to 127.
  package var parameters: (scale: Float, zeroPoint: Int32) {
    let scale = Float((high - low) / 255)
    // A tensor of zeros may have any scale.
    guard scale.isFinite, scale > 0 else { return (1 / 256, 0) }
    let zeroPoint = (-128 - low / Double(scale)).rounded()
    return (scale, Int32(max(-128, min(127, zeroPoint))))
  }

  func quantization() throws(Diagnostic) -> Quantization {
    let (scale, zeroPoint) = parameters
    return try .perTensor(scale: scale, zeroPoint: zeroPoint)
  }
}

extension RangeStatistics {
  package func range(_ method: RangeMethod) -> AffineRange {
    let all = AffineRange(low: Double(low), high: Double(high))
    guard high > low, !bins.isEmpty else { return all }
    switch method {
    case .minmax: return all
    case .percentile: return percentile(perTenThousand: 1)
    case .mse: return leastError(all)
    }
  }

  /// The smallest range that leaves out at most so many of 10,000 values at each end.
  private func percentile(perTenThousand share: Int) -> AffineRange {
    let allowed = bins.reduce(0, +) * share / 10_000
    func end(_ order: some Sequence<Int>) -> Int {
      var left = 0
      for bin in order {
        left += bins[bin]
        if left > allowed { return bin }
      }
      return 0
    }
    let (first, last) = (end(bins.indices), end(bins.indices.reversed()))
    return AffineRange(
      low: min(0, Double(low) + Double(first) * binWidth), high: max(0, Double(low) + Double(last + 1) * binWidth))
  }

  /// Narrows one end after the other, as long as that lessens the error.
  private func leastError(_ all: AffineRange) -> AffineRange {
    let steps = 64
    var best = (low: steps, high: steps)
    func range(_ parts: (low: Int, high: Int)) -> AffineRange {
      AffineRange(low: all.low * Double(parts.low) / Double(steps), high: all.high * Double(parts.high) / Double(steps))
    }
    let used = bins.indices.filter { bins[$0] > 0 }
    var error = squaredError(range(best), used)
    for _ in 0..<3 {
      let before = best
      for end in [\(low: Int, high: Int).low, \.high] {
        for part in 1...steps where part != best[keyPath: end] {
          var candidate = best
          candidate[keyPath: end] = part
          let other = squaredError(range(candidate), used)
          if other < error { (error, best) = (other, candidate) }
        }
      }
      if best == before { break }
    }
    return range(best)
  }

  private func squaredError(_ range: AffineRange, _ used: [Int]) -> Double {
    let (scale, zeroPoint) = range.parameters
    let step = Double(scale)
    let (lowest, highest) = (Double(-128 - zeroPoint), Double(127 - zeroPoint))
    var sum = 0.0
    for bin in used {
      let value = center(bin)
      let quantized = max(lowest, min(highest, (value / step).rounded())) * step
      sum += (value - quantized) * (value - quantized) * Double(bins[bin])
    }
    return sum
  }
}
