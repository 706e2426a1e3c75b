import Simulator
import Support
import Testing

/// Waiting for the flash, counted by hand: each word of code, each jump, and each value that is read from flash.
@Suite struct FlashTimingTests {
  /// A piece of code that starts at an aligned address.
  struct Piece: Sendable {
    let name: String
    let code: String
    /// Cycles on Cortex-M0 without wait states, then with 1 and 2 without a prefetch buffer, then with one.
    let none, one, two, onePrefetched, twoPrefetched: UInt64

    init(_ name: String, _ code: String, _ cycles: [UInt64]) {
      (self.name, self.code) = (name, code)
      (none, one, two, onePrefetched, twoPrefetched) = (cycles[0], cycles[1], cycles[2], cycles[3], cycles[4])
    }
  }

  /// With W wait states each aligned word that is fetched in order waits W cycles, or W - 1 with a prefetch buffer; the
  /// word at the target of a jump waits W, and so does each value that is read from flash.
  static let pieces: [Piece] = [
    // Two words, four times one cycle.
    Piece("straight", "movs r4, #0\n movs r5, #0\n movs r6, #0\n movs r7, #0", [4, 6, 8, 4, 6]),
    // The third instruction is in a second word.
    Piece("odd count", "movs r4, #0\n movs r5, #0\n movs r6, #0", [3, 5, 7, 3, 5]),
    // BL 4; DSB 4, aligned: two words, the second one at the target of a jump.
    Piece("long instructions", "bl 1f\n 1: dsb", [8, 10, 12, 9, 11]),
    // NOP 1, then DSB 4 in two words: two words in all.
    Piece("long, unaligned", "nop\n dsb", [5, 7, 9, 5, 7]),
    // B 3 in one word; MOVS 1 in the word of the target.
    Piece("jump, aligned", "b 1f\n nop\n 1: movs r4, #0", [4, 6, 8, 5, 7]),
    // B 3 in one word; MOVS 1 in the word of the target; MOVS 1 in the next word.
    Piece("jump, unaligned", "b 1f\n nop\n nop\n 1: movs r4, #0\n movs r5, #0", [5, 8, 11, 6, 9]),
    // B 3 in one word; the halves of DSB, 4, are in the word of the target and in the next one.
    Piece("jump, long", "b 1f\n nop\n nop\n 1: dsb", [7, 10, 13, 8, 11]),
    // CMP 1, BNE 1: one word.
    Piece("not taken", "cmp r4, r4\n bne 1f\n 1:", [2, 3, 4, 2, 3]),
    // CMP 1, BEQ 3 in one word; NOP in the word of the target.
    Piece("taken", "cmp r4, r4\n beq 1f\n nop\n nop\n 1: nop", [5, 7, 9, 6, 8]),
    // One word of code, one value: LDR 2.
    Piece("literal", "ldr r4, =0x12345678", [2, 4, 6, 3, 5]),
    // MOVS and LDR: one word of code and one value; the address is in the flash.
    Piece("data", "movs r4, #0\n ldr r4, [r4]", [3, 5, 7, 4, 6]),
    Piece("byte", "movs r4, #0\n ldrsb r5, [r4, r4]", [3, 5, 7, 4, 6]),
    // One word of code and three values: MOVS 1, LDM 4.
    Piece("three values", "movs r4, #0\n ldmia r4!, {r5-r7}", [5, 9, 13, 8, 12]),
    // RAM does not wait.
    Piece("ram", "ldr r4, [r0]\n str r4, [r0]", [4, 5, 6, 4, 5]),
    Piece("stack", "push {r4-r7}\n pop {r4-r7}", [10, 11, 12, 10, 11]),
    // ADR 1, ADDS 1 in a word; BX 3, in a word; NOP 1 in the word of the target.
    Piece("jump to a register", "adr r4, 1f\n adds r4, #1\n bx r4\n nop\n .balign 4\n 1: nop", [6, 9, 12, 7, 10]),
    // The same, with MOV.
    Piece("write of PC", "adr r4, 1f\n nop\n mov pc, r4\n nop\n .balign 4\n 1: nop", [6, 9, 12, 7, 10]),
    // ADR 1, ADDS 1; PUSH 2, POP 5; NOP 1 in the word of the target: three words.
    Piece(
      "return", "adr r4, 1f\n adds r4, #1\n push {r4}\n pop {pc}\n .balign 4\n 1: nop", [10, 13, 16, 11, 14]),
    // MOVS 1; three turns of SUBS 1 (in the word of MOVS) and BNE 3, 3, 1 (in the next word); two jumps to an unaligned
    // target. Words: the first, three times that of BNE, two times that of the target.
    Piece("loop", "movs r4, #3\n 1: subs r4, #1\n bne 1b", [11, 17, 23, 13, 19]),
  ]

  private func cycles(_ index: Int, _ wait: FlashTiming, _ program: SimulatedProgram) throws -> UInt64 {
    var core = try program.core(wait: wait)
    core[0] = 0x2000_0100
    core[13] = 0x2000_1000
    core.programCounter = try program.address("begin_\(index)")
    let end = try program.address("end_\(index)")
    core.addHook(at: end)
    let stop = try core.run(limit: 1000)
    #expect(stop == .hook(end))
    let cycles = core.cycles
    // The profile has the same waiting cycles.
    let profiled = core.profile(program.image).cycles
    #expect(profiled == cycles)
    return cycles
  }

  @Test func waitsAreThoseCountedByHand() throws {
    var text = ""
    for (index, piece) in Self.pieces.enumerated() {
      text += ".balign 4\nbegin_\(index):\n\(piece.code)\nend_\(index):\nnop\nnop\n.ltorg\n"
    }
    let program = try SimulatedProgram(assembly: text)
    for (index, piece) in Self.pieces.enumerated() {
      func check(_ waitStates: Int, _ hasPrefetch: Bool, _ expected: UInt64) throws {
        let wait = FlashTiming(waitStates: waitStates, hasPrefetch: hasPrefetch)
        #expect(try cycles(index, wait, program) == expected, "\(piece.name): \(waitStates), \(hasPrefetch)")
      }
      try check(0, false, piece.none)
      try check(0, true, piece.none)
      try check(1, false, piece.one)
      try check(2, false, piece.two)
      try check(1, true, piece.onePrefetched)
      try check(2, true, piece.twoPrefetched)
    }
  }

  @Test func waitStatesDoNotChangeResults() throws {
    let program = try SimulatedProgram(
      c: """
        void output(const void *, int);
        static const unsigned char table[8] = {9, 8, 7, 6, 5, 4, 3, 2};
        int main(void) {
          unsigned sums[4] = {0, 0, 0, 0};
          for (unsigned i = 0; i < 64; i++) sums[i & 3] += table[i & 7] * i;
          output(sums, sizeof sums);
          return 0;
        }
        """, flags: ["-O2", "-mcpu=cortex-m0"])
    func run(_ wait: FlashTiming) throws -> [UInt8] {
      var core = try program.core(wait: wait)
      var host = Semihosting(input: [])
      while host.exitReason == nil {
        _ = try core.run(limit: 1_000_000)
        let isServed = host.serve(&core)
        #expect(isServed)
        core.skipBreakpoint()
      }
      return host.output
    }
    let expected = try run(.zeroWait)
    #expect(expected.count == 16)
    #expect(try run(FlashTiming(waitStates: 15, hasPrefetch: false)) == expected)
    #expect(try run(FlashTiming(waitStates: 3, hasPrefetch: true)) == expected)
  }
}
