import IR

extension ElementExpression {
  /// A range that holds every value, before it wraps, when inputs may have all values of 32 bits.
  var range: ClosedRange<Int64> { range([]) }

  /// A range that holds every value, before it wraps, for inputs in `ranges`; inputs without a range have any value.
  func range(_ ranges: [ClosedRange<Int32>]) -> ClosedRange<Int64> {
    switch self {
    case .input(let position):
      guard position < ranges.count else { return Self.all }
      return Int64(ranges[position].lowerBound)...Int64(ranges[position].upperBound)
    case .constant(let value): return Int64(value)...Int64(value)
    case .binary(let operation, let a, let b): return operation.range(a.wrapped(ranges), b.wrapped(ranges))
    case .scaled(let a, let scale):
      // A left shift may push bits out; without that the result grows with the value.
      let own = a.wrapped(ranges)
      let factor = Int64(1) << Int64(max(0, scale.shift))
      guard own.lowerBound * factor >= Self.all.lowerBound, own.upperBound * factor <= Self.all.upperBound else {
        return Self.all
      }
      return Int64(scale.apply(Int32(own.lowerBound)))...Int64(scale.apply(Int32(own.upperBound)))
    case .clamped(let a, let clamp):
      let own = a.wrapped(ranges)
      let (low, high) = (Int64(clamp.lowerBound), Int64(clamp.upperBound))
      return min(max(own.lowerBound, low), high)...min(max(own.upperBound, low), high)
    case .compared: return 0...1
    case .chosen(_, let a, let b):
      let (first, second) = (a.wrapped(ranges), b.wrapped(ranges))
      return min(first.lowerBound, second.lowerBound)...max(first.upperBound, second.upperBound)
    case .call: return Self.all
    }
  }

  /// A range that holds every value after it wrapped.
  func wrapped(_ ranges: [ClosedRange<Int32>]) -> ClosedRange<Int64> {
    let own = range(ranges)
    return own.lowerBound >= Self.all.lowerBound && own.upperBound <= Self.all.upperBound ? own : Self.all
  }

  private static let all = Int64(Int32.min)...Int64(Int32.max)
}

extension ElementExpression.Operation {
  /// What the bits of numbers in two ranges can make: no number with more bits than the longest one.
  private func bits(_ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>) -> ClosedRange<Int64> {
    if self == .and {
      // A number that is not negative masks the other one.
      let masks = [a, b].filter { $0.lowerBound >= 0 }.map(\.upperBound)
      if let mask = masks.min() { return 0...mask }
    }
    let bounds: [Int64] = [a.lowerBound, a.upperBound, b.lowerBound, b.upperBound]
    let lengths = bounds.map { Int64(64 - ($0 < 0 ? ~$0 : $0).leadingZeroBitCount) }
    let largest = (Int64(1) << (lengths.max() ?? 0)) - 1
    return (a.lowerBound >= 0 && b.lowerBound >= 0 ? 0 : -largest - 1)...largest
  }

  fileprivate func range(_ a: ClosedRange<Int64>, _ b: ClosedRange<Int64>) -> ClosedRange<Int64> {
    switch self {
    case .add: return a.lowerBound + b.lowerBound...a.upperBound + b.upperBound
    case .subtract: return a.lowerBound - b.upperBound...a.upperBound - b.lowerBound
    case .multiply:
      let products = [a.lowerBound, a.upperBound].flatMap { [$0 * b.lowerBound, $0 * b.upperBound] }
      return (products.min() ?? 0)...(products.max() ?? 0)
    case .minimum: return min(a.lowerBound, b.lowerBound)...min(a.upperBound, b.upperBound)
    case .maximum: return max(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    case .and, .or, .exclusiveOr: return bits(a, b)
    case .shiftLeft: return Int64(Int32.min)...Int64(Int32.max)
    case .shiftRight: return min(a.lowerBound, 0)...max(a.upperBound, 0)
    }
  }
}
