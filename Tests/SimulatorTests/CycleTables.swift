/// Cycles as the manuals say them: Cortex-M0 in ARM DDI 0432C, table 3-1; Cortex-M0+ in ARM DDI 0484C, table 3-1.
///
/// Each line has the code, then the cycles of Cortex-M0 and Cortex-M0+ without wait states.
enum CycleTables {
  typealias Line = CycleTests.Line

  static let all: [CycleTests.Table] = [
    .init(name: "data processing", lines: dataProcessing), .init(name: "loads and stores", lines: loadsAndStores),
    .init(name: "several registers", lines: multiple), .init(name: "jumps", lines: jumps),
    .init(name: "system", lines: system), .init(name: "sequences", lines: sequences),
  ]

  /// "Move", "Add", "Subtract", "Compare", "Logical", "Shift", "Rotate", "Extend", "Reverse": 1 cycle, but for jumps.
  private static let dataProcessing: [Line] =
    [
      "movs r4, #255", "movs r4, r5", "mov r4, r8", "mov r8, r4", "mov r9, r10", "mov r4, sp", "mov sp, r1",
      "mov r4, pc",
      "adds r4, r5, #7", "adds r4, r5, r6", "adds r4, #255", "add r4, r8", "add r8, r4", "add r4, pc", "adcs r4, r5",
      "add sp, #508", "add r4, sp, #1020", "add r4, sp, r4", "add sp, r4", "adr r4, 1f\n .balign 4\n 1:",
      "subs r4, r5, r6", "subs r4, r5, #7", "subs r4, #255", "sbcs r4, r5", "sub sp, #508", "rsbs r4, r5, #0",
      "muls r4, r5, r4", "cmp r4, r5", "cmp r4, r8", "cmp r8, r9", "cmp r4, #255", "cmn r4, r5",
      "ands r4, r5", "eors r4, r5", "orrs r4, r5", "bics r4, r5", "mvns r4, r5", "tst r4, r5",
      "lsls r4, r5, #31", "lsls r4, r5", "lsrs r4, r5, #32", "lsrs r4, r5", "asrs r4, r5, #32", "asrs r4, r5",
      "rors r4, r5",
      "sxth r4, r5", "sxtb r4, r5", "uxth r4, r5", "uxtb r4, r5", "rev r4, r5", "rev16 r4, r5", "revsh r4, r5",
    ].map { Line($0, 1, 1) }

  /// "Load" and "Store" of one value: 2 cycles.
  private static let loadsAndStores: [Line] =
    [
      "ldr r4, [r0, #124]", "ldrh r4, [r0, #62]", "ldrb r4, [r0, #31]", "ldr r4, [r0, r2]", "ldrh r4, [r0, r2]",
      "ldrsh r4, [r0, r2]", "ldrb r4, [r0, r2]", "ldrsb r4, [r0, r2]", "ldr r4, [sp, #1020]", "ldr r4, =0x12345678",
      "str r4, [r0, #124]", "strh r4, [r0, #62]", "strb r4, [r0, #31]", "str r4, [r0, r2]", "strh r4, [r0, r2]",
      "strb r4, [r0, r2]", "str r4, [sp, #1020]",
    ].map { Line($0, 2, 2) }

  /// "LDM", "STM", "PUSH", "POP": 1+N; "POP with return": 4+N, on Cortex-M0+ 3+N, where N counts the program counter.
  private static let multiple: [Line] = [
    Line("ldmia r0!, {r4}", 2, 2), Line("ldmia r0!, {r4-r7}", 5, 5), Line("ldmia r0, {r0-r7}", 9, 9),
    Line("stmia r0!, {r4}", 2, 2), Line("stmia r0!, {r4-r7}", 5, 5), Line("stmia r0!, {r0-r7}", 9, 9),
    Line("push {r4}", 2, 2), Line("push {lr}", 2, 2), Line("push {r4-r7, lr}", 6, 6), Line("push {r0-r7, lr}", 10, 10),
    Line("pop {r4}", 2, 2), Line("pop {r0-r3}", 5, 5), Line("pop {r0-r7}", 9, 9),
    Line("pop {pc}\n .balign 4\n 1:", 5, 4, setup: "adr r3, 1f\n adds r3, #1\n push {r3}"),
    Line("pop {r4, r5, pc}\n .balign 4\n 1:", 7, 6, setup: "adr r3, 1f\n adds r3, #1\n push {r1, r2, r3}"),
    Line("pop {r0-r7, pc}\n .balign 4\n 1:", 13, 12, setup: "adr r7, 1f\n adds r7, #1\n mov lr, r7\n push {r0-r7, lr}"),
  ]

  private static let jumps: [Line] = [
    Line("b 1f\n nop\n 1:", 3, 2),
    Line("beq 1f\n nop\n 1:", 3, 2, setup: "cmp r4, r4"),
    Line("bne 1f\n 1:", 1, 1, setup: "cmp r4, r4"),
    Line("bl 1f\n nop\n 1:", 4, 3),
    Line("bx r3\n .balign 4\n 1:", 3, 2, setup: "adr r3, 1f\n adds r3, #1"),
    Line("bx lr\n .balign 4\n 1:", 3, 2, setup: "adr r3, 1f\n adds r3, #1\n mov lr, r3"),
    Line("blx r3\n .balign 4\n 1:", 3, 2, setup: "adr r3, 1f\n adds r3, #1"),
    Line("mov pc, r3\n .balign 4\n 1:", 3, 2, setup: "adr r3, 1f"),
    // The program counter reads as the address of the second instruction behind.
    Line("add pc, r3\n nop\n nop\n nop\n 1:", 3, 2, setup: "movs r3, #4"),
  ]

  /// "State change", "Hint", "Barriers"; SVC, BKPT, WFE and WFI end a run.
  private static let system: [Line] = [
    Line("mrs r4, apsr", 4, 3), Line("mrs r4, primask", 4, 3), Line("mrs r4, msp", 4, 3),
    Line("msr apsr_nzcvq, r4", 4, 3), Line("msr primask, r4", 4, 3), Line("msr psp, r4", 4, 3),
    Line("isb", 4, 3), Line("dsb", 4, 3), Line("dmb", 4, 3),
    Line("cpsid i", 1, 1), Line("cpsie i", 1, 1), Line(".short 0xbf00 @ nop", 1, 1), Line("mov r8, r8", 1, 1),
    Line("yield", 1, 1),
    Line("sev", 1, 1),
  ]

  private static let sequences: [Line] = [
    // MOVS 1, ten turns of 1 + 1 + 3, the last one 2 less; on Cortex-M0+ of 1 + 1 + 2, the last one 1 less.
    Line("movs r4, #10\n 1: adds r5, #1\n subs r4, #1\n bne 1b", 49, 40),
    // A call: BL 4, PUSH 6, STR 2, POP 9, B 3; on Cortex-M0+ 3 + 6 + 2 + 8 + 2.
    Line("bl 1f\n b 2f\n 1: push {r4-r7, lr}\n str r4, [r0]\n pop {r4-r7, pc}\n 2:", 24, 21),
    // MOVS 1, MOVS 1; three turns of LDRSB 2, LDRSB 2, MULS 1, ADDS 1, ADDS 1, CMP 1, and BNE: 3, 3, 1 or 2, 2, 1.
    Line(
      "movs r2, #0\n movs r7, #0\n 1: ldrsb r4, [r0, r2]\n ldrsb r5, [r1, r2]\n muls r4, r5, r4\n adds r7, r7, r4\n"
        + "adds r2, #1\n cmp r2, #3\n bne 1b", 33, 31),
  ]
}
