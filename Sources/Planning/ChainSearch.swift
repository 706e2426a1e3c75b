import IR
import Machine
import Operators
import Support

/// Looks for layers that should run together, some rows at a time, so that less memory is in use where most of it is.
///
/// Step by step: of the layers around the peak, those run together that lower it most for what they cost; then around the peak
/// that is left, until nothing lowers it. The plan that the objective likes best on this way is taken.
struct ChainSearch {
  private let network: PlanningNetwork
  /// RAM that must not be exceeded, without the buffers of the caller.
  private let limit: Int?
  private let objective: Objective

  /// Networks with more layers are left as they are: the search takes time for each of them, in each step.
  private static let mostLayers = 500
  /// More layers never run together.
  private static let longest = 10
  private static let rows = [1, 2, 4, 8, 16]
  private static let mostSteps = 24
  /// Bytes of code for a chain, and for each of its layers, about.
  private static let chainBytes = (whole: 40, layer: 50)
  /// One percent of the cycles is worth as many of the RAM, or a hundredth when only RAM counts.
  private var priceOfCycles: Double { wantsMemory ? 0.01 : Double(network.prices.cycles) }

  /// The plan without chains.
  private let start: Plan

  /// Without chains the network does not fit.
  private var mustShrink: Bool { limit.map { start.arena.size > $0 } ?? false }
  /// Kernels are taken by their working memory, not by their speed.
  private var wantsMemory: Bool { objective == .ram || mustShrink }

  init(_ network: PlanningNetwork) throws(Diagnostic) {
    self.network = network
    start = try network.plan([], isDraft: true)
    objective = network.objective
    limit = network.arenaLimit
  }

  /// The plan with the chains that suit the objective.
  func best() throws(Diagnostic) -> Plan {
    let first = network.memory.streamed == nil ? start : try streamed()
    var way = [first]
    var chains = first.chains
    let isSearched = network.layers.count <= Self.mostLayers
    if isSearched, objective == .ram || objective == .balanced || mustShrink {
      for _ in 0..<Self.mostSteps {
        guard let next = next(way[way.count - 1], chains) else { break }
        chains = next
        way.append(try network.plan(chains, isDraft: true))
        if !mustShrink || objective == .ram || objective == .balanced { continue }
        if let limit, way[way.count - 1].arena.size <= limit { break }
      }
    }
    var (best, bestRank) = (first, rank(first))
    for plan in way.dropFirst() {
      let rank = rank(plan)
      if rank.lexicographicallyPrecedes(bestRank) { (best, bestRank) = (plan, rank) }
    }
    return try network.plan(best.chains)
  }

  /// The best plan whose first layers run together, so that the input can come by rows.
  private func streamed() throws(Diagnostic) -> Plan {
    var best: (plan: Plan, rank: [Double])?
    for last in network.layers.indices.dropFirst().prefix(Self.longest) {
      for rows in Self.rows.prefix(3) {
        guard let chain = network.chain(0...last, rows: rows), chain.stream != nil else { continue }
        let plan = try network.plan([chain], isDraft: true)
        let rank = rank(plan)
        if best.map({ rank.lexicographicallyPrecedes($0.rank) }) ?? true { best = (plan, rank) }
      }
    }
    if let best { return best.plan }
    throw Diagnostic(
      "planning.stream", .negative, at: .file(network.graph.file),
      "the input can't come by rows: the layers that read it can't run together with those behind them",
      notes: [
        "it must be one int8 image [1, height, width, channels], read by convolutions, pooling or elementwise layers"
      ])
  }

  /// Small for what the objective likes.
  func rank(_ plan: Plan) -> [Double] {
    let cycles = Double(plan.selection.totals.cycles)
    let chainFlash = plan.chains.reduce(0) { $0 + Self.chainBytes.whole + $1.members.count * Self.chainBytes.layer }
    let flash = Double(plan.selection.totals.flash + chainFlash)
    let ram = Double(plan.arena.size)
    // As the choice of kernels does: what does not fit is of no use.
    let limits = [
      Double(max(0, plan.selection.totals.flash - (network.request.budgets.flash ?? .max))),
      Double(max(0, plan.arena.size - (limit ?? .max))),
      Double(max(0, plan.selection.totals.cycles - (network.request.budgets.cycles ?? .max))),
    ]
    switch objective {
    case .ram: return limits + [ram, cycles, flash]
    case .speed: return limits + [cycles, flash, ram]
    case .size: return limits + [flash, cycles, ram]
    case .balanced:
      let fastest = Double(max(1, network.fastest))
      let callers = Double(network.callerBytes)
      let value =
        Double(network.prices.cycles) * cycles / fastest + flash / Double(max(1, start.selection.totals.flash))
        + (ram + callers) / max(1, Double(start.arena.size) + callers)
      let most = network.prices.slowdown.map { Double($0) / 10 * fastest } ?? .infinity
      return limits + [cycles <= most ? 0 : 1, value]
    }
  }

  /// The chains with one more, or a longer one, such that less is in use at the peak of `plan`; nil when there is none.
  private func next(_ plan: Plan, _ chains: [Chain]) -> [Chain]? {
    let demand = network.demand(chains)
    let peaks = plan.steps.indices.map { step in
      demand.live(step, demand.shares(step, plan.steps[step].kernel)) + plan.steps[step].cost.scratch
    }
    guard let peak = peaks.max(), let hot = peaks.firstIndex(of: peak) else { return nil }
    let cycles = Double(max(1, plan.selection.totals.cycles))
    var best: (score: Double, chains: [Chain])?
    for first in max(0, hot - Self.longest + 1)...hot {
      for last in hot..<min(plan.steps.count, first + Self.longest) where last > first {
        let steps = first...last
        // Chains that it would cut in two stay as they are.
        guard chains.allSatisfy({ !$0.steps.overlaps(steps) || isWithin($0.steps, steps) }) else { continue }
        let rest = chains.filter { !$0.steps.overlaps(steps) }
        let elsewhere = peaks.indices.reduce(0) { steps.contains($1) ? $0 : max($0, peaks[$1]) }
        for rows in Self.rows {
          guard let chain = network.chain(steps, rows: rows),
            chains.allSatisfy({ $0.steps != steps || $0.rows != rows })
          else { continue }
          let changed = (rest + [chain]).sorted { $0.steps.lowerBound < $1.steps.lowerBound }
          guard let (local, extra) = estimate(chain, changed, plan), local < peak else { continue }
          let memory = Double(max(local, elsewhere)) + 0.01 * Double(local)
          let score = memory / Double(peak + network.callerBytes) + priceOfCycles * Double(extra) / cycles
          if best == nil || score < best?.score ?? 0 { best = (score, changed) }
        }
      }
    }
    return best?.chains
  }

  private func isWithin(_ inner: ClosedRange<Int>, _ outer: ClosedRange<Int>) -> Bool {
    outer.lowerBound <= inner.lowerBound && inner.upperBound <= outer.upperBound
  }

  /// Bytes in use at the peak of the chain, and the cycles that it takes beyond those of its layers in `plan`, with kernels
  /// that suit the objective.
  private func estimate(_ chain: Chain, _ chains: [Chain], _ plan: Plan) -> (peak: Int, cycles: Int)? {
    let demand = network.demand(chains)
    var (peak, extra) = (0, 0)
    for member in chain.members.indices {
      let step = chain.members[member].step
      let options = network.options(chain, member)
      let scratch = { (option: Int) in network.candidates[step].options[option].cost.scratch }
      let wanted = options.min {
        wantsMemory
          ? (scratch($0.option), $0.cycles) < (scratch($1.option), $1.cycles)
          : ($0.cycles, scratch($0.option)) < ($1.cycles, scratch($1.option))
      }
      guard let wanted else { return nil }
      let kernel = network.candidates[step].options[wanted.option].kernel
      peak = max(peak, demand.live(step, demand.shares(step, kernel)) + scratch(wanted.option))
      extra += wanted.cycles - plan.steps[step].cost.cycles
    }
    return (peak, extra)
  }
}
