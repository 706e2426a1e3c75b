import Compiler
import Planning
import Support
import Testing

/// Kernel selection against every choice that there is, on small random networks.
@Suite struct SelectionTests {
  /// A random network, and all of its choices.
  private struct Instance {
    let problem: SelectionProblem
    let choices: [[Int]]
    let budgets: Budgets

    init(seed: UInt64) {
      var random = SplitMix64(seed: seed)
      let functionBytes = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        [0, 40, 150, 600, 2000].randomElement(using: &random) ?? 0
      }
      let layers = (0..<Int.random(in: 1...6, using: &random)).map { _ -> [SelectionProblem.Candidate] in
        let live = Int.random(in: 0...300, using: &random)
        let macs = Int.random(in: 1...2000, using: &random)
        return (0..<Int.random(in: 1...4, using: &random)).map { _ in
          SelectionProblem.Candidate(
            cycles: macs * Int.random(in: 1...12, using: &random), flash: macs / Int.random(in: 1...4, using: &random),
            peak: live + (Bool.random(using: &random) ? 0 : Int.random(in: 0...400, using: &random)),
            functions: functionBytes.indices.filter { _ in Int.random(in: 0...3, using: &random) == 0 })
        }
      }
      problem = SelectionProblem(layers: layers, functionBytes: functionBytes)
      var choices: [[Int]] = [[]]
      for layer in layers { choices = choices.flatMap { start in layer.indices.map { start + [$0] } } }
      self.choices = choices
      // Limits around what some choice takes, so that they are tight, slack or impossible.
      let some = problem.totals(choices.randomElement(using: &random) ?? [])
      func limit(_ value: Int, _ random: inout SplitMix64) -> Int? {
        switch Int.random(in: 0...4, using: &random) {
        case 0...1: nil
        case 2: value
        case 3: value * 9 / 10
        default: value / 3
        }
      }
      budgets = Budgets(
        flash: limit(some.flash, &random), ram: limit(some.peak, &random), cycles: limit(some.cycles, &random))
    }

    func totals(within limits: Budgets) -> [SelectionProblem.Totals] {
      choices.map(problem.totals).filter {
        $0.flash <= limits.flash ?? .max && $0.peak <= limits.ram ?? .max && $0.cycles <= limits.cycles ?? .max
      }
    }
  }

  @Test(arguments: UInt64(1)...400)
  func theSolverFindsTheBestChoice(_ seed: UInt64) throws {
    let instance = Instance(seed: seed)
    for (cycleWeight, flashWeight) in [(1, 0), (0, 1), (3, 7), (1000, 999)] {
      let goal = SelectionSolver.Goal(
        cycleWeight: cycleWeight, flashWeight: flashWeight, limits: instance.budgets)
      let best = instance.totals(within: instance.budgets).map { $0.cycles * cycleWeight + $0.flash * flashWeight }
        .min()
      switch SelectionSolver.solve(instance.problem, goal) {
      case .found(let solution):
        #expect(solution.value == best && solution.isProved)
        #expect(instance.problem.totals(solution.picks) == solution.totals)
      case .none(let isProved): #expect(best == nil && isProved)
      }
      // With few nodes the bound still holds.
      for nodes in [1, 3, 10] {
        switch SelectionSolver.solve(instance.problem, goal, nodeLimit: nodes) {
        case .found(let solution):
          let best = try #require(best)
          #expect(solution.lowerBound <= best && best <= solution.value)
          #expect(solution.value == best || !solution.isProved)
        case .none(let isProved): #expect(best == nil || !isProved)
        }
      }
    }
  }

  /// What ``NetworkSelector`` documents, by trying everything.
  private func best(_ instance: Instance, _ objective: Objective) throws -> SelectionProblem.Totals {
    var limits = Budgets()
    func tighten(_ path: WritableKeyPath<Budgets, Int?>, _ value: (SelectionProblem.Totals) -> Int) throws {
      guard let budget = instance.budgets[keyPath: path] else { return }
      let least = try #require(instance.totals(within: limits).map(value).min())
      limits[keyPath: path] = max(budget, least)
    }
    try tighten(\.flash, \.flash)
    try tighten(\.ram, \.peak)
    try tighten(\.cycles, \.cycles)
    let possible = instance.totals(within: limits)
    func first(_ key: (SelectionProblem.Totals) -> [Int]) throws -> SelectionProblem.Totals {
      try #require(possible.min { key($0).lexicographicallyPrecedes(key($1)) })
    }
    switch objective {
    case .speed: return try first { [$0.cycles, $0.flash, $0.peak] }
    case .size: return try first { [$0.flash, $0.cycles, $0.peak] }
    case .ram: return try first { [$0.peak, $0.cycles, $0.flash] }
    case .balanced:
      let fastest = try first { [$0.cycles, $0.flash, $0.peak] }
      return try #require(
        possible.filter { $0.cycles <= max(fastest.cycles, fastest.cycles / 10 * 11) }.min {
          score($0, fastest) < score($1, fastest)
        })
    }
  }

  /// The sum that `balanced` makes small; 50 bytes of RAM are beside the arena.
  private func score(_ totals: SelectionProblem.Totals, _ fastest: SelectionProblem.Totals) -> Double {
    2 * Double(totals.cycles) / Double(max(1, fastest.cycles)) + Double(totals.flash) / Double(max(1, fastest.flash))
      + Double(totals.peak + 50) / Double(fastest.peak + 50)
  }

  @Test(arguments: UInt64(1001)...1400)
  func objectivesAreMetWithinBudgets(_ seed: UInt64) throws {
    let instance = Instance(seed: seed)
    for objective in Objective.allCases {
      let selector = NetworkSelector(
        instance.problem, objective: objective, budgets: instance.budgets, otherRAM: 50)
      let choice = try #require(selector.choose())
      #expect(choice.isProved && choice.value == choice.lowerBound)
      #expect(instance.problem.totals(choice.picks) == choice.totals)
      let expected = try best(instance, objective)
      if objective == .balanced {
        let free = try #require(
          NetworkSelector(instance.problem, objective: .speed, budgets: instance.budgets).choose())
        #expect(abs(score(choice.totals, free.totals) - score(expected, free.totals)) < 1e-6)
        #expect(choice.totals.cycles <= max(free.totals.cycles, free.totals.cycles * 11 / 10))
      } else {
        #expect(choice.totals == expected, "\(objective)")
      }
      // The budgets are met by the choice unless it says which ones are not, and those that no choice meets.
      let (totals, budgets) = (choice.totals, instance.budgets)
      #expect((totals.flash > budgets.flash ?? .max) == choice.unmet.contains(.flash))
      #expect((totals.peak > budgets.ram ?? .max) == choice.unmet.contains(.ram))
      #expect((totals.cycles > budgets.cycles ?? .max) == choice.unmet.contains(.cycles))
      if !instance.totals(within: budgets).isEmpty { #expect(choice.unmet.isEmpty) }
      #expect(selector.choose() == choice)
    }
  }

  /// A network of sixty layers with eight ways each, some thousands of bytes of shared functions, and a tight budget.
  @Test(arguments: UInt64(1)...10)
  func largeNetworksAreSolvedToo(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let functionBytes = (0..<12).map { _ in Int.random(in: 100...1500, using: &random) }
    let layers = (0..<60).map { _ -> [SelectionProblem.Candidate] in
      let macs = Int.random(in: 1_000...1_000_000, using: &random)
      let weights = Int.random(in: 100...20_000, using: &random)
      return (0..<8).map { way in
        SelectionProblem.Candidate(
          cycles: macs * Int.random(in: 30...130, using: &random) / 10,
          flash: weights * Int.random(in: 60...180, using: &random) / 100, peak: way * 100, functions: [way, way + 4])
      }
    }
    let problem = SelectionProblem(layers: layers, functionBytes: functionBytes)
    func choose(_ objective: Objective, _ budgets: Budgets = Budgets()) throws -> NetworkSelector.Choice {
      try #require(NetworkSelector(problem, objective: objective, budgets: budgets).choose())
    }
    let (fastest, smallest) = (try choose(.speed), try choose(.size))
    #expect(fastest.isProved)
    let middle = (fastest.totals.flash + smallest.totals.flash) / 2
    let between = try choose(.speed, Budgets(flash: middle))
    #expect(between.totals.flash <= middle && between.unmet.isEmpty)
    #expect(between.totals.cycles < smallest.totals.cycles && between.totals.cycles >= fastest.totals.cycles)
    #expect(between.lowerBound <= between.value)
    // Either it is proved, or the gap is small.
    #expect(Double(between.value - between.lowerBound) <= 0.01 * Double(between.value))
  }

  /// Figures without any sense neither trap nor win.
  @Test func hugeFiguresDoNotOverflow() throws {
    let huge = SelectionProblem.Candidate(cycles: .max, flash: .max, peak: .max, functions: [0])
    let small = SelectionProblem.Candidate(cycles: 1, flash: 1, peak: 1, functions: [])
    let problem = SelectionProblem(
      layers: [[huge], [huge, small]] + [[SelectionProblem.Candidate]](repeating: [small, huge], count: 2000),
      functionBytes: [1 << 20])
    for objective in Objective.allCases {
      let choice = try #require(NetworkSelector(problem, objective: objective).choose())
      #expect(choice.totals.cycles >= 1 << 40)
    }
    #expect(
      NetworkSelector(SelectionProblem(layers: [[small], []], functionBytes: []), objective: .speed).choose() == nil)
  }
}
