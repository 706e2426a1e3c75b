/// Finds the choice of candidates with the smallest weighted sum of cycles and flash within limits, and proves it.
///
/// Branch and bound in two levels. First it is decided which shared functions there are, open or closed, because only they
/// connect the layers; what remains is one choice for each layer under at most two limits, which is searched layer by layer.
/// Bounds are Lagrangian: with prices for the limits in the place of the limits each layer takes its cheapest candidate by
/// itself, and no choice within the limits can be better than the sum. A function that is not decided yet is charged in equal
/// parts to the layers that could call it, which is never more than it costs.
///
/// The search is deterministic and ends after a number of nodes; then the best choice so far is given with a lower bound.
package struct SelectionSolver {
  /// What is minimized, and within which limits.
  package struct Goal: Equatable, Sendable {
    package var cycleWeight: Int
    package var flashWeight: Int
    package var limits: Budgets

    package init(cycleWeight: Int, flashWeight: Int, limits: Budgets = Budgets()) {
      self.cycleWeight = cycleWeight
      self.flashWeight = flashWeight
      self.limits = limits
    }
  }

  package struct Solution: Equatable, Sendable {
    package let picks: [Int]
    package let value: Int
    package let totals: SelectionProblem.Totals
    /// No choice is better than this; equal to `value` when the choice is proved to be the best.
    package let lowerBound: Int
    package var isProved: Bool { lowerBound == value }
  }

  package enum Outcome: Equatable, Sendable {
    case found(Solution)
    /// There is no choice within the limits; when it is not proved, the search ended before it found one.
    case none(isProved: Bool)
  }

  private enum FunctionState { case undecided, open, closed }

  private let problem: SelectionProblem
  private let goal: Goal
  private let nodeLimit: Int
  /// Indices of the candidates of each layer that can be part of a best choice.
  private var usable: [[Int]] = []
  /// Functions whose bytes matter.
  private var isCharged: [Bool]
  private var best: (picks: [Int], value: Int, totals: SelectionProblem.Totals)?
  private var rootBound: Double?
  private var nodes = 0
  private var isComplete = true

  private init(_ problem: SelectionProblem, _ goal: Goal, nodeLimit: Int) {
    self.problem = problem
    self.goal = goal
    self.nodeLimit = nodeLimit
    let flashMatters = goal.flashWeight > 0 || goal.limits.flash != nil
    isCharged = problem.functionBytes.map { $0 > 0 && flashMatters }
  }

  package static func solve(_ problem: SelectionProblem, _ goal: Goal, nodeLimit: Int = 50_000) -> Outcome {
    var solver = SelectionSolver(problem, goal, nodeLimit: nodeLimit)
    solver.run()
    guard let best = solver.best else { return .none(isProved: solver.isComplete) }
    var lowerBound = best.value
    if !solver.isComplete { lowerBound = min(best.value - 1, Int(max(0, solver.rootBound ?? 0).rounded(.down))) }
    return .found(
      Solution(picks: best.picks, value: best.value, totals: best.totals, lowerBound: lowerBound))
  }

  private mutating func run() {
    usable = problem.layers.map { layer in
      let allowed = layer.indices.filter { layer[$0].peak <= goal.limits.ram ?? .max }
      return undominated(allowed, of: layer, functionsMatter: true)
    }
    guard usable.allSatisfy({ !$0.isEmpty }) else { return }
    decide([FunctionState](repeating: .undecided, count: problem.functionBytes.count))
  }

  /// Those of `indices` that no other one beats in every figure.
  private func undominated(
    _ indices: [Int], of layer: [SelectionProblem.Candidate], functionsMatter: Bool
  ) -> [Int] {
    func charged(_ candidate: SelectionProblem.Candidate) -> Set<Int> {
      functionsMatter ? Set(candidate.functions.filter { isCharged[$0] }) : []
    }
    return indices.filter { index in
      let own = layer[index]
      return !indices.contains { other in
        let rival = layer[other]
        guard other != index, rival.cycles <= own.cycles, rival.flash <= own.flash,
          charged(rival).isSubset(of: charged(own))
        else { return false }
        // Of equal ones the one with the smaller peak stays, then the first.
        let isEqual = rival.cycles == own.cycles && rival.flash == own.flash && charged(rival) == charged(own)
        return !isEqual || (rival.peak, other) < (own.peak, index)
      }
    }
  }

  private func value(_ totals: SelectionProblem.Totals) -> Int {
    Saturating.sum(
      Saturating.product(totals.cycles, goal.cycleWeight), Saturating.product(totals.flash, goal.flashWeight))
  }

  /// Takes a choice when it is within the limits and better than the best one so far.
  private mutating func offer(_ picks: [Int]) {
    let totals = problem.totals(picks)
    let limits = goal.limits
    guard totals.flash <= limits.flash ?? .max, totals.cycles <= limits.cycles ?? .max else { return }
    let value = value(totals)
    if let best, best.value <= value { return }
    best = (picks, value, totals)
  }

  /// No choice whose value is at least `bound` has to be looked at; values are whole numbers.
  private func isHopeless(_ bound: Double) -> Bool {
    guard let best else { return false }
    return bound > Double(best.value) - 0.5
  }

  // MARK: functions

  private mutating func decide(_ start: [FunctionState]) {
    nodes += 1
    guard nodes <= nodeLimit else {
      isComplete = false
      return
    }
    var state = start
    let layers = usable.enumerated().map { index, candidates in
      candidates.filter { !problem.layers[index][$0].functions.contains { state[$0] == .closed && isCharged[$0] } }
    }
    guard layers.allSatisfy({ !$0.isEmpty }) else { return }
    // Functions without which a layer can't be computed.
    for (index, candidates) in layers.enumerated() {
      let first = problem.layers[index][candidates[0]].functions
      for function in first where state[function] == .undecided {
        if candidates.allSatisfy({ problem.layers[index][$0].functions.contains(function) }) {
          state[function] = .open
        }
      }
    }
    var fixed = 0
    var users = [Int](repeating: 0, count: state.count)
    for function in state.indices where isCharged[function] {
      if state[function] == .open { fixed += problem.functionBytes[function] }
      guard state[function] == .undecided else { continue }
      users[function] = layers.indices.count { index in
        layers[index].contains { problem.layers[index][$0].functions.contains(function) }
      }
      if users[function] == 0 { state[function] = .closed }
    }
    let relaxed = layers.enumerated().map { index, candidates in
      candidates.map { pick in
        let candidate = problem.layers[index][pick]
        let shares = candidate.functions.reduce(0.0) { sum, function in
          users[function] > 0 ? sum + Double(problem.functionBytes[function]) / Double(users[function]) : sum
        }
        return LagrangianBound.Item(
          pick: pick, cycles: Double(candidate.cycles), flash: Double(candidate.flash) + shares)
      }
    }
    var tried: [[Int]] = []
    let bound = LagrangianBound(relaxed, fixed: Double(fixed), goal: goal) { tried.append($0) }
    for picks in tried { offer(picks) }
    guard let bound else { return }
    if rootBound == nil { rootBound = bound.value }
    guard !isHopeless(bound.value) else { return }
    let undecided = state.indices.filter { state[$0] == .undecided && isCharged[$0] }
    guard let next = undecided.max(by: { problem.functionBytes[$0] < problem.functionBytes[$1] }) else {
      return choose(layers, fixed: fixed, bound)
    }
    let isWanted = zip(problem.layers, bound.picks).contains { $0[$1].functions.contains(next) }
    for decision in isWanted ? [FunctionState.open, .closed] : [.closed, .open] {
      state[next] = decision
      decide(state)
    }
  }

  // MARK: layers

  /// One layer in the search: its candidates, the most promising first, and bounds for it and all that come after it.
  private struct Level {
    let layer: Int
    var items: [(pick: Int, cycles: Int, flash: Int, value: Int, priced: Double)]
    var leastCycles = 0
    var leastFlash = 0
    var leastValue = 0
    var leastPriced = 0.0
  }

  private mutating func choose(_ layers: [[Int]], fixed: Int, _ bound: LagrangianBound) {
    var levels = layers.enumerated().map { index, candidates in
      let all = problem.layers[index]
      let items = undominated(candidates, of: all, functionsMatter: false).map { pick in
        let (cycles, flash) = (all[pick].cycles, all[pick].flash)
        return (
          pick: pick, cycles: cycles, flash: flash,
          value: value(SelectionProblem.Totals(cycles: cycles, flash: flash, peak: 0)),
          priced: bound.price(cycles: Double(cycles), flash: Double(flash))
        )
      }
      return Level(layer: index, items: items.sorted { ($0.priced, $0.pick) < ($1.priced, $1.pick) })
    }
    func spread(_ level: Level) -> Double { (level.items.last?.priced ?? 0) - (level.items.first?.priced ?? 0) }
    levels.sort { (spread($1), $0.layer) < (spread($0), $1.layer) }
    var rest = Level(layer: -1, items: [])
    for index in levels.indices.reversed() {
      let items = levels[index].items
      rest.leastCycles += items.map(\.cycles).min() ?? 0
      rest.leastFlash += items.map(\.flash).min() ?? 0
      rest.leastValue = Saturating.sum(rest.leastValue, items.map(\.value).min() ?? 0)
      rest.leastPriced += items.map(\.priced).min() ?? 0
      levels[index].leastCycles = rest.leastCycles
      levels[index].leastFlash = rest.leastFlash
      levels[index].leastValue = rest.leastValue
      levels[index].leastPriced = rest.leastPriced
    }
    levels.append(Level(layer: -1, items: []))
    var picks = [Int](repeating: 0, count: layers.count)
    let flashCharge = value(SelectionProblem.Totals(cycles: 0, flash: fixed, peak: 0))
    descend(
      levels, 0, &picks, cycles: 0, flash: fixed, value: flashCharge,
      priced: bound.price(cycles: 0, flash: Double(fixed)) - bound.limitPrice)
  }

  private mutating func descend(
    _ levels: [Level], _ depth: Int, _ picks: inout [Int], cycles: Int, flash: Int, value: Int, priced: Double
  ) {
    nodes += 1
    guard nodes <= nodeLimit else {
      isComplete = false
      return
    }
    guard depth < levels.count - 1 else { return offer(picks) }
    let rest = levels[depth + 1]
    for item in levels[depth].items {
      let (newCycles, newFlash) = (cycles + item.cycles, flash + item.flash)
      if let limit = goal.limits.cycles, newCycles + rest.leastCycles > limit { continue }
      if let limit = goal.limits.flash, newFlash + rest.leastFlash > limit { continue }
      let (newValue, newPriced) = (Saturating.sum(value, item.value), priced + item.priced)
      // The items come in the order of their prices.
      if isHopeless(newPriced + rest.leastPriced) { break }
      if isHopeless(Double(Saturating.sum(newValue, rest.leastValue))) { continue }
      picks[levels[depth].layer] = item.pick
      descend(
        levels, depth + 1, &picks, cycles: newCycles, flash: newFlash, value: newValue, priced: newPriced)
      if !isComplete { return }
    }
  }
}
