import Simulator
import Support
import Testing

/// What a profile counts, on a program that was counted by hand.
@Suite struct ProfileTests {
  /// Behind each instruction its cycles on Cortex-M0.
  private static let assembly = """
    .balign 4
    plain:
      .short 0xbf00          @ 1, NOP
      b outer                @ 3
    .type outer, %function
    outer:
      movs r4, #3            @ 1
    1:
      bl helper              @ 4, three times
      subs r4, #1            @ 1, three times
      bne 1b                 @ 3, 3, 1
      ldr r0, =0x12345678    @ 2
      ldr r1, =0x20000100    @ 2
      ldr r3, =constants     @ 2
      str r0, [r1]           @ 2
      ldrh r2, [r1]          @ 2
      push {r4-r7, lr}       @ 6
      pop {r4-r7}            @ 5
      add sp, #4             @ 1
      muls r2, r4, r2        @ 1
      .short 0xbf00          @ 1, NOP
      mrs r5, apsr           @ 4
      ldmia r3!, {r5, r6}    @ 3
      bkpt 0
    .size outer, . - outer
    .type helper, %function
    helper:
      push {r6, lr}          @ 3
      muls r6, r5, r6        @ 1
      pop {r6, pc}           @ 6
    .size helper, . - helper
    .ltorg
    .balign 4
    constants: .word 1, 2
    """

  private func core(_ program: SimulatedProgram, _ timing: CycleTable) throws -> ARMv6M {
    var core = try program.core(timing)
    core[13] = 0x2000_1000
    core.programCounter = try program.address("plain")
    return core
  }

  /// Cycles of each function.
  private struct Cycles: Equatable {
    let plain, outer, helper: UInt64
  }

  private func check(_ profile: ExecutionProfile, _ cycles: Cycles) {
    let expected = expected(cycles)
    var actual = profile
    actual.functions = []
    #expect(actual == expected)
    let functions = [
      ("outer", UInt64(22), cycles.outer), ("helper", 9, cycles.helper), ("(no symbol)", 2, cycles.plain),
    ]
    .sorted { $0.2 > $1.2 }
    #expect(profile.functions.map(\.name) == functions.map(\.0))
    #expect(profile.functions.map(\.instructions) == functions.map(\.1))
    #expect(profile.functions.map(\.cycles) == functions.map(\.2))
  }

  private func expected(_ cycles: Cycles) -> ExecutionProfile {
    var profile = ExecutionProfile()
    profile.instructions = 2 + 22 + 9
    profile.cycles = cycles.plain + cycles.outer + cycles.helper
    profile.mix = [
      // LDR 3, LDRH, POP, LDM; a POP that returns is a branch.
      .load: 6,
      // STR, PUSH 1 + 3.
      .store: 5,
      .multiply: 4,
      // MOVS, SUBS 3, ADD.
      .arithmetic: 5,
      // B, BL 3, BNE 3, POP 3.
      .branch: 10,
      // NOP 2, MRS.
      .other: 3,
    ]
    // LDR 3, LDRH 1, POP 4, LDM 2, three times POP 2.
    profile.reads = 16
    // STR 1, PUSH 5, three times PUSH 2.
    profile.writes = 12
    // Three literals, LDM 2.
    profile.flashReads = 5
    return profile
  }

  @Test func countsAreThoseCountedByHand() throws {
    let program = try SimulatedProgram(assembly: Self.assembly)
    for (timing, cycles) in [
      (CycleTable.cortexM0(multiply: 1), Cycles(plain: 4, outer: 54, helper: 30)),
      // 31 more for each multiplication.
      (.cortexM0(multiply: 32), Cycles(plain: 4, outer: 85, helper: 123)),
      // B, BL and MRS 1 less, BNE 1 less when taken, POP 1 less.
      (.cortexM0Plus(multiply: 1), Cycles(plain: 3, outer: 48, helper: 27)),
    ] {
      var core = try core(program, timing)
      let stop = try core.run(limit: 1000)
      #expect(stop == .breakpoint(0))
      let profile = core.profile(program.image)
      check(profile, cycles)
      let total = core.cycles
      #expect(profile.cycles == total)
      // Nothing is left after the counts are cleared; cycles go on.
      core.clearCounts()
      let cleared = core.profile(program.image)
      #expect(cleared == ExecutionProfile())
      let after = core.cycles
      #expect(after == total)
    }
  }

  @Test func hooksAndLimitsDoNotChangeCounts() throws {
    let program = try SimulatedProgram(assembly: Self.assembly)
    var core = try core(program, .cortexM0(multiply: 1))
    core.addHook(at: try program.address("helper"))
    core.addHook(at: try program.address("outer"))
    var stops = 0
    while case .hook = try core.run(limit: 1000) { stops += 1 }
    let profile = core.profile(program.image)
    #expect(stops == 4)
    check(profile, Cycles(plain: 4, outer: 54, helper: 30))

    var stepped = try self.core(program, .cortexM0(multiply: 1))
    var steps: UInt64 = 0
    while try stepped.step() == nil { steps += 1 }
    let other = stepped.profile(program.image)
    #expect(steps == 33 && other == profile)
  }

  @Test func functionsAddUpToTheCore() throws {
    for program in CompiledPrograms.all {
      let result = try SimulatedProgram(c: program.text, flags: ["-mcpu=cortex-m0", "-O2"]).simulate()
      let profile = result.profile
      #expect(profile.cycles == result.cycles)
      #expect(profile.functions.reduce(0) { $0 + $1.cycles } == result.cycles)
      #expect(profile.functions.reduce(0) { $0 + $1.instructions } == profile.instructions)
      #expect(profile.mix.values.reduce(0, +) == profile.instructions)
      #expect(profile.functions.map(\.name).contains("main"))
      #expect(profile.functions.first.map { $0.cycles > 0 } == true)
      #expect(profile.functions.map(\.cycles) == profile.functions.map(\.cycles).sorted(by: >))
    }
  }
}
