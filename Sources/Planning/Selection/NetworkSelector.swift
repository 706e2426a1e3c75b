/// Chooses the kernels of a whole network for an objective and within budgets.
///
/// - `speed`: fewest cycles, then fewest bytes of flash, then the smallest peak of RAM.
/// - `size`: fewest bytes of flash, then fewest cycles, then the smallest peak.
/// - `ram`: the smallest peak, then fewest cycles, then fewest bytes.
/// - `balanced`: at most a tenth slower than the fastest choice. Within that, cycles are exchanged for memory at fixed rates: one
///   percent of the fastest choice's cycles is worth two percent of its flash or two percent of its RAM. So a kernel that
///   doubles the weights must buy a lot of time, and working memory counts as much as its share of the RAM. Networks that were
///   compressed have other ``MemoryPrices``.
///
/// A budget that can't be met is replaced by the closest that can, in the order flash, RAM, cycles: code that does not fit into
/// the memories is of no use, however fast it is.
package struct NetworkSelector {
  package struct Choice: Equatable, Sendable {
    package let picks: [Int]
    package let totals: SelectionProblem.Totals
    /// Every search came to its end, so that no other choice is better.
    package let isProved: Bool
    /// The value that the objective puts first, and a bound below which no choice can be: cycles, bytes, or for `balanced` parts
    /// of a million of the fastest choice's value.
    package let value: Int
    package let lowerBound: Int
    /// Budgets that no choice meets.
    package let unmet: [Budget]
  }

  package enum Budget: String, Sendable { case flash, ram, cycles }

  private let problem: SelectionProblem
  private let objective: Objective
  private let budgets: Budgets
  private let otherRAM: Int
  /// All peaks that a choice can have, in ascending order.
  private let peaks: [Int]
  private var isProved = true
  private var unmet: [Budget] = []

  private let prices: MemoryPrices

  /// - Parameter otherRAM: bytes beside the arena, such as the buffers for inputs and outputs.
  package init(
    _ problem: SelectionProblem, objective: Objective, budgets: Budgets = Budgets(), otherRAM: Int = 0,
    prices: MemoryPrices = .usual
  ) {
    self.prices = prices
    self.problem = problem
    self.objective = objective
    self.budgets = budgets
    self.otherRAM = otherRAM
    let least = problem.layers.map { $0.map(\.peak).min() ?? 0 }.max() ?? 0
    peaks = Set(problem.layers.joined().map(\.peak).filter { $0 >= least } + [least]).sorted()
  }

  /// - Returns: nil when a layer has no candidate.
  package func choose() -> Choice? {
    var search = self
    return search.run()
  }

  private mutating func run() -> Choice? {
    guard problem.layers.allSatisfy({ !$0.isEmpty }) else { return nil }
    var limits = budgets
    // The closest budgets that can be met.
    if let flash = budgets.flash {
      guard let smallest = least(flash: 1, within: Budgets()) else { return nil }
      if smallest.totals.flash > flash { limits.flash = unmeet(.flash, smallest.totals.flash) }
    }
    if let ram = budgets.ram {
      guard let leanest = leastPeak(within: Budgets(flash: limits.flash)) else { return nil }
      if leanest > ram { limits.ram = unmeet(.ram, leanest) }
    }
    if let cycles = budgets.cycles {
      guard let fastest = least(cycles: 1, within: Budgets(flash: limits.flash, ram: limits.ram)) else { return nil }
      if fastest.totals.cycles > cycles { limits.cycles = unmeet(.cycles, fastest.totals.cycles) }
    }
    switch objective {
    case .speed:
      guard let first = least(cycles: 1, within: limits) else { return nil }
      limits.cycles = first.totals.cycles
      return refined(first, first, limits, thenFlash: true)
    case .size:
      guard let first = least(flash: 1, within: limits) else { return nil }
      limits.flash = first.totals.flash
      return refined(first, first, limits, thenFlash: false)
    case .ram:
      guard let peak = leastPeak(within: limits) else { return nil }
      limits.ram = peak
      guard let second = least(cycles: 1, within: limits) else { return nil }
      limits.cycles = second.totals.cycles
      guard let third = least(flash: 1, within: limits) else { return nil }
      return choice(third, value: third.totals.peak, lowerBound: isProved ? third.totals.peak : 0)
    case .balanced: return balanced(limits)
    }
  }

  private mutating func unmeet(_ budget: Budget, _ closest: Int) -> Int {
    unmet.append(budget)
    return closest
  }

  private func choice(_ solution: SelectionSolver.Solution, value: Int, lowerBound: Int) -> Choice {
    Choice(
      picks: solution.picks, totals: solution.totals, isProved: isProved, value: value, lowerBound: lowerBound,
      unmet: unmet)
  }

  /// Among the choices with the same first value the best by the second one, then the one with the smallest peak.
  private mutating func refined(
    _ first: SelectionSolver.Solution, _ start: SelectionSolver.Solution, _ limits: Budgets, thenFlash: Bool
  ) -> Choice {
    var limits = limits
    var best = start
    if let second = least(cycles: thenFlash ? 0 : 1, flash: thenFlash ? 1 : 0, within: limits) { best = second }
    (limits.cycles, limits.flash) = (best.totals.cycles, best.totals.flash)
    if let peak = leastPeak(within: limits) {
      limits.ram = peak
      if let third = least(cycles: 1, within: limits) { best = third }
    }
    return choice(best, value: first.value, lowerBound: first.lowerBound)
  }

  private mutating func balanced(_ limits: Budgets) -> Choice? {
    guard let fastest = least(cycles: 1, within: limits) else { return nil }
    var limits = limits
    limits.cycles = fastest.totals.cycles
    let reference = refined(fastest, fastest, limits, thenFlash: true).totals
    let slowest = prices.slowdown.map { Saturating.product(reference.cycles / 10, $0) } ?? .max
    limits.cycles = max(min(budgets.cycles ?? .max, slowest), reference.cycles)
    // Weights in parts of 2⁴⁰, so that sums of them stay far below the largest Int.
    let unit = 1 << 40
    let cycleWeight = max(1, prices.cycles * unit / max(1, reference.cycles))
    let flashWeight = max(1, unit / max(1, reference.flash))
    let ramWeight = max(1, unit / max(1, reference.peak + otherRAM))
    var best: (solution: SelectionSolver.Solution, value: Int)?
    var lowerBound = Int.max
    // Under a falling limit for the peak; a choice stays the best one down to its own peak.
    var threshold = limits.ram ?? .max
    while true {
      limits.ram = threshold
      guard let solution = least(cycles: cycleWeight, flash: flashWeight, within: limits) else { break }
      let value = Saturating.sum(
        solution.value, Saturating.product(ramWeight, solution.totals.peak + otherRAM))
      lowerBound = min(
        lowerBound,
        Saturating.sum(solution.lowerBound, Saturating.product(ramWeight, (peaks.first ?? 0) + otherRAM)))
      if best == nil || value < best?.value ?? 0 { best = (solution, value) }
      guard let next = peaks.last(where: { $0 < solution.totals.peak }) else { break }
      threshold = next
    }
    guard let best else { return nil }
    let parts = unit / 1_000_000
    return choice(
      best.solution, value: best.value / parts,
      lowerBound: isProved ? best.value / parts : min(best.value, lowerBound) / parts)
  }

  // MARK: searches

  private mutating func least(
    cycles: Int = 0, flash: Int = 0, within limits: Budgets
  ) -> SelectionSolver.Solution? {
    let goal = SelectionSolver.Goal(cycleWeight: cycles, flashWeight: flash, limits: limits)
    switch SelectionSolver.solve(problem, goal) {
    case .found(let solution):
      if !solution.isProved { isProved = false }
      return solution
    case .none(let isProved):
      if !isProved { self.isProved = false }
      return nil
    }
  }

  /// The smallest peak of a choice within the limits.
  private mutating func leastPeak(within limits: Budgets) -> Int? {
    var limits = limits
    var (low, high) = (0, peaks.count - 1)
    if let limit = limits.ram {
      guard let last = peaks.lastIndex(where: { $0 <= limit }) else { return nil }
      high = last
    }
    func isPossible(_ index: Int) -> Bool {
      limits.ram = peaks[index]
      // What is minimized is a limit too, when there is one, so that the search ends early in most cases.
      return (limits.cycles != nil ? least(cycles: 1, within: limits) : least(flash: 1, within: limits)) != nil
    }
    guard isPossible(high) else { return nil }
    while low < high {
      let middle = (low + high) / 2
      if isPossible(middle) { high = middle } else { low = middle + 1 }
    }
    return peaks[low]
  }
}
