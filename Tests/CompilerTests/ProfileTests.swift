import Codegen
import Compiler
import Frontends
import IR
import Machine
import Operators
import Planning
import Simulator
import Support
import TargetCatalog
import TemplateCatalog
import TestSupport
import Testing

@Suite struct ProfileTests {
  private func lowered(_ sample: Int) throws -> Graph {
    try Pipeline.lower(try Frontend.read(try Repository.samples[sample].bytes("model.bin"), file: "model.bin"))
  }

  private func profile(_ target: String, sample: Int) throws -> Profile {
    let graph = try lowered(sample)
    return try Pipelines.pipeline(target).profile(graph, input: Profile.defaultInput(graph))
  }

  @Test(arguments: [0, 1, 2], ["cortex-m0", "cortex-m0plus"])
  func cyclesAreExactAndComplete(_ sample: Int, _ target: String) throws {
    let (first, second) = (try profile(target, sample: sample), try profile(target, sample: sample))
    #expect(first.isIdentical)
    #expect(first.measurement.total == second.measurement.total)
    #expect(first.layers.map(\.count) == second.layers.map(\.count))
    #expect(first.memory == second.memory && first.measurement.stack == second.measurement.stack)
    // What is outside of the layers is the run function itself.
    let execution = try #require(first.measurement.execution)
    let layers = first.layers.reduce(0) { $0 + $1.count }
    let run = try #require(execution.functions.first { $0.name == "model_run" })
    #expect(execution.cycles == first.measurement.total)
    #expect(layers + run.cycles == first.measurement.total)
    #expect(execution.functions.reduce(0) { $0 + $1.cycles } == first.measurement.total)
    #expect(execution.mix.values.reduce(0, +) == execution.instructions)
  }

  /// The M0+ is faster by its shorter branches alone; a slow multiplier costs 31 cycles for each multiplication.
  @Test func coresDifferAsTheirTablesSay() throws {
    let graph = try lowered(2)
    let input = Profile.defaultInput(graph)
    func measure(_ change: (inout Chip.Timing) -> Void) throws -> Measurement {
      var timing = Chip.Timing(multiplier: 1, waitStates: 0, hasPrefetch: false)
      change(&timing)
      let base = try Pipelines.pipeline("cortex-m0")
      let pipeline = Pipeline(
        machine: base.machine.with(timing), objective: base.objective, templates: base.templates)
      return try pipeline.profile(graph, input: input).measurement
    }
    let fast = try measure { _ in }
    let slow = try measure { $0.multiplier = 32 }
    let multiplications = try #require(fast.execution?.mix[.multiply])
    #expect(slow.total == fast.total + 31 * multiplications)
    let waiting = try measure { $0.waitStates = 1 }
    let prefetching = try measure {
      $0.waitStates = 1
      $0.hasPrefetch = true
    }
    #expect(fast.total < prefetching.total && prefetching.total < waiting.total)
    #expect(try profile("cortex-m0plus", sample: 2).measurement.total < fast.total)
  }

  @Test(arguments: TargetCatalog.coreNames)
  func everyCoreIsMeasuredOrSaysNo(_ target: String) throws {
    let machine = try Pipelines.machine(target)
    guard machine.isMeasurable else {
      let error = #expect(throws: Diagnostic.self) { try self.profile(target, sample: 2) }
      #expect(error?.category == .usage && ["host", "powerpc"].contains(target))
      return
    }
    let profile = try self.profile(target, sample: 2)
    #expect(profile.isIdentical)
    #expect(profile.layers.count == 4 && profile.layers.allSatisfy { $0.count > 100 })
    let layers = profile.layers.reduce(0) { $0 + $1.count }
    #expect(layers <= profile.measurement.total && profile.measurement.total - layers < 200)
    // 8,704 weights and a bias for each of 200 units; scales and blocks depend on the kernels.
    #expect((9_504..<14_000).contains(profile.memory.weights))
    #expect((400..<4000).contains(profile.memory.code))
    // 40 for the layers' outputs; beside them dense_packed takes a word, and dense_squares 1,024 bytes of squares.
    let arena = ["avr": 40, "avr6": 40, "cortex-m0-mul32": 1064][target] ?? 44
    #expect(profile.memory.arena == arena && profile.memory.variables < 8)
    #expect((16..<400).contains(profile.measurement.stack))
  }

  /// Programs that run wild end with an error that says where.
  @Test(arguments: [
    ("while (input[0] > -128 || input[1] > -128) { }", "still running after 1"),
    ("for (volatile int32_t i = 0; i >= 0;) { }", "still running after"),
    (
      "volatile uint32_t wild = 0x20000001u; (void)*(const volatile int32_t *)wild;",
      "access to 4 bytes at 0x20000001, which is not aligned"
    ),
    ("(void)*(const volatile int8_t *)0x50000000;", "access to 0x50000000, where no memory is"),
    ("volatile int8_t large[0x180000]; large[0] = 0; large[0x17FFFF] = large[0];", "stack overflow"),
  ])
  func wildProgramsEndWithTheirPlace(_ wrong: String, _ message: String) throws {
    let text = "for (int32_t unit = 0"
    let files = TemplateCatalog.files.map { file -> (path: String, text: String) in
      guard file.path == "functions/dense_packed.c" else { return file }
      return (file.path, file.text.replacing(text, with: "\(wrong)\n        \(text)"))
    }
    let templates = TemplateLibrary(files)
    let pipeline = Pipeline(machine: try Pipelines.machine("cortex-m0"), objective: .balanced, templates: templates)
    let graph = try lowered(2)
    let error = #expect(throws: Diagnostic.self) {
      try pipeline.profile(graph, input: Profile.defaultInput(graph))
    }
    #expect(error?.id == "simulator.fault" && error?.category == .externalProgram)
    let shown = error?.message ?? ""
    #expect(shown.contains(message), "\(shown)")
    #expect(shown.contains("PC 0x") && shown.contains("layer 0, FULLY_CONNECTED"), "\(shown)")
    #expect(shown.contains("model_dense_packed"), "\(shown)")
  }

  @Test func fitComparesWithTheChipsMemories() throws {
    let graph = try lowered(0)
    var search = FitSearch(
      graph, templates: Pipelines.templates, objective: .balanced, input: Profile.defaultInput(graph))
    let large = try #require(search.fit(try Pipelines.machine("stm32f030c8")))
    guard case .fits(let flash, let ram) = large.verdict else {
      Issue.record("the digits fit into 64 KiB of flash and 8 KiB of RAM")
      return
    }
    #expect(flash + (large.flash ?? 0) == 65_536 && ram + (large.ram ?? 0) == 8192)
    let profile = try self.profile("stm32f030c8", sample: 0)
    #expect(large.count == profile.measurement.total && large.flash == profile.memory.flash)
    #expect(large.ram == profile.ram + profile.callerBuffers && large.seconds == profile.seconds)
    let small = try #require(search.fit(try Pipelines.machine("stm32f030f4")))
    guard case .lacks(let missing, _) = small.verdict else {
      Issue.record("the digits have more than 16 KiB of code and weights")
      return
    }
    #expect(missing > 0)
  }

  @Test func chipsAreComplete() throws {
    #expect(TargetCatalog.chipNames.count >= 30)
    for name in TargetCatalog.chipNames {
      let machine = try Pipelines.machine(name)
      let chip = try #require(machine.chip)
      #expect(chip.name == name && machine.name == name && machine.core == chip.core)
      #expect(chip.ram < chip.flash && chip.source.count > 10)
      if case .armv6m(let core) = machine.counter {
        #expect([1, 32].contains(core.timing.multiplier) && core.timing == chip.timing)
      }
    }
  }
}
