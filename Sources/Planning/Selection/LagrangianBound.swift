/// A lower bound for the choices within limits: limits become prices, for which the best values are looked for.
struct LagrangianBound {
  /// A candidate of a layer.
  struct Item {
    let pick: Int
    let cycles: Double
    let flash: Double
  }

  /// The value of no choice within the limits is smaller.
  private(set) var value = -Double.infinity
  /// What the layers take at the prices, each by itself.
  private(set) var picks: [Int] = []
  private let goal: SelectionSolver.Goal
  /// The prices of the limits: what a cycle and a byte cost more than the goal says.
  private var cyclePrice = 0.0
  private var flashPrice = 0.0

  /// - Parameters:
  ///   - fixed: bytes of flash that every choice takes.
  ///   - visit: gets choices that were met on the way; they may break the limits.
  /// - Returns: nil when no choice is within the limits.
  init?(_ layers: [[Item]], fixed: Double, goal: SelectionSolver.Goal, visit: ([Int]) -> Void) {
    self.goal = goal
    let (cycleLimit, flashLimit) = (goal.limits.cycles.map(Double.init), goal.limits.flash.map(Double.init))
    let leastCycles = layers.reduce(0) { sum, layer in sum + (layer.map(\.cycles).min() ?? 0) }
    let leastFlash = layers.reduce(fixed) { sum, layer in sum + (layer.map(\.flash).min() ?? 0) }
    let slack = 1e-6
    if let cycleLimit, leastCycles > cycleLimit * (1 + 1e-12) + slack { return nil }
    if let flashLimit, leastFlash > flashLimit * (1 + 1e-12) + slack { return nil }
    let mostCycles = layers.reduce(0) { sum, layer in sum + (layer.map(\.cycles).max() ?? 0) }
    let mostFlash = layers.reduce(fixed) { sum, layer in sum + (layer.map(\.flash).max() ?? 0) }
    // The exchange rate at which all cycles that can be saved are worth all bytes that can be saved.
    let rate = max(mostCycles - leastCycles, 1) / max(mostFlash - leastFlash, 1)

    /// Each layer's cheapest candidate at these prices, what all of them take, and the bound that follows.
    func evaluate(_ cyclePrice: Double, _ flashPrice: Double) -> (cycles: Double, flash: Double) {
      let cycleWeight = Double(goal.cycleWeight) + cyclePrice
      let flashWeight = Double(goal.flashWeight) + flashPrice
      var (sum, cycles, flash) = (flashWeight * fixed, 0.0, fixed)
      var picks: [Int] = []
      picks.reserveCapacity(layers.count)
      for layer in layers {
        var best = layer[0]
        var bestPrice = cycleWeight * best.cycles + flashWeight * best.flash
        for item in layer.dropFirst() {
          let price = cycleWeight * item.cycles + flashWeight * item.flash
          if price < bestPrice { (best, bestPrice) = (item, price) }
        }
        sum += bestPrice
        cycles += best.cycles
        flash += best.flash
        picks.append(best.pick)
      }
      visit(picks)
      sum -= cyclePrice * (cycleLimit ?? 0) + flashPrice * (flashLimit ?? 0)
      if sum > self.value || self.picks.isEmpty {
        (self.value, self.picks) = (sum, picks)
        (self.cyclePrice, self.flashPrice) = (cyclePrice, flashPrice)
      }
      return (cycles, flash)
    }

    /// The best price for one limit: the bound is a concave function of it, which rises while the limit is broken.
    func search(from start: Double, isBroken: (Double) -> Bool) {
      guard isBroken(0) else { return }
      var (low, high) = (0.0, start)
      for _ in 0..<60 where isBroken(high) { (low, high) = (high, high * 4) }
      for _ in 0..<30 {
        let middle = (low + high) / 2
        if isBroken(middle) { low = middle } else { high = middle }
      }
    }

    _ = evaluate(0, 0)
    let scale = Double(goal.cycleWeight) / rate + Double(goal.flashWeight) * rate + 1e-9
    for _ in 0..<(cycleLimit != nil && flashLimit != nil ? 3 : 1) {
      if let flashLimit {
        let other = cyclePrice
        search(from: (scale + other) * 1e-3) { evaluate(other, $0).flash > flashLimit }
      }
      if let cycleLimit {
        let other = flashPrice
        search(from: (scale + other) * 1e-3) { evaluate($0, other).cycles > cycleLimit }
      }
    }
  }

  /// What cycles and bytes cost at the prices.
  func price(cycles: Double, flash: Double) -> Double {
    (Double(goal.cycleWeight) + cyclePrice) * cycles + (Double(goal.flashWeight) + flashPrice) * flash
  }

  /// What the limits are worth.
  var limitPrice: Double {
    cyclePrice * Double(goal.limits.cycles ?? 0) + flashPrice * Double(goal.limits.flash ?? 0)
  }
}
