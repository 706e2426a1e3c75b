import Simulator
import Support
import Testing

/// Cycles and stack of regions, counted by hand.
@Suite struct RegionTraceTests {
  /// Two runs of `outer` with r0 = 2 and 6; a region is also called outside of them.
  ///
  /// Cycles on Cortex-M0, with n = r0, from the first instruction to the return:
  /// `first` 2 + 5 = 7; `second` n + 1 times 3 + 1 + 6, n times 1 + 4 and once 3, 15n + 13 in all; `shared` 1 + 3 = 4;
  /// `last` 1 + 1 + 3 = 5; `outer` 3, (4 + 7), (4 + second), two times (4 + 4), 2 + 1 + 2 + 1, (3 + 5): 48 + second.
  private static let assembly = """
    main:
      movs r0, #2
      bl first
      bl outer
      movs r0, #6
      bl outer
      bkpt 1
    .thumb_func
    outer:
      push {r4, lr}
      bl first
      bl second
      bl shared
      bl shared
      ldr r1, [sp, #4]
      mov lr, r1
      pop {r4}
      add sp, #4
      b last
    .thumb_func
    first:
      push {lr}
      pop {pc}
    .thumb_func
    second:
      push {r0, lr}
      subs r0, #1
      bmi 1f
      bl second
    1:
      pop {r0, pc}
    .thumb_func
    shared:
      adds r1, #1
      bx lr
    .thumb_func
    last:
      sub sp, #40
      add sp, #40
    inside_last:
      bx lr
    .thumb_func
    never:
      bx lr
    """

  /// Numbers of a run that were counted by hand.
  private struct Expected: Equatable {
    let cycles: UInt64
    let stack: Int
    let regions: [UInt64]
  }

  private func run(_ timing: CycleTable, regions: [String]) throws -> [Expected] {
    let program = try SimulatedProgram(assembly: Self.assembly)
    var core = try program.core(timing)
    core[13] = 0x2000_1000
    core.programCounter = try program.address("main")
    var entries: [UInt32] = []
    for region in regions { entries.append(UInt32(try program.image.address(ofFunction: region))) }
    var trace = RegionTrace(
      outermost: UInt32(try program.image.address(ofFunction: "outer")), entries: entries, on: &core)
    // A hook that is not the trace's.
    let inside = try program.address("inside_last")
    core.addHook(at: inside)
    var active: [Int?] = []
    while case .hook(let address) = try core.run(limit: 10_000) {
      trace.reach(address, on: &core)
      if address == inside { active.append(trace.activeRegion) }
    }
    #expect(active == Array(repeating: regions.firstIndex(of: "last"), count: 2))
    #expect(trace.isIdle && trace.activeRegion == nil)
    return trace.runs.map { Expected(cycles: $0.cycles, stack: $0.stack, regions: $0.regions) }
  }

  @Test func cyclesAndStackAreThoseCountedByHand() throws {
    let regions = ["first", "second", "shared", "shared", "last"]
    // The stack: 8 bytes of `outer` and 8 for each call of `second`, or 40 of `last`.
    #expect(
      try run(.cortexM0(multiply: 1), regions: regions) == [
        Expected(cycles: 48 + 43, stack: 40, regions: [7, 43, 4, 4, 5]),
        Expected(cycles: 48 + 103, stack: 8 + 7 * 8, regions: [7, 103, 4, 4, 5]),
      ])
    // `second`: n + 1 times 3 + 1 + 5, n times 1 + 3 and once 2: 13n + 11.
    #expect(
      try run(.cortexM0Plus(multiply: 1), regions: regions) == [
        Expected(cycles: 39 + 37, stack: 40, regions: [6, 37, 3, 3, 4]),
        Expected(cycles: 39 + 89, stack: 64, regions: [6, 89, 3, 3, 4]),
      ])
  }

  @Test func regionsThatAreNotCalledHaveNoCycles() throws {
    #expect(
      try run(.cortexM0(multiply: 1), regions: ["never", "second", "last"]).map(\.regions) == [
        [0, 43, 5], [0, 103, 5],
      ])
    // A region that is called again counts again.
    #expect(try run(.cortexM0(multiply: 1), regions: ["shared", "last"]).map(\.regions) == [[8, 5], [8, 5]])
  }

  @Test func theTraceAddsNoCycles() throws {
    let program = try SimulatedProgram(assembly: Self.assembly)
    var core = try program.core()
    core[13] = 0x2000_1000
    core.programCounter = try program.address("main")
    let stop = try core.run(limit: 10_000)
    let cycles = core.cycles
    // MOVS 1, BL 4, `first` 7, BL 4, MOVS 1, BL 4, and both runs.
    #expect(stop == .breakpoint(1) && cycles == 1 + 4 + 7 + 4 + 91 + 1 + 4 + 151)
  }
}
