import Simulator
import Support
import Testing

/// Cycles of every class of instructions, with the numbers of the manuals written down.
@Suite struct CycleTests {
  /// One line of the manuals' tables.
  struct Line: Sendable, CustomStringConvertible {
    /// What is measured, and what comes before it.
    let code: String
    let setup: String
    let cortexM0: UInt64
    let cortexM0Plus: UInt64

    init(_ code: String, _ cortexM0: UInt64, _ cortexM0Plus: UInt64, setup: String = "") {
      (self.code, self.setup, self.cortexM0, self.cortexM0Plus) = (code, setup, cortexM0, cortexM0Plus)
    }

    var description: String { code.replacing("\n", with: "; ") }
  }

  struct Table: Sendable, CustomTestStringConvertible {
    let name: String
    let lines: [Line]

    var testDescription: String { name }
  }

  /// One program with all lines of a table, and a label before and behind each.
  private func program(_ table: [Line]) throws(Diagnostic) -> SimulatedProgram {
    var text = ""
    for (index, line) in table.enumerated() {
      text += """
        .balign 4
        setup_\(index):
        nop
        \(line.setup)
        begin_\(index):
        \(line.code)
        end_\(index):
        nop
        nop
        .ltorg

        """
    }
    return try SimulatedProgram(assembly: text)
  }

  /// A core before line `index`, with addresses of RAM in r0, r1, r13 and small numbers elsewhere.
  private func core(
    _ program: SimulatedProgram, _ index: Int, _ timing: CycleTable
  ) throws(Diagnostic) -> ARMv6M {
    var core = try program.core(timing)
    for register in 0..<13 { core[register] = UInt32(4 * register) }
    core[0] = 0x2000_0100
    core[1] = 0x2000_0200
    core[13] = 0x2000_1000
    core.programCounter = try program.address("setup_\(index)")
    core.addHook(at: try program.address("begin_\(index)"))
    core.addHook(at: try program.address("end_\(index)"))
    return core
  }

  private func cycles(_ program: SimulatedProgram, _ index: Int, _ timing: CycleTable) throws -> UInt64 {
    var core = try core(program, index, timing)
    let (begin, end) = (try program.address("begin_\(index)"), try program.address("end_\(index)"))
    let first = try core.run(limit: 1000)
    let start = core.cycles
    let second = try core.run(limit: 1000)
    #expect(first == .hook(begin) && second == .hook(end))
    return core.cycles - start
  }

  @Test(arguments: CycleTables.all)
  func everyInstructionTakesTheCyclesOfTheManuals(_ table: Table) throws {
    let program = try program(table.lines)
    for (index, line) in table.lines.enumerated() {
      #expect(try cycles(program, index, .cortexM0(multiply: 1)) == line.cortexM0, "Cortex-M0: \(line)")
      #expect(try cycles(program, index, .cortexM0Plus(multiply: 1)) == line.cortexM0Plus, "Cortex-M0+: \(line)")
    }
  }

  @Test func multiplicationTakesWhatTheMakerOfTheChipChose() throws {
    let program = try program([Line("muls r4, r5, r4", 1, 1), Line("muls r4, r5, r4\n adds r4, #1", 2, 2)])
    for timing in [CycleTable.cortexM0(multiply: 32), .cortexM0Plus(multiply: 32)] {
      #expect(try cycles(program, 0, timing) == 32)
      #expect(try cycles(program, 1, timing) == 33)
    }
  }

  /// DDI 0419E, table A6-1: the conditions in words of the four flags.
  private static let conditions: [(name: String, holds: @Sendable (Bool, Bool, Bool, Bool) -> Bool)] = [
    ("eq", { _, z, _, _ in z }), ("ne", { _, z, _, _ in !z }), ("cs", { _, _, c, _ in c }),
    ("cc", { _, _, c, _ in !c }), ("mi", { n, _, _, _ in n }), ("pl", { n, _, _, _ in !n }),
    ("vs", { _, _, _, v in v }), ("vc", { _, _, _, v in !v }), ("hi", { _, z, c, _ in c && !z }),
    ("ls", { _, z, c, _ in !c || z }), ("ge", { n, _, _, v in n == v }), ("lt", { n, _, _, v in n != v }),
    ("gt", { n, z, _, v in !z && n == v }), ("le", { n, z, _, v in z || n != v }),
  ]

  @Test func conditionalBranchesTakeThreeOrTwoCyclesWhenTakenAndOneWhenNot() throws {
    let table = Self.conditions.map { Line("b\($0.name) 1f\n adds r7, #1\n 1:", 0, 0) }
    let program = try program(table)
    for (index, condition) in Self.conditions.enumerated() {
      for bits in UInt32(0)..<16 {
        let isTaken = condition.holds(bits & 8 != 0, bits & 4 != 0, bits & 2 != 0, bits & 1 != 0)
        for (timing, taken) in [(CycleTable.cortexM0(multiply: 1), UInt64(3)), (.cortexM0Plus(multiply: 1), 2)] {
          var core = try core(program, index, timing)
          core[7] = 0
          core.flags = bits << 28
          let flags = core.flags
          #expect(flags == bits << 28)
          _ = try core.run(limit: 1000)
          let start = core.cycles
          _ = try core.run(limit: 1000)
          let (cycles, skipped) = (core.cycles - start, core[7] == 0)
          // The instruction that a taken branch skips takes one cycle.
          #expect(cycles == (isTaken ? taken : 2), "b\(condition.name), flags \(bits)")
          #expect(skipped == isTaken, "b\(condition.name), flags \(bits)")
        }
      }
    }
  }

  @Test func oneStepIsOneInstruction() throws {
    let program = try program([Line("ldr r2, [r0]\n bl 1f\n 1: push {r4-r7, lr}\n nop", 13, 12)])
    var core = try core(program, 0, .cortexM0(multiply: 1))
    _ = try core.run(limit: 1000)
    core.removeHook(at: try program.address("begin_0"))
    let start = core.cycles
    var totals: [UInt64] = []
    for _ in 0..<4 {
      let stop = try core.step()
      #expect(stop == nil)
      totals.append(core.cycles - start)
    }
    #expect(totals == [2, 6, 12, 13])
    let (stop, end) = (try core.step(), try program.address("end_0"))
    #expect(stop == .hook(end))
    let cycles = core.cycles - start
    #expect(cycles == 13)
  }
}
