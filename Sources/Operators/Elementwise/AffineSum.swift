/// A sum or difference of two bytes in 32 bits: clamp((a · multiplier 1 + b · multiplier 2 + offset) >> shift).
///
/// The reference rounds both inputs to 20 fraction bits and their sum to the output's scale, half away from zero. That is a
/// plane in steps; the parameters are a plane close to it whose steps are the same. Multipliers a little larger than the
/// plane's slopes also round halves away from zero, because they move values away from it.
///
/// Proof: the formula is compared with the reference for all 65,536 pairs of inputs, and no intermediate value can leave 32
/// bits.
package struct AffineSum: Equatable, Sendable {
  package let multipliers: [Int32]
  package let offset: Int32
  package let shift: Int

  /// The output value, as the emitted C computes it.
  package func apply(_ a: Int32, _ b: Int32, _ clamp: ClosedRange<Int32>) -> Int32 {
    clamp.clamping((a &* multipliers[0] &+ b &* multipliers[1] &+ offset) >> Int32(shift))
  }

  /// - Returns: nil when no parameters are found.
  package init?(_ op: IntegerAdd) {
    let steps = SteppedPlane(op)
    // The more fraction bits, the closer the plane comes.
    var tried = 0
    for shift in stride(from: 24, through: 6, by: -1) where tried < 8 {
      guard steps.fits(shift) else { continue }
      tried += 1
      if let found = steps.fit(shift) {
        self = found
        return
      }
    }
    return nil
  }

  fileprivate init(_ multipliers: [Int32], _ offset: Int32, _ shift: Int) {
    self.multipliers = multipliers
    self.offset = offset
    self.shift = shift
  }
}

/// The reference's outputs for all pairs of inputs, and the plane that they lie close to.
private struct SteppedPlane {
  /// What an offset must be at least or at most, for one pair of inputs.
  private struct Bound {
    let a: Int64
    let b: Int64
    /// The output value.
    let value: Int64
  }

  private static let bytes = Int32(-128)...127

  private let clamp: ClosedRange<Int32>
  /// For each a, all b.
  private let outputs: [Int32]
  /// What the output rises by with each input.
  private let slopes: [Double]
  /// The plane where both inputs are 0, half a step higher, so that rounding down is rounding to nearest.
  private let level: Double
  /// The pairs just above a step, which the offset must not be too small for, and those just below.
  private let above: [Bound]
  private let below: [Bound]

  init(_ op: IntegerAdd) {
    func factor(_ index: Int) -> Double {
      Double(op.scales[index].multiplier)
        * Double(sign: .plus, exponent: op.scales[index].shift - 31, significand: 1)
    }
    let unit = 0x1p20 * factor(2)
    let slopes = [factor(0) * unit, (op.subtracts ? -1 : 1) * factor(1) * unit]
    let level =
      Double(op.stage.zeroPoint) + 0.5 - slopes[0] * Double(op.zeroPoints[0]) - slopes[1] * Double(op.zeroPoints[1])
    let clamp = op.stage.clamp
    let outputs = Self.bytes.flatMap { a in Self.bytes.map { b in op.result(a, b) } }
    // Only pairs close to a step can decide, because the multipliers differ from the slopes by very little.
    func closest(_ isOpen: (Int32) -> Bool, _ distance: (Int32, Double) -> Double) -> [Bound] {
      var found: [(bound: Bound, distance: Double)] = []
      var index = 0
      for a in Self.bytes {
        for b in Self.bytes {
          let value = outputs[index]
          index += 1
          guard isOpen(value) else { continue }
          let position = slopes[0] * Double(a) + slopes[1] * Double(b) + level
          found.append((Bound(a: Int64(a), b: Int64(b), value: Int64(value)), distance(value, position)))
        }
      }
      let reach = (found.map(\.distance).min() ?? 0) + 0x1p-6
      return found.filter { $0.distance < reach }.map(\.bound)
    }
    above = closest({ $0 > clamp.lowerBound }, { $1 - Double($0) })
    below = closest({ $0 < clamp.upperBound }, { Double($0) + 1 - $1 })
    self.slopes = slopes
    self.level = level
    self.clamp = clamp
    self.outputs = outputs
  }

  /// The plane with `shift` fraction bits stays far enough within 32 bits.
  func fits(_ shift: Int) -> Bool {
    (abs(slopes[0]) * 128 + abs(slopes[1]) * 128 + abs(level) + 1) * Double(1 << shift) < 0x1p31 - 0x1p14
  }

  /// Parameters with `shift` fraction bits that give every output.
  func fit(_ shift: Int) -> AffineSum? {
    let ideal = slopes.map { Int64(($0 * Double(1 << shift)).rounded()) }
    for distance in Int64(0)...12 {
      for i in -distance...distance {
        for j in -distance...distance where max(abs(i), abs(j)) == distance {
          let (first, second) = (ideal[0] + i, ideal[1] + j)
          guard let offset = offset(first, second, shift),
            (abs(first) + abs(second)) * 128 + abs(offset) <= Int64(Int32.max)
          else { continue }
          let found = AffineSum(
            [Int32(truncatingIfNeeded: first), Int32(truncatingIfNeeded: second)],
            Int32(truncatingIfNeeded: offset), shift)
          if isExact(found) { return found }
        }
      }
    }
    return nil
  }

  /// The middle of the offsets that are right for all close pairs.
  private func offset(_ first: Int64, _ second: Int64, _ shift: Int) -> Int64? {
    var (low, high) = (Int64.min, Int64.max)
    for pair in above { low = max(low, pair.value << Int64(shift) - first * pair.a - second * pair.b) }
    for pair in below {
      high = min(high, (pair.value + 1) << Int64(shift) - 1 - first * pair.a - second * pair.b)
      if low > high { return nil }
    }
    if above.isEmpty { return below.isEmpty ? 0 : high }
    return below.isEmpty ? low : low + (high - low) / 2
  }

  private func isExact(_ sum: AffineSum) -> Bool {
    var index = 0
    for a in Self.bytes {
      for b in Self.bytes {
        if sum.apply(a, b, clamp) != outputs[index] { return false }
        index += 1
      }
    }
    return true
  }
}
