/// Requantization of a layer by 32-bit arithmetic, equal to the full 64-bit form for every accumulator that the layer's
/// weights allow.
///
/// With u = accumulator − origin, kept within 0...limit, the output value is
///
///     clamp.lowerBound + (u · multiplier / 256 + offset − (accumulator < 0 ? setback : 0)) >> shift
///
/// where u · multiplier / 256 is rounded down and computed as (u >> 8) · multiplier + ((u & 255) · multiplier >> 8).
/// The reference rounds twice, the second time away from zero: the steps below zero lie a little higher than one straight
/// line gives them, which the setback makes up for. Layers whose outputs all lie on one side of zero need none.
///
/// Proof: the output is a step function of the accumulator with at most 256 values that never falls, and so is the formula.
/// Two such functions are equal on a range when they are equal on both sides of every step and at the ends, which is checked
/// for every channel; so is that no intermediate value reaches 2^32, and that accumulator − origin is a 32-bit number.
package struct NarrowRequantization: Equatable, Sendable {
  /// The parameters of one output channel.
  package struct Channel: Equatable, Sendable {
    /// The accumulator that u = 0 stands for.
    package var origin: Int32
    /// Below 2^24.
    package var multiplier: UInt32
    /// At most 24.
    package var shift: Int
    package var offset: UInt32
    /// What is taken from the offset for negative accumulators.
    package var setback: Int32
    /// The first u with the last output value: from there on nothing changes.
    package var limit: Int32
  }

  /// nil where no parameters are exact; such a channel takes the full form.
  package let channels: [Channel?]

  /// Some channel has a setback.
  package var hasSetback: Bool { channels.contains { $0.map { $0.setback != 0 } ?? false } }
  /// Some channel takes the full form.
  package var isMixed: Bool { channels.contains { $0 == nil } }

  /// - Parameters:
  ///   - scale: the factor of each channel.
  ///   - ranges: the smallest and the largest accumulator of each channel.
  package init(_ stage: OutputStage, ranges: [ClosedRange<Int64>], scale: (Int) -> Requantization) {
    channels = ranges.enumerated().map { channel, range in Steps(stage, range, scale(channel))?.fit() }
  }

  /// The output value above the lower bound of the clamp, as the emitted C computes it.
  ///
  /// - Returns: nil for a channel that takes the full form.
  package func apply(_ accumulator: Int32, channel: Int) -> Int32? {
    guard let own = channels[channel] else { return nil }
    let u = UInt32(max(0, min(own.limit, accumulator &- own.origin)))
    let offset = own.offset &- (accumulator < 0 ? UInt32(own.setback) : 0)
    let scaled = (u >> 8) &* own.multiplier &+ ((u & 255) &* own.multiplier) >> 8
    return Int32(truncatingIfNeeded: (scaled &+ offset) >> UInt32(own.shift))
  }
}

/// The steps of one channel's output over its accumulators.
private struct Steps {
  /// A step of the output: the last u with the value before, and the first one with the value after it.
  struct Step {
    let before: Int64
    let after: Int64
    /// The accumulators of `before` and `after` are negative.
    let isNegativeBefore: Bool
    let isNegativeAfter: Bool
  }

  /// The accumulator that u = 0 stands for: the last one with the first value.
  let origin: Int32
  /// Output values above the lower bound of the clamp: at the smallest accumulator, and at the largest one.
  let first: Int64
  let final: Int64
  /// For each value after the first one.
  let steps: [Step]
  /// u of the smallest and of the largest accumulator; the smallest is 0 or less.
  let begin: Int64
  let end: Int64
  let isNegativeFirst: Bool
  let isNegativeEnd: Bool
  /// The output stays at the upper bound of the clamp from the last step on.
  let saturates: Bool
  /// Output steps for one step of the accumulator.
  let slope: Double

  /// The u from which on nothing changes.
  private var last: Int64 { saturates ? steps.last?.after ?? 0 : end }

  init?(_ stage: OutputStage, _ range: ClosedRange<Int64>, _ scale: Requantization) {
    guard let low = Int32(exactly: range.lowerBound), let high = Int32(exactly: range.upperBound), low > Int32.min
    else { return nil }
    slope = Double(scale.multiplier) * Steps.power(scale.shift - 31)
    // A left shift may drop bits; then the output does not rise with the accumulator.
    if scale.shift > 0 {
      let bound = Int64(1) << Int64(31 - scale.shift)
      guard range.lowerBound > -bound, range.upperBound < bound else { return nil }
    }
    func value(_ accumulator: Int32) -> Int32 { stage.apply(accumulator, scale) }
    let (least, most) = (value(low), value(high))
    // The sum with the zero point must not wrap either.
    guard least <= most, abs(Double(low) * slope) < 1e9, abs(Double(high) * slope) < 1e9 else { return nil }
    var found: [Int32] = []
    var previous = low
    if least < most {
      for step in (least + 1)...most {
        // Where the straight line is, then the nearest step.
        let guess = (Double(step - stage.zeroPoint) - 0.5) / slope
        var at = Int32(max(Double(previous), min(Double(high), guess.rounded(.up))))
        while at > previous, value(at - 1) >= step { at -= 1 }
        while value(at) < step { at += 1 }
        found.append(at)
        previous = at
      }
    }
    origin = found.first.map { $0 - 1 } ?? high
    let start = Int64(origin)
    first = Int64(least - stage.clamp.lowerBound)
    final = Int64(most - stage.clamp.lowerBound)
    steps = found.map {
      Step(
        before: Int64($0) - 1 - start, after: Int64($0) - start, isNegativeBefore: $0 <= 0, isNegativeAfter: $0 < 0)
    }
    begin = Int64(low) - start
    end = Int64(high) - start
    isNegativeFirst = origin < 0
    isNegativeEnd = high < 0
    saturates = most == stage.clamp.upperBound
  }

  private static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// Parameters that are exact; nil when none are found.
  ///
  /// The more fraction bits, the closer a multiplier comes; fewer leave room in 32 bits.
  func fit() -> NarrowRequantization.Channel? {
    for hasSetback in [false, true] {
      // A lower origin moves what the division by 256 rounds down.
      for lead in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] as [Int64] {
        for shift in stride(from: 24, through: lead == 0 ? 6 : 20, by: -1) {
          if let channel = fit(shift: shift, lead: lead, hasSetback: hasSetback) { return channel }
        }
      }
    }
    return nil
  }

  private func fit(shift: Int, lead: Int64, hasSetback: Bool) -> NarrowRequantization.Channel? {
    let unit = Int64(1) << Int64(shift)
    let last = last + lead
    guard Int32(exactly: begin + lead) != nil, Int32(exactly: end + lead) != nil,
      let origin = Int32(exactly: Int64(origin) - lead)
    else { return nil }
    guard !steps.isEmpty else {
      guard first * unit < Int64(1) << 32 else { return nil }
      return NarrowRequantization.Channel(
        origin: origin, multiplier: 0, shift: shift, offset: UInt32(first * unit), setback: 0, limit: 0)
    }
    let ideal = Int64((slope * Steps.power(shift + 8)).rounded())
    for distance in 0...8 {
      for multiplier in distance == 0 ? [ideal] : [ideal - Int64(distance), ideal + Int64(distance)] {
        guard multiplier > 0, multiplier < 1 << 24, let (offset, setback) = offset(multiplier, unit, lead, hasSetback)
        else {
          continue
        }
        // The largest u whose product stays below 2^32.
        let room = Int64(1) << 32 - 1 - offset - (255 * multiplier) >> 8
        guard offset >= setback, setback >= 0, offset < 1 << 32, setback < 1 << 31, room >= 0 else { continue }
        guard last <= (room / multiplier) << 8 + 255, let limit = Int32(exactly: last) else { continue }
        return NarrowRequantization.Channel(
          origin: origin, multiplier: UInt32(multiplier), shift: shift, offset: UInt32(offset),
          setback: Int32(setback), limit: limit)
      }
    }
    return nil
  }

  /// An offset with which both sides of every step are right, and what is less of it for negative accumulators.
  private func offset(
    _ multiplier: Int64, _ unit: Int64, _ lead: Int64, _ hasSetback: Bool
  ) -> (offset: Int64, setback: Int64)? {
    var positive = Bounds()
    var negative = Bounds()
    func require(_ change: (inout Bounds) -> Void, negative isNegative: Bool) {
      if !hasSetback || !isNegative { change(&positive) } else { change(&negative) }
    }
    require({ $0.low = max($0.low, first * unit) }, negative: isNegativeFirst)
    for (index, step) in steps.enumerated() {
      let value = (first + 1 + Int64(index)) * unit
      let (before, after) = (((step.before + lead) * multiplier) >> 8, ((step.after + lead) * multiplier) >> 8)
      require({ $0.low = max($0.low, value - after) }, negative: step.isNegativeAfter)
      require({ $0.high = min($0.high, value - 1 - before) }, negative: step.isNegativeBefore)
      if positive.low > positive.high || negative.low > negative.high { return nil }
    }
    // At the end, too: a scale above 1 leaps over values, and beyond the last one.
    let isNegative = saturates ? steps.last?.isNegativeAfter ?? false : isNegativeEnd
    require(
      { $0.high = min($0.high, (final + 1) * unit - 1 - ((last + lead) * multiplier) >> 8) }, negative: isNegative)
    guard positive.low <= positive.high, negative.low <= negative.high else { return nil }
    guard hasSetback, negative.low > Int64.min else { return (positive.low, 0) }
    // The function must not fall where the sign changes.
    let below = negative.low
    let above = max(positive.low, min(below, positive.high))
    return above >= below ? (above, above - below) : nil
  }

  /// Where an offset may lie.
  private struct Bounds {
    var low = Int64.min
    var high = Int64.max
  }
}
