import Codegen
import Compiler
import Compression
import Frontends
import IR
import Machine
import Operators
import Planning
import Support
import TestSupport
import Testing

/// The choice of kernels for real networks: modelled figures beside measured ones, budgets, measured cycles.
@Suite struct NetworkSelectionTests {
  private func lowered(_ sample: Int) throws -> Graph {
    try Pipeline.lower(try Frontend.read(try Repository.samples[sample].bytes("model.bin"), file: "model.bin"))
  }

  private func pipeline(_ objective: Objective, _ target: String = "cortex-m0") throws -> Pipeline {
    Pipeline(machine: try Pipelines.machine(target), objective: objective, templates: Pipelines.templates)
  }

  private func profile(_ graph: Graph, _ objective: Objective, _ target: String = "cortex-m0") throws -> (Plan, Profile)
  {
    let pipeline = try pipeline(objective, target)
    let plan = try pipeline.plan(graph)
    let options = EmitOptions(name: "model")
    return (
      plan,
      try pipeline.profile(
        plan, files: try pipeline.emit(plan, options: options), options: options, input: Profile.defaultInput(graph))
    )
  }

  @Test(arguments: [0, 1, 2], Objective.allCases)
  func modelledFiguresAreCloseToMeasuredOnes(_ sample: Int, _ objective: Objective) throws {
    let graph = try lowered(sample)
    let (plan, profile) = try profile(graph, objective)
    let totals = plan.selection.totals
    #expect(plan.selection.isProved && plan.selection.unmet.isEmpty)
    let code = totals.flash - plan.steps.reduce(0) { $0 + $1.cost.flash }
    // The compiler makes functions for the arguments that all calls have in common, or makes them part of their callers.
    #expect(abs(code - profile.memory.code) < max(500, profile.memory.code / 3), "\(code), \(profile.memory.code)")
    #expect(totals.peak <= plan.arena.size && totals.peak == plan.arena.lowerBound)
  }

  @Test(arguments: [0, 1, 2])
  func objectivesGoAlongTheFront(_ sample: Int) throws {
    let graph = try lowered(sample)
    var measured: [Objective: Profile] = [:]
    var modelled: [Objective: SelectionProblem.Totals] = [:]
    for objective in Objective.allCases {
      let (plan, profile) = try profile(graph, objective)
      #expect(profile.isIdentical)
      (measured[objective], modelled[objective]) = (profile, plan.selection.totals)
    }
    let (speed, size) = (try #require(measured[.speed]), try #require(measured[.size]))
    let (ram, balanced) = (try #require(measured[.ram]), try #require(measured[.balanced]))
    #expect(speed.measurement.total <= size.measurement.total && size.memory.flash <= speed.memory.flash)
    #expect(ram.memory.arena <= speed.memory.arena)
    let (fastest, middle) = (try #require(modelled[.speed]), try #require(modelled[.balanced]))
    #expect(Double(middle.cycles) <= 1.1 * Double(fastest.cycles))
    #expect(Double(balanced.measurement.total) <= 1.2 * Double(speed.measurement.total))
  }

  @Test func budgetsDecideAboutKernels() throws {
    let graph = try lowered(0)
    let input = Profile.defaultInput(graph)
    let options = EmitOptions(name: "model")
    let (_, fastest) = try profile(graph, .speed)
    let (_, smallest) = try profile(graph, .size)
    #expect(smallest.memory.flash < fastest.memory.flash)
    for part in [3, 2, 1] {
      let budget = smallest.memory.flash + (fastest.memory.flash - smallest.memory.flash) * part / 4
      let emission = try pipeline(.speed).emission(
        graph, options: options, SelectionRequest(budgets: Budgets(flash: budget)), input: input)
      let profile = try #require(emission.profile)
      #expect(profile.memory.flash <= budget && profile.isIdentical)
      #expect(profile.measurement.total <= smallest.measurement.total)
    }
    let (_, leanest) = try profile(graph, .ram)
    for objective in Objective.allCases {
      let budgets = Budgets(ram: leanest.ram + 64, cycles: Int(smallest.measurement.total) * 2)
      let emission = try pipeline(objective).emission(
        graph, options: options, SelectionRequest(budgets: budgets), input: input)
      #expect(try #require(emission.profile).ram <= leanest.ram + 64)
    }
  }

  /// Layers of a pruned network that could run together, with kernels that take more flash, do not when a budget forbids it.
  @Test(arguments: [Objective.balanced, .speed, .ram])
  func prunedNetworksKeepBudgets(_ objective: Objective) throws {
    var compressor = try Compressor(
      try Frontend.read(try Repository.samples[0].bytes("model.bin"), file: "model.bin"),
      CompressionContext(calibration: []), evaluation: nil)
    let recipe = #"{"steps": [{"step": "prune", "ratio": 0.7}, {"step": "share", "values": 16}]}"#
    try compressor.run(try Recipe(Array(recipe.utf8), file: "recipe"))
    let graph = try Pipeline.lower(compressor.network.graph)
    let smallest = try pipeline(.size).plan(graph).selection.totals.flash
    for part in 0...3 {
      let budget = smallest * (16 + part) / 16
      let selection = try pipeline(objective).plan(graph, SelectionRequest(budgets: Budgets(flash: budget))).selection
      #expect(selection.totals.flash <= budget && selection.unmet.isEmpty, "\(selection.totals.flash) of \(budget)")
    }
  }

  /// A budget of exactly what the fastest kernels take is met by them, whatever the model says.
  @Test(arguments: [0, 1, 2])
  func slackBudgetsChangeNothing(_ sample: Int) throws {
    let graph = try lowered(sample)
    let (plan, fastest) = try profile(graph, .speed)
    let budgets = Budgets(
      flash: fastest.memory.flash, ram: fastest.ram, cycles: Int(fastest.measurement.total))
    let emission = try pipeline(.speed).emission(
      graph, options: EmitOptions(name: "model"), SelectionRequest(budgets: budgets),
      input: Profile.defaultInput(graph))
    #expect(emission.plan.kernels == plan.kernels)
  }

  /// The ATmega328P has 2 KiB of RAM, too little for an input of that size.
  @Test func targetsThatAreTooSmallSaySo() throws {
    var builder = GraphBuilder()
    let image = try builder.input([1, 32, 32, 2])
    builder.graph.outputs = [try builder.convolution(image)]
    let graph = try Pipeline.lower(builder.graph)
    let pipeline = try pipeline(.speed, "avr")
    let error = #expect(throws: Diagnostic.self) {
      try pipeline.emission(
        graph, options: EmitOptions(name: "model"), SelectionRequest(budgets: Budgets(ram: 2048)),
        input: Profile.defaultInput(graph))
    }
    #expect(error?.id == Harness.lacksMemory && error?.category == .negative)
  }

  @Test func unmetBudgetsGiveTheClosestChoice() throws {
    let graph = try lowered(0)
    let emission = try pipeline(.speed).emission(
      graph, options: EmitOptions(name: "model"), SelectionRequest(budgets: Budgets(flash: 1000)),
      input: Profile.defaultInput(graph))
    #expect(emission.plan.selection.unmet == [.flash])
    let (_, smallest) = try profile(graph, .size)
    #expect(emission.profile?.memory.flash == smallest.memory.flash)
  }

  @Test(arguments: ["cortex-m0", "avr6", "rv32imc"])
  func autotuneTakesMeasuredCycles(_ target: String) throws {
    let graph = try lowered(2)
    let pipeline = try pipeline(.speed, target)
    let input = Profile.defaultInput(graph)
    let autotune = try Autotune(pipeline, graph, input: input)
    let plain = try pipeline.plan(graph)
    #expect(Set(autotune.measured.keys) == Set(plain.steps.map { $0.node.outputs[0] }))
    #expect(autotune.runs == autotune.measured.values.map(\.count).max())
    #expect(autotune.ignoresModelled == (pipeline.machine.countedUnit != "cycles"))
    var request = SelectionRequest()
    request.measured = autotune.measured
    request.ignoresModelled = autotune.ignoresModelled
    let tuned = try pipeline.plan(graph, request)
    for step in tuned.steps {
      let measured = try #require(autotune.measured[step.node.outputs[0]])
      #expect(measured[step.kernel.name] == step.cost.cycles && step.cost.cycles > 0)
      #expect(measured.values.allSatisfy { $0 >= step.cost.cycles })
    }
    // Layers alone take what they took beside the others.
    let options = EmitOptions(name: "model")
    let profile = try pipeline.profile(
      tuned, files: try pipeline.emit(tuned, options: options), options: options, input: input)
    let before = Double(tuned.selection.totals.cycles)
    #expect(abs(before / Double(profile.measurement.total) - 1) < 0.03)
  }

  @Test func autotuneNeedsATargetThatCounts() throws {
    let graph = try lowered(2)
    let error = #expect(throws: Diagnostic.self) {
      try Autotune(try self.pipeline(.speed, "host"), graph, input: Profile.defaultInput(graph))
    }
    #expect(error?.category == .usage && error?.id == "autotune.target")
  }
}
