import Compiler
import Support
import Testing

/// What is read from compilers and disassemblers about stacks.
@Suite struct StackReadingTests {
  @Test func figuresOfClonesAreJoined() throws {
    var usage = StackUsage()
    try usage.add(
      """
      model.c:3:21:model_a.constprop\t24\tstatic
      model.c:3:21:model_a.constprop\t40\tstatic
      model.c:9:6:model_b\t8\tdynamic,bounded
      model.c:12:6:model_c\t16\tdynamic
      model.c:12:6:model_c.part\t32\tstatic

      """, file: "model.su")
    #expect(usage.functions["model_a"] == StackUsage.Figure(file: "model.c", bytes: 40, isBounded: true))
    #expect(usage.functions["model_b"] == StackUsage.Figure(file: "model.c", bytes: 8, isBounded: true))
    #expect(usage.functions["model_c"] == StackUsage.Figure(file: "model.c", bytes: 32, isBounded: false))
    #expect(usage.functions.count == 3)
  }

  @Test(arguments: [
    "model.c:3:21:f\t24", "model.c:3:21:f\tmany\tstatic", "f\t24\tstatic", "a:f\t-8\tstatic", "nothing",
  ])
  func brokenFiguresAreErrors(_ line: String) {
    var usage = StackUsage()
    let error = #expect(throws: Diagnostic.self) { try usage.add("a:1:1:g\t8\tstatic\n" + line, file: "model.su") }
    #expect(error?.location == .line(file: "model.su", line: 2, column: 1))
  }

  @Test func linesOfADisassembly() throws {
    let code = Disassembly(
      """

      model:     file format elf32-littlearm


      Disassembly of section .text:

      00000100 <model_run>:
           100:\tpush\t{r4, lr}
           102:\tbl\t972c <__aeabi_lmul>
           106:\tadd\tsp, #8\t@ 0x8
           108:\t\t\t@ <UNDEFINED> instruction: 0xffff
      """)
    #expect(code.instructions.map(\.address) == [0x100, 0x102, 0x106, 0x108])
    #expect(code.instructions.prefix(3).map(\.mnemonic) == ["push", "bl", "add"])
    #expect(code.instructions[1].target == 0x972C && code.instructions[2].target == nil)
    #expect(code.instructions[2].list == ["sp", "#8"])
    #expect(code.position(of: 0x106) == 2 && code.position(of: 0x104) == nil)
  }

  private func effect(_ architecture: StackArchitecture, _ line: String) -> StackEffect? {
    Disassembly("  40:\t" + line).instructions.first.map { architecture.effect(of: $0) }
  }

  @Test(
    arguments: [
      ("push\t{r4, r5, r6, r7, lr}", .grow(20, link: 4)), ("push.w\t{r4, r8}", .grow(8)), ("pop\t{r0, r1}", .shrink(8)),
      ("pop\t{r4, pc}", .shrinkAndJump(8)), ("stmdb\tsp!, {r4, lr}", .grow(8, link: 4)),
      ("ldmia.w\tsp!, {r4, r5, pc}", .shrinkAndJump(12)), ("sub\tsp, #20", .grow(20)),
      ("sub.w\tsp, sp, #1032\t@ 0x408", .grow(1032)), ("add.w\tsp, sp, #1032", .shrink(1032)),
      ("add\tsp, r4", .unknown),
      ("mov\tsp, r7", .unknown), ("str.w\tlr, [sp, #-4]!", .grow(4, link: 4)),
      ("ldr.w\tpc, [sp], #4", .shrinkAndJump(4)),
      ("str\tr0, [sp, #8]", .none), ("add\tr7, sp, #8", .none), ("vpush\t{d8}", .unknown),
      ("popeq\t{r4, pc}", .unknown),
      ("push\t{r4-r7, lr}", .unknown), ("stmdb\tr0!, {r4, lr}", .none), ("strd\tr4, r5, [sp, #-8]!", .unknown),
      ("bl\t80 <f>", .call(0x80)), ("blx\tr3", .indirectCall), ("bleq\t80 <f>", .call(0x80)), ("bx\tlr", .leave),
      ("bxne\tlr", .mayLeave), ("bx\tr3", .indirectJump), ("mov\tpc, r3", .indirectJump),
      ("b.n\t80 <f+0x4>", .jump(0x80)),
      ("ble.n\t80 <f>", .branch(0x80)), ("bls.w\t80 <f>", .branch(0x80)), ("cbz\tr0, 80 <f>", .branch(0x80)),
      ("tbb\t[pc, r3]", .tableJump), ("bics\tr0, r1", .none), (".word\t0x00000080", .unknown), ("nop", .none),
    ] as [(String, StackEffect)])
  func thumb(_ line: String, _ expected: StackEffect) {
    #expect(effect(.thumb, line) == expected, "\(line)")
  }

  @Test(
    arguments: [
      ("push\tr28", .grow(1)), ("pop\tr28", .shrink(1)), ("call\t0x80\t; 0x80 <f>", .call(0x80)),
      ("rcall\t.+0      \t; 0x42 <f+0x2>", .grow(3)), ("call\t0x44\t; 0x44 <f+0x4>", .grow(3)),
      ("rcall\t.+62      \t; 0x80 <f>", .call(0x80)), ("jmp\t0x80\t; 0x80 <f>", .jump(0x80)),
      ("brcc\t.+2      \t; 0x44 <f+0x4>", .branch(0x44)), ("sbrs\tr21, 7", .skip), ("ret", .leave), ("reti", .unknown),
      ("icall", .indirectCall), ("eijmp", .indirectJump), ("out\t0x3d, r28\t; 61", .unknown), ("out\t0x3f, r0", .none),
      ("sts\t0x005E, r28", .unknown), ("call\t0x80", .unknown), ("break", .none), ("breq\t.+2", .unknown),
    ] as [(String, StackEffect)])
  func avr(_ line: String, _ expected: StackEffect) {
    #expect(effect(.avr(returnAddress: 3), line) == expected, "\(line)")
  }

  @Test(
    arguments: [
      ("add\tsp,sp,-48", .grow(48)), ("addi\tsp,sp,48", .shrink(48)), ("add\tsp,sp,t1", .unknown),
      ("mv\tsp,s0", .unknown),
      ("add\ta5,a5,-4 # 12ffc <x>", .none), ("jal\t80 <f>", .call(0x80)), ("jal\tt0,80 <f>", .call(0x80)),
      ("jalr\ta5", .indirectCall), ("j\t80 <f>", .jump(0x80)), ("ret", .leave), ("jr\tt0", .leave),
      ("jr\ta5", .indirectJump), ("beqz\ta3,80 <f+0x14>", .branch(0x80)), ("cm.push\t{ra}, -16", .unknown),
    ] as [(String, StackEffect)])
  func riscV(_ line: String, _ expected: StackEffect) {
    #expect(effect(.riscV, line) == expected, "\(line)")
  }

  @Test(
    arguments: [
      ("addi\ta1, a1, -32", .grow(32)), ("addi\ta1, a1, 32", .shrink(32)), ("sub\ta1, a1, a9", .unknown),
      ("add.n\ta1, a1, a9", .unknown), ("call0\t80 <f>", .call(0x80)), ("callx0\ta2", .indirectCall),
      ("call8\t80 <f>", .unknown), ("entry\ta1, 32", .unknown), ("ret.n", .leave), ("jx\ta2", .indirectJump),
      ("j\t80 <f>", .jump(0x80)), ("beqz.n\ta2, 80 <f>", .branch(0x80)), ("l32i.n\ta2, a1, 0", .none),
    ] as [(String, StackEffect)])
  func xtensa(_ line: String, _ expected: StackEffect) {
    #expect(effect(.xtensa, line) == expected, "\(line)")
  }

  @Test func instructionSetsByTheHeadOfTheFile() {
    #expect(StackArchitecture(machine: 40, flags: 0)?.returnAddress == 0)
    #expect(StackArchitecture(machine: 83, flags: 0x85)?.returnAddress == 2)
    #expect(StackArchitecture(machine: 83, flags: 0x86)?.returnAddress == 3)
    #expect(StackArchitecture(machine: 20, flags: 0) == nil)
  }
}
