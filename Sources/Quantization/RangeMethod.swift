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
  /// The range whose 256 values lose least of the values' distribution, by Kullback and Leibler's divergence.
  case kl

  /// Those among which the best one is looked for.
  static let automatic: [RangeMethod] = [.mse, .percentile, .minmax]
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
    case .kl: return leastDivergence(all)
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

  /// Narrows both ends by the same part; the one with the least divergence between the values and what 256 steps leave of
  /// them.
  ///
  /// Source: S. Migacz, 8-bit Inference with TensorRT, GTC 2017.
  private func leastDivergence(_ all: AffineRange) -> AffineRange {
    let parts = 128
    var best = (range: all, divergence: Double.infinity)
    for part in parts / 8...parts {
      let share = Double(part) / Double(parts)
      let range = AffineRange(low: all.low * share, high: all.high * share)
      let divergence = divergence(range)
      if divergence < best.divergence { best = (range, divergence) }
    }
    return best.range
  }

  /// Σ p log(p / q) over the bins: p counts what the range cuts off at its ends, q spreads what each step holds evenly over the
  /// bins of the step that are not empty.
  private func divergence(_ range: AffineRange) -> Double {
    let (scale, zeroPoint) = range.parameters
    var counts = [Double](repeating: 0, count: bins.count)
    var steps: [Int: (sum: Double, bins: [Int])] = [:]
    var total = 0.0
    let inside = bins.indices.filter { center($0) >= range.low && center($0) <= range.high }
    guard let first = inside.first, let last = inside.last else { return .infinity }
    for (bin, count) in bins.enumerated() where count > 0 {
      let place = max(first, min(last, bin))
      counts[place] += Double(count)
      total += Double(count)
      guard place == bin else { continue }
      let step = Int(max(-128, min(127, (center(bin) / Double(scale)).rounded() + Double(zeroPoint))))
      steps[step, default: (0, [])].sum += Double(count)
      steps[step, default: (0, [])].bins.append(bin)
    }
    let kept = steps.values.reduce(0) { $0 + $1.sum }
    guard kept > 0 else { return .infinity }
    var spread = [Double](repeating: 0, count: bins.count)
    for step in steps.values { for bin in step.bins { spread[bin] = step.sum / Double(step.bins.count) / kept } }
    var sum = 0.0
    for (bin, count) in counts.enumerated() where count > 0 {
      // An end that holds only what was cut off is as unlikely as one value in all.
      sum += count / total * RealFunctions.log(count / total / max(spread[bin], 0.5 / kept))
    }
    return sum
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
