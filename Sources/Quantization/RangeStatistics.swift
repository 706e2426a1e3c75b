/// The values that tensors of one scale took while vectors ran, in a fixed amount of memory: first their smallest and
/// largest value, then, in a second run, how often each part of that range occurs.
package struct RangeStatistics {
  static let binCount = 2048

  /// Zero is always in the range, since it must have an exact representation.
  package private(set) var low: Float = 0
  package private(set) var high: Float = 0
  /// How many values each bin holds; zeros are not counted, because no scale changes them.
  private(set) var bins: [Int] = []

  package init() {}

  /// Takes values into the range; false when one of them is no finite number.
  package mutating func extend(_ values: [Float]) -> Bool {
    var (low, high) = (self.low, self.high)
    var isFinite = true
    for value in values {
      if !value.isFinite { isFinite = false }
      low = value < low ? value : low
      high = value > high ? value : high
    }
    (self.low, self.high) = (low, high)
    return isFinite
  }

  var binWidth: Double { (Double(high) - Double(low)) / Double(Self.binCount) }

  /// The value in the middle of a bin.
  func center(_ bin: Int) -> Double { Double(low) + (Double(bin) + 0.5) * binWidth }

  /// Counts values, which must lie in the range.
  package mutating func count(_ values: [Float]) {
    if bins.isEmpty { bins = [Int](repeating: 0, count: Self.binCount) }
    guard high > low else { return }
    let scale = 1 / binWidth
    let start = Double(low)
    for value in values where value != 0 {
      let position = (Double(value) - start) * scale
      guard position >= 0 else { continue }
      bins[min(Self.binCount - 1, Int(min(position, Double(Self.binCount))))] += 1
    }
  }
}
