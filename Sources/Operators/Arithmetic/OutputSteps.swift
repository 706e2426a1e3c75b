/// The steps of one channel's output over its accumulators, and the search for parameters of ``NarrowRequantization``.
struct OutputSteps {
  /// Output values above the lower bound of the clamp: at the smallest accumulator, and at the largest one.
  private let first: Int64
  private let final: Int64
  /// For each value after the first one, the smallest accumulator with it.
  private let steps: [Int64]
  /// The steps in an order that soon finds a line that misses one: every eighth one from the last on comes first.
  private let walk: [Int]
  private let low: Int64
  private let high: Int64
  /// Zero point above the lower bound of the clamp.
  private let zero: Int64
  /// The output stays at the upper bound of the clamp from the last step on.
  private let saturates: Bool
  /// Output steps for one step of the accumulator.
  private let slope: Double

  init?(_ stage: OutputStage, _ range: ClosedRange<Int64>, _ scale: Requantization) {
    guard let low = Int32(exactly: range.lowerBound), let high = Int32(exactly: range.upperBound), low > Int32.min
    else { return nil }
    slope = Double(scale.multiplier) * Self.power(scale.shift - 31)
    // A left shift may drop bits; then the output does not rise with the accumulator.
    if scale.shift > 0, scale.arithmetic == .fixedPoint {
      let bound = Int64(1) << Int64(31 - scale.shift)
      guard range.lowerBound > -bound, range.upperBound < bound else { return nil }
    }
    func value(_ accumulator: Int32) -> Int32 { stage.apply(accumulator, scale) }
    let (least, most) = (value(low), value(high))
    // The sum with the zero point must not wrap either.
    guard least <= most, abs(Double(low) * slope) < 1e9, abs(Double(high) * slope) < 1e9 else { return nil }
    var found: [Int64] = []
    var previous = low
    if least < most {
      for step in (least + 1)...most {
        // Where the straight line is, then the nearest step.
        let guess = (Double(step - stage.zeroPoint) - 0.5) / slope
        var at = Int32(max(Double(previous), min(Double(high), guess.rounded(.up))))
        while at > previous, value(at - 1) >= step { at -= 1 }
        while value(at) < step { at += 1 }
        found.append(Int64(at))
        previous = at
      }
    }
    self.low = Int64(low)
    self.high = Int64(high)
    first = Int64(least - stage.clamp.lowerBound)
    final = Int64(most - stage.clamp.lowerBound)
    zero = Int64(stage.zeroPoint) - Int64(stage.clamp.lowerBound)
    steps = found
    walk = Array(found.indices.reversed().enumerated().filter { $0.offset % 8 == 0 }.map(\.element)) + found.indices
    saturates = most == stage.clamp.upperBound
  }

  private static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// Parameters that are exact; nil when none are found.
  func fit() -> NarrowRequantization.Channel? {
    guard !steps.isEmpty else { return constant }
    // Where the line begins: half a value below the lower bound of the clamp.
    let begin = ((-Double(zero) - 0.5) / slope).rounded(.down)
    guard abs(begin) < 0x1p40 else { return nil }
    for hasSetback in [false, true] {
      for exponent in stride(from: NarrowRequantization.Channel.largestExponent, through: 0, by: -1) {
        let ideal = (slope * Self.power(min(exponent + 16, 24) + 8)).rounded()
        guard ideal < 0x1p24, ideal >= 1 else { continue }
        for distance in 0...16 as ClosedRange<Int64> {
          for multiplier in distance == 0 ? [Int64(ideal)] : [Int64(ideal) - distance, Int64(ideal) + distance] {
            guard multiplier > 0, multiplier < 1 << 24 else { continue }
            if let channel = fit(Int64(begin), exponent, multiplier, hasSetback) { return channel }
          }
        }
      }
    }
    return nil
  }

  /// The parameters of an output that never changes: all accumulators lie beyond the limit.
  private var constant: NarrowRequantization.Channel? {
    guard let origin = Int32(exactly: low - 256), Int32(exactly: high - low + 256) != nil else { return nil }
    return NarrowRequantization.Channel(
      origin: origin, multiplier: UInt32(first) << 16, exponent: 0, fraction: 0, reach: 0, setback: 0, turn: 0)
  }

  private func fit(
    _ begin: Int64, _ exponent: Int, _ multiplier: Int64, _ hasSetback: Bool
  ) -> NarrowRequantization.Channel? {
    // How the division by 256 is rounded down depends on where the line begins.
    for shifted in [0, 1, -1, 2, -2, 3] as [Int64] {
      let origin = begin + shifted
      guard let reach = reach(origin, exponent), let own = Int32(exactly: origin), Int32(exactly: low - origin) != nil,
        Int32(exactly: high - origin) != nil
      else { continue }
      let unit = Int64(1) << Int64(min(exponent + 16, 24))
      let limit = Int64(256 + reach) << Int64(exponent)
      guard line(min(limit, high - origin), multiplier) < (final + 1) * unit else { continue }
      let (below, above) = offsets(origin, multiplier, unit, hasSetback)
      guard below.lowerBound <= below.upperBound, above.lowerBound <= above.upperBound else { continue }
      let fraction = below.lowerBound <= 0 ? 0 : (below.lowerBound << 16 + multiplier - 1) / multiplier
      guard fraction < 256 else { continue }
      let offset = (fraction * multiplier) >> 16
      let setback = hasSetback ? max(0, above.lowerBound - offset) : 0
      guard offset <= below.upperBound, offset + setback <= above.upperBound,
        setback < min(unit, 1 << Int64(NarrowRequantization.Channel.setbackBits))
      else { continue }
      for turn in setback == 0 ? [0] : turns(origin, exponent) {
        let channel = NarrowRequantization.Channel(
          origin: own, multiplier: UInt32(multiplier), exponent: exponent, fraction: UInt32(fraction), reach: reach,
          setback: UInt32(setback), turn: turn)
        if isExact(channel) { return channel }
      }
    }
    return nil
  }

  private func line(_ u: Int64, _ multiplier: Int64) -> Int64 {
    (u >> 8) * multiplier + ((u & 255) * multiplier) >> 8
  }

  /// The limit's bits: it must not be before the last step or, where there is none, before the end.
  private func reach(_ origin: Int64, _ exponent: Int) -> UInt32? {
    let last = (saturates ? steps.last ?? low : high) - origin
    let rounded = last <= 256 << Int64(exponent) ? 256 : (last + 1 << Int64(exponent) - 1) >> Int64(exponent)
    return rounded < 512 ? UInt32(rounded - 256) : nil
  }

  /// The turn's bits, as candidates: where the output reaches the zero point, or as little before or behind it as possible.
  private func turns(_ origin: Int64, _ exponent: Int) -> [UInt32] {
    let index = zero - first - 1
    guard index < Int64(steps.count) else { return [] }
    let reached = max(0, (index < 0 ? low : steps[Int(index)]) - origin)
    let turn = (reached + 1 << Int64(exponent) - 1) >> Int64(exponent)
    return [turn, turn - 1].filter { (0..<512).contains($0) }.map { UInt32($0) }
  }

  /// Between which bounds both sides of every step are right: those of the offset, below the zero point, and those of offset
  /// plus setback, above it. Without a setback they are the same.
  private func offsets(
    _ origin: Int64, _ multiplier: Int64, _ unit: Int64, _ hasSetback: Bool
  ) -> (below: (lowerBound: Int64, upperBound: Int64), above: (lowerBound: Int64, upperBound: Int64)) {
    func line(_ accumulator: Int64) -> Int64 { self.line(accumulator - origin, multiplier) }
    let far = Int64(1) << 40
    var below = (lowerBound: -far, upperBound: far)
    var above = (lowerBound: -far, upperBound: far)
    for index in walk {
      let (step, value) = (steps[index], first + 1 + Int64(index))
      let (least, most) = (value * unit - line(step), value * unit - 1 - line(step - 1))
      if !hasSetback || value <= zero {
        below = (max(below.lowerBound, least), min(below.upperBound, most))
        if below.lowerBound > below.upperBound { break }
      } else {
        above = (max(above.lowerBound, least), min(above.upperBound, most))
        if above.lowerBound > above.upperBound { break }
      }
    }
    return (below, hasSetback ? above : (-far, far))
  }

  /// Whether the formula gives the right values at both sides of every step and at the ends.
  private func isExact(_ channel: NarrowRequantization.Channel) -> Bool {
    func isRight(_ accumulator: Int64, _ value: Int64) -> Bool {
      channel.apply(accumulator - Int64(channel.origin)) == value
    }
    guard isRight(low, first), isRight(high, final) else { return false }
    return steps.indices.allSatisfy { index in
      let value = first + 1 + Int64(index)
      // A scale above 1 leaps over values.
      return (steps.dropFirst(index + 1).first == steps[index] || isRight(steps[index], value))
        && (steps.prefix(index).last == steps[index] || isRight(steps[index] - 1, value - 1))
    }
  }
}
