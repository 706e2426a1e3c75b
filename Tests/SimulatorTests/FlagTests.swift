import Simulator
import Support
import Testing

/// Each instruction that computes, on all pairs of values at which something changes: results and flags as on QEMU.
@Suite struct FlagTests {
  /// Instructions on r0 and r1.
  static let instructions: [String] =
    [
      "adcs r0, r1", "adds r0, r0, r1", "adds r0, r1, r0", "ands r0, r1", "asrs r0, r1", "bics r0, r1", "cmn r0, r1",
      "cmp r0, r1", "eors r0, r1", "lsls r0, r1", "lsrs r0, r1", "muls r0, r1, r0", "mvns r0, r1", "orrs r0, r1",
      "rors r0, r1", "rsbs r0, r1, #0", "sbcs r0, r1", "subs r0, r0, r1", "subs r0, r1, r0", "tst r0, r1",
      "movs r0, r1",
      "rev r0, r1", "rev16 r0, r1", "revsh r0, r1", "sxtb r0, r1", "sxth r0, r1", "uxtb r0, r1", "uxth r0, r1",
      "mov r8, r1; cmp r0, r8", "mov r8, r1; add r0, r8", "lsls r0, r0, r0", "adcs r1, r1; mov r0, r1",
    ] + ["adds", "subs"].flatMap { name in [0, 1, 7].map { "\(name) r0, r1, #\($0)" } }
    + ["adds r0,", "subs r0,", "cmp r0,", "movs r0,"].flatMap { name in [0, 1, 128, 255].map { "\(name) #\($0)" } }
    + [0, 1, 2, 16, 31].map { "lsls r0, r1, #\($0)" }
    + ["lsrs", "asrs"].flatMap { name in [1, 2, 16, 31, 32].map { "\(name) r0, r1, #\($0)" } }

  private static let values: [UInt32] = [
    0, 1, 2, 3, 15, 16, 31, 32, 33, 63, 64, 127, 128, 254, 255, 256, 0x121, 0x7FFF, 0x8000, 0xFFFF, 0x8000_0020,
    0x55AA_33CC, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FF80, 0xFFFF_FFFE, 0xFFFF_FFFF,
  ]

  @Test func resultsAndFlagsAreThoseOfQEMU() throws {
    var functions = ""
    for (index, code) in Self.instructions.enumerated() {
      functions += """
        static __attribute__((naked)) void f\(index)(unsigned *state) {
          asm("push {r4, lr}; mov r4, r0; ldr r0, [r4]; ldr r1, [r4, #4]; ldr r2, [r4, #8]; msr apsr_nzcvq, r2;"
              "\(code); mrs r2, apsr; str r0, [r4]; str r2, [r4, #4]; pop {r4, pc}");
        }

        """
    }
    let text =
      functions + """
        void output(const void *, int);
        static void (*const functions[])(unsigned *) = {
          \(Self.instructions.indices.map { "f\($0)" }.joined(separator: ", "))
        };
        static const unsigned values[] = { \(Self.values.map { "\($0)u" }.joined(separator: ", ")) };
        static unsigned results[2 * \(Self.values.count) * \(Self.values.count) * 2];
        int main(void) {
          for (int f = 0; f < \(Self.instructions.count); f++) {
            unsigned *to = results;
            for (int i = 0; i < \(Self.values.count); i++)
              for (int j = 0; j < \(Self.values.count); j++)
                for (int flags = 0; flags < 16; flags += 15) {
                  unsigned state[3] = { values[i], values[j], (unsigned)flags << 28 };
                  functions[f](state);
                  *to++ = state[0];
                  *to++ = state[1];
                }
            output(results, sizeof results);
          }
          return 0;
        }
        """
    let program = try SimulatedProgram(c: text, flags: ["-mcpu=cortex-m0", "-O1", "-masm-syntax-unified"])
    let simulated = try program.simulate().output
    let emulated = try program.emulate()
    let size = 16 * Self.values.count * Self.values.count
    #expect(emulated.count == size * Self.instructions.count && simulated.count == emulated.count)
    for (index, code) in Self.instructions.enumerated() {
      let range = index * size..<(index + 1) * size
      #expect(simulated[range] == emulated[range], "\(code)")
    }
  }
}
