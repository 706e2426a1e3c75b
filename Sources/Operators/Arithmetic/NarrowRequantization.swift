/// Requantization of a layer by 32-bit arithmetic, equal to the full 64-bit form for every accumulator that the layer's
/// weights allow.
///
/// With u = accumulator − origin, kept within 0...limit, and y = u · multiplier / 256 + offset, the output value is, above the
/// lower bound of the clamp,
///
///     y >> shift                  when u is below the turn, and
///     (y + setback) >> shift      from there on
///
/// where u · multiplier / 256 is rounded down and computed as (u >> 8) · multiplier + ((u & 255) · multiplier >> 8).
/// The reference rounds twice, the second time away from zero: the steps below zero lie a little higher than one straight
/// line gives them, which the setback makes up for: the turn lies where the output is the zero point. Layers whose outputs all
/// lie on one side of it need none.
///
/// The line begins where the output does: the offset is less than a step of the accumulator, and 8 bits of it are enough. So a
/// channel needs few bits: 24 for the multiplier, 8 for the offset, 8 and an exponent for the limit, which has room between
/// the last step and the one that must not be reached; the shift follows from the exponent. The turn has room of a whole step:
/// 9 bits with the limit's exponent.
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
    /// From 0 to ``largestExponent``.
    package var exponent: Int
    /// The offset in 256th of the multiplier's share of one accumulator, from 0 to 255.
    package var fraction: UInt32
    /// From 0 to 255.
    package var reach: UInt32
    /// What is added to y from the turn on, below 2^``setbackBits``.
    package var setback: UInt32
    /// The turn without its exponent, from 0 to 511.
    package var turn: UInt32

    package static let largestExponent = 14
    package static let setbackBits = 23

    package var shift: Int { min(exponent + 16, 24) }
    package var offset: UInt32 { UInt32(truncatingIfNeeded: (UInt64(fraction) * UInt64(multiplier)) >> 16) }
    /// A u from which on nothing changes.
    package var limit: Int32 { Int32(truncatingIfNeeded: (256 + reach) << UInt32(exponent)) }

    /// The u from which on the setback is added.
    package var turningPoint: Int32 { Int32(truncatingIfNeeded: turn << UInt32(exponent)) }

    /// The output value above the lower bound of the clamp, as the emitted C computes it; nil when 32 bits do not hold it.
    func apply(_ u: Int64) -> Int64? {
      guard u > 0 else { return 0 }
      let u = min(u, Int64(limit))
      let (low, m) = ((u & 255) * Int64(multiplier), Int64(multiplier))
      let y = (u >> 8) * m + low >> 8 + Int64(offset) + (u < Int64(turningPoint) ? 0 : Int64(setback))
      guard low < 1 << 32, y < 1 << 32 else { return nil }
      return y >> Int64(shift)
    }
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
    channels = ranges.enumerated().map { channel, range in OutputSteps(stage, range, scale(channel))?.fit() }
  }

  /// The output value above the lower bound of the clamp, as the emitted C computes it.
  ///
  /// - Returns: nil for a channel that takes the full form.
  package func apply(_ accumulator: Int32, channel: Int) -> Int32? {
    guard let own = channels[channel] else { return nil }
    return own.apply(Int64(accumulator &- own.origin)).map { Int32(truncatingIfNeeded: $0) }
  }
}
