import Quantization
import Testing

/// Ranges from values.
@Suite struct RangeTests {
  private func statistics(_ values: [Float]) -> RangeStatistics {
    var statistics = RangeStatistics()
    let isFinite = statistics.extend(values)
    #expect(isFinite)
    statistics.count(values)
    return statistics
  }

  private func error(_ values: [Float], _ range: AffineRange) -> Double {
    let (scale, zeroPoint) = range.parameters
    return values.reduce(0.0) { sum, value in
      let steps = max(-128, min(127, (value / scale).rounded() + Float(zeroPoint))) - Float(zeroPoint)
      return sum + Double((value - steps * scale) * (value - steps * scale))
    }
  }

  /// Mostly small values around zero, and one far away.
  private let spread = (0..<20_000).map { Float($0 % 201 - 100) / 100 } + [40]

  @Test func allValuesAreCovered() {
    #expect(statistics(spread).range(.minmax) == AffineRange(low: -1, high: 40))
    #expect(statistics([3, 5]).range(.minmax) == AffineRange(low: 0, high: 5))
    #expect(statistics([-3, -5]).range(.minmax) == AffineRange(low: -5, high: 0))
  }

  @Test func percentilesCutSingleValues() {
    let range = statistics(spread).range(.percentile)
    #expect(range.high < 1.1 && range.high >= 1 && range.low <= -0.99)
  }

  @Test func leastErrorIsNotAboveTheOthers() {
    for values in [spread, spread.map { -$0 }, spread.map { $0 * $0 }, (0..<1000).map { Float($0) }] {
      let own = statistics(values)
      let least = error(values, own.range(.mse))
      #expect(least <= error(values, own.range(.minmax)) * 1.001)
    }
  }

  @Test(arguments: RangeMethod.allCases)
  func zeroIsExact(_ method: RangeMethod) {
    for values in [[0], [0, 0], [1e-30], [-7, 100], [0.001, 5], [-3.4e38, 3.4e38], []] as [[Float]] {
      let (scale, zeroPoint) = statistics(values).range(method).parameters
      #expect(scale > 0 && scale.isFinite && (-128...127).contains(zeroPoint), "\(values)")
    }
  }

  @Test(arguments: [([1, .nan], false), ([.infinity], false), ([1], true)] as [([Float], Bool)])
  func whatIsNoNumberIsSeen(_ values: [Float], _ expected: Bool) {
    var own = RangeStatistics()
    let isFinite = own.extend(values)
    #expect(isFinite == expected)
  }
}
