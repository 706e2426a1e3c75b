import Simulator
import Support
import Testing

/// What stops a program: the right kind, at the right instruction, with the cycles of the instructions before it.
@Suite struct FaultTests {
  struct Case: Sendable {
    let kind: Fault.Kind
    /// Ends with the instruction that fails.
    let before: String
    let failing: String
    /// Of `before`, on Cortex-M0.
    let cycles: UInt64

    init(_ kind: Fault.Kind, _ failing: String, before: String = "", cycles: UInt64 = 0) {
      (self.kind, self.before, self.failing, self.cycles) = (kind, before, failing, cycles)
    }
  }

  private static let stackLimit: UInt32 = 0x2000_0800

  /// r0 is in RAM, r1 in flash, r2 where no memory is; r3 is odd; the stack pointer is 16 bytes above the limit.
  static let cases: [Case] = [
    Case(.unaligned(address: 0x2000_0103, bytes: 4), "ldr r7, [r0, r3]"),
    Case(.unaligned(address: 0x2000_0103, bytes: 2), "ldrh r7, [r0, r3]"),
    Case(.unaligned(address: 0x2000_0103, bytes: 2), "ldrsh r7, [r0, r3]"),
    Case(.unaligned(address: 0x2000_0103, bytes: 4), "str r7, [r0, r3]"),
    Case(.unaligned(address: 0x2000_0103, bytes: 2), "strh r7, [r0, r3]"),
    Case(.unaligned(address: 0x2000_0106, bytes: 4), "ldr r7, [r3, #4]", before: "adds r3, r0, #2", cycles: 1),
    Case(.unaligned(address: 0x2000_0102, bytes: 4), "ldmia r3!, {r4}", before: "adds r3, r0, #2", cycles: 1),
    Case(.unaligned(address: 0x2000_0101, bytes: 4), "stmia r3!, {r4}", before: "adds r3, r0, #1", cycles: 1),
    // An address that is wrong in two ways counts as unaligned.
    Case(.unaligned(address: 0x4000_0003, bytes: 4), "ldr r7, [r2, r3]"),
    Case(.noMemory(address: 0x4000_0000), "ldr r7, [r2]"),
    Case(.noMemory(address: 0x4000_0002), "ldrh r7, [r2, #2]"),
    Case(.noMemory(address: 0x4000_0003), "ldrsb r7, [r2, r3]"),
    Case(.noMemory(address: 0x4000_0003), "strb r7, [r2, r3]"),
    Case(.noMemory(address: 0x4000_0000), "stmia r2!, {r4, r5}"),
    Case(.noMemory(address: 0x1FFF_FFFF), "ldrb r7, [r4]", before: "ldr r4, =0x1fffffff", cycles: 2),
    Case(.noMemory(address: 0x0010_0000), "ldr r7, [r4]", before: "ldr r4, =0x00100000", cycles: 2),
    Case(.noMemory(address: 0x2010_0000), "ldmia r4!, {r5, r6}", before: "ldr r4, =0x200ffffc", cycles: 2),
    Case(.noMemory(address: 0x2010_0000), "stmia r4!, {r5, r6}", before: "ldr r4, =0x200ffffc", cycles: 2),
    Case(.noMemory(address: 0x2010_0000), "pop {r4}", before: "ldr r4, =0x20100000\n mov sp, r4", cycles: 3),
    Case(.writeToFlash(address: 0x100), "str r7, [r1]"),
    Case(.writeToFlash(address: 0x102), "strh r7, [r1, #2]"),
    Case(.writeToFlash(address: 0x103), "strb r7, [r1, r3]"),
    Case(.writeToFlash(address: 0x100), "stmia r1!, {r4-r7}"),
    Case(.writeToFlash(address: 0xF_FFFC), "str r4, [r4]", before: "ldr r4, =0x000ffffc", cycles: 2),
    Case(.noCode(address: 0x2000_0101), "bx r4", before: "adds r4, r0, #1", cycles: 1),
    Case(.noCode(address: 0x2000_0101), "blx r4", before: "adds r4, r0, #1", cycles: 1),
    Case(.noCode(address: 0x2000_0101), "mov pc, r0"),
    Case(.noCode(address: 0x2000_0101), "pop {r5, pc}", before: "adds r4, r0, #1\n push {r3, r4}", cycles: 4),
    Case(.noCode(address: 0xFFFF_FFF9), "bx r4", before: "movs r4, #6\n mvns r4, r4", cycles: 2),
    Case(.notThumb(address: 0x100), "bx r1"),
    Case(.notThumb(address: 0x100), "blx r1"),
    Case(.notThumb(address: 0x100), "pop {pc}", before: "push {r1}", cycles: 2),
    Case(.undefinedInstruction(bits: 0xDE00), "udf #0"),
    Case(.undefinedInstruction(bits: 0xDE05), "udf #5"),
    Case(.undefinedInstruction(bits: 0xB100), ".short 0xb100", before: "nop", cycles: 1),
    Case(.undefinedInstruction(bits: 0xBA80), ".short 0xba80"),
    Case(.undefinedInstruction(bits: 0xBF08), ".short 0xbf08"),
    Case(.undefinedInstruction(bits: 0xF7F0_A001), ".short 0xf7f0, 0xa001"),
    Case(.undefinedInstruction(bits: 0xFB00_F001), ".short 0xfb00, 0xf001"),
    Case(.undefinedInstruction(bits: 0xE8D0_F000), ".short 0xe8d0, 0xf000"),
    Case(.supervisorCall, "svc #0"),
    Case(.supervisorCall, "svc #255", before: "nop\n nop", cycles: 2),
    Case(.waitForever, "wfi"),
    Case(.waitForever, "wfe", before: "sev", cycles: 1),
    Case(.endlessLoop, "b .", before: "movs r4, #1\n ldr r4, [r0]", cycles: 3),
    Case(.stackOverflow(stackPointer: 0x2000_07FC, limit: stackLimit), "push {r3-r7}"),
    Case(
      .stackOverflow(stackPointer: 0x2000_07F8, limit: stackLimit), "sub sp, #16", before: "push {r3, r4}", cycles: 3),
    Case(.stackOverflow(stackPointer: 0x2000_0100, limit: stackLimit), "mov sp, r0"),
    Case(
      .stackOverflow(stackPointer: 0x2000_07F0, limit: stackLimit), "add sp, r4", before: "movs r4, #31\n mvns r4, r4",
      cycles: 2),
  ]

  /// All cases one after the other, with labels before the case, at the instruction that fails, and a good piece.
  private static func program() throws(Diagnostic) -> SimulatedProgram {
    var text = ".space 0x200\n"
    for (index, item) in cases.enumerated() {
      text += ".balign 4\ncase_\(index):\n\(item.before)\nat_\(index):\n\(item.failing)\nnop\nnop\n.ltorg\n"
    }
    return try SimulatedProgram(assembly: text + "good: adds r4, #1\n str r4, [r0]\n good_end: nop\n nop\n")
  }

  private static func core(_ program: SimulatedProgram, at label: String) throws(Diagnostic) -> ARMv6M {
    var core = try program.core()
    core[0] = 0x2000_0100
    core[1] = 0x100
    core[2] = 0x4000_0000
    core[3] = 3
    core[13] = stackLimit + 16
    core.forgetStack()
    core.stackLimit = stackLimit
    core.programCounter = try program.address(label)
    return core
  }

  /// The fault that ends a run.
  private func fault(_ core: inout ARMv6M, limit: UInt64 = 1000) -> Fault? {
    do throws(Fault) {
      _ = try core.run(limit: limit)
      return nil
    } catch {
      return error
    }
  }

  @Test func everyFaultHasItsKindPlaceAndCycles() throws {
    let program = try Self.program()
    for (index, item) in Self.cases.enumerated() {
      var core = try Self.core(program, at: "case_\(index)")
      let expected = Fault(kind: item.kind, programCounter: try program.address("at_\(index)"))
      let first = fault(&core)
      #expect(first == expected, "\(item.failing)")
      let (cycles, place) = (core.cycles, core.programCounter)
      #expect(cycles == item.cycles, "\(item.failing)")
      #expect(place == expected.programCounter, "\(item.failing)")
      let profile = core.profile(program.image)
      #expect(profile.cycles == cycles, "\(item.failing)")
      #expect(!expected.message.isEmpty)
      // The core goes on elsewhere.
      core[0] = 0x2000_0100
      core[4] = 41
      core.programCounter = try program.address("good")
      let end = try program.address("good_end")
      core.addHook(at: end)
      let stop = try core.run(limit: 1000)
      let (all, stored) = (core.cycles, core.word(at: 0x2000_0100))
      #expect(stop == .hook(end) && all == cycles + 3 && stored == 42, "\(item.failing)")
    }
  }

  @Test func branchesOutOfTheCodeAreFaultsAtTheBranch() throws {
    let program = try SimulatedProgram(
      assembly: """
        case_0: nop
        case_1: .short 0xe000 + 0x700
        case_2: .short 0xd080
        case_3: .short 0xf400, 0xd000
        nop
        """)
    // B by -256 * 2, BEQ by -128 * 2 and BL by -2^22 from the address plus 4; all are below the flash.
    for (label, kind) in [
      ("case_1", Fault.Kind.noCode(address: 2 + 4 &- 512)), ("case_2", .noCode(address: 4 + 4 &- 256)),
    ] {
      var core = try program.core()
      core.flags = 1 << 30
      core.programCounter = try program.address(label)
      let actual = fault(&core)
      #expect(actual == Fault(kind: kind, programCounter: try program.address(label)))
    }
    var core = try program.core()
    core.programCounter = try program.address("case_3")
    let actual = fault(&core)
    #expect(actual?.programCounter == 6)
    guard case .noCode = actual?.kind else {
      Issue.record("\(String(describing: actual))")
      return
    }
  }

  @Test func aRunEndsAtItsLimit() throws {
    // Four cycles a turn.
    let program = try SimulatedProgram(assembly: "loop: adds r4, #1\n middle: b loop\n")
    for (limit, cycles, place) in [(UInt64(1000), UInt64(1000), "loop"), (1001, 1001, "middle"), (1002, 1004, "loop")] {
      var core = try program.core()
      core.programCounter = 0
      let actual = fault(&core, limit: limit)
      let expected = Fault(kind: .tooManyCycles(limit: limit), programCounter: try program.address(place))
      #expect(actual == expected)
      let after = core.cycles
      #expect(after == cycles)
      // It goes on where it was.
      let next = fault(&core, limit: 2000)
      #expect(next == Fault(kind: .tooManyCycles(limit: 2000), programCounter: try program.address("loop")))
      let turns = core[4]
      #expect(turns == 500)
    }
  }

  @Test func theEndOfTheCodeAndBreakpointsAreNoFaults() throws {
    let program = try SimulatedProgram(assembly: "movs r4, #1\n bkpt 7\n adds r4, #1\n nop\n")
    var core = try program.core()
    core.programCounter = 0
    let first = try core.run(limit: 100)
    let place = core.programCounter
    #expect(first == .breakpoint(7) && place == 2)
    core.skipBreakpoint()
    let second = try core.run(limit: 100)
    let (end, cycles, value) = (core.exitAddress, core.cycles, core[4])
    #expect(second == .hook(end) && cycles == 3 && value == 2)
  }
}
