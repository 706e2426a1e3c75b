import Compiler
import Simulator
import Testing

/// The deepest way through programs that are written here.
@Suite struct StackBoundTests {
  /// Functions as they stand in a disassembly, each with the compiler's figure, if it has one.
  private struct Program {
    var text = ""
    var usage = StackUsage()
    var symbols: [ELFImage.Symbol] = []

    /// - Parameter lines: instructions of two bytes; `CALL NAME` takes four.
    mutating func add(
      _ name: String, at address: Int, figure: String? = nil, file: String = "model.c", _ lines: [String]
    ) throws {
      text += "\(String(address, radix: 16)) <\(name)>:\n"
      var place = address
      for line in lines {
        text += " \(String(place, radix: 16)):\t\(line)\n"
        place += line.hasPrefix("bl\t") || line.hasPrefix("call\t") || line.hasPrefix("jmp\t") ? 4 : 2
      }
      symbols.append(ELFImage.Symbol(name: name, address: address, size: place - address, isFunction: true))
      if let figure { try usage.add("\(file):1:1:\(name)\t\(figure)\n", file: "model.su") }
    }

    func bound(_ architecture: StackArchitecture = .thumb) -> StackBound {
      StackBound.of(
        "model_run",
        in: StackGraph(
          architecture: architecture, code: Disassembly(text), usage: usage, symbols: symbols, sources: ["model.c"]))
    }
  }

  private func reason(_ bound: StackBound) -> String {
    guard case .unknown(let reason) = bound else { return "" }
    return reason
  }

  /// A run function that calls what is at 0x200.
  private func program(calling name: String) throws -> Program {
    var program = Program()
    try program.add(
      "model_run", at: 0x100, figure: "8\tstatic", ["push\t{r4, lr}", "bl\t200 <\(name)>", "pop\t{r4, pc}"])
    return program
  }

  @Test func theDeepestWayCounts() throws {
    var program = Program()
    try program.add(
      "model_run", at: 0x100, figure: "8\tstatic", ["push\t{r4, lr}", "bl\t200 <a>", "bl\t300 <b>", "pop\t{r4, pc}"])
    try program.add(
      "model_a.constprop.0", at: 0x200, figure: "100\tstatic", ["sub\tsp, #100", "add\tsp, #100", "bx\tlr"])
    try program.add("model_b", at: 0x300, figure: "16\tstatic", ["bl\t400 <lib>", "bl\t400 <lib>", "bx\tlr"])
    // Of the library: 20 bytes at the call, 28 later.
    try program.add(
      "lib", at: 0x400,
      ["push\t{r4, lr}", "sub\tsp, #12", "bl\t500 <lib2>", "push\t{r0, r1}", "add\tsp, #20", "pop\t{r4, pc}"])
    try program.add("lib2", at: 0x500, ["push\t{r0, r1, r2}", "beq.n\t504 <lib2+4>", "add\tsp, #12", "bx\tlr"])
    #expect(
      program.bound()
        == .bounded([
          StackBound.Frame(function: "model_run", bytes: 8), StackBound.Frame(function: "model_a", bytes: 100),
        ]))
    program.usage = StackUsage()
    try program.usage.add(
      "model.c:1:1:model_run\t8\tstatic\nmodel.c:1:1:model_a\t4\tstatic\nmodel.c:1:1:model_b\t16\tdynamic,bounded\n",
      file: "model.su")
    #expect(reason(program.bound()) == "the compiler says that `model_a` takes 4 bytes, but its code takes 100")
    program.symbols.removeAll { $0.name.hasPrefix("model_a") }
    // Without a figure the code of model_a is read; lib2 is deeper than what lib takes after it.
    #expect(program.bound().bytes == 108)
    program.text = program.text.replacing("#100", with: "#20")
    #expect(
      program.bound()
        == .bounded([
          StackBound.Frame(function: "model_run", bytes: 8), StackBound.Frame(function: "model_b", bytes: 16),
          StackBound.Frame(function: "lib", bytes: 20), StackBound.Frame(function: "lib2", bytes: 12),
        ]))
  }

  @Test func aJumpToAnotherFunctionLeavesTheFrame() throws {
    var program = Program()
    try program.add(
      "model_run", at: 0x100, figure: "40\tstatic", ["sub\tsp, #40", "add\tsp, #40", "b.n\t200 <model_a>"])
    try program.add("model_a", at: 0x200, figure: "60\tstatic", ["b.n\t300 <model_a.cold>", "bx\tlr"])
    // A part of the function that stands elsewhere, in the same frame.
    try program.add("model_a.cold", at: 0x300, ["bl\t400 <model_b>", "b.n\t202 <model_a+2>"])
    try program.add("model_b", at: 0x400, figure: "4\tstatic", ["bx\tlr"])
    #expect(program.bound().bytes == 64)
  }

  @Test func returnAddressesOfTheAVR() throws {
    for (figures, empty) in [((5, 9), 3), ((2, 6), 0)] {
      var program = Program()
      try program.add(
        "model_run", at: 0x100, figure: "\(figures.0)\tstatic",
        ["push\tr28", "push\tr29", "call\t0x200\t; 0x200 <model_a>", "pop\tr29", "pop\tr28", "ret"])
      try program.add(
        "model_a", at: 0x200, figure: "\(figures.1)\tdynamic,bounded",
        ["rcall\t.+0\t; 0x202 <model_a+2>", "call\t0x300\t; 0x300 <lib>", "jmp\t0x300\t; 0x300 <lib>"])
      try program.add(
        "lib", at: 0x300, ["sbrs\tr21, 7", "jmp\t0x30a\t; 0x30a <lib+10>", "push\tr25", "pop\tr25", "ret"])
      #expect(
        program.bound(.avr(returnAddress: 3)).bytes == nil, "it is not known what the compiler's figures have in them")
      try program.usage.add("avr.c:1:1:harness_open\t\(empty)\tstatic\n", file: "avr.su")
      #expect(
        program.bound(.avr(returnAddress: 3))
          == .bounded([
            StackBound.Frame(function: "model_run", bytes: 5), StackBound.Frame(function: "model_a", bytes: 9),
            StackBound.Frame(function: "lib", bytes: 4),
          ]))
    }
  }

  @Test func recursionHasNoBound() throws {
    var program = try program(calling: "model_a")
    try program.add("model_a", at: 0x200, figure: "8\tstatic", ["bl\t300 <model_b>", "bx\tlr"])
    try program.add("model_b", at: 0x300, figure: "8\tstatic", ["bl\t200 <model_a>", "bx\tlr"])
    #expect(reason(program.bound()) == "the calls are recursive: `model_a`, `model_b`")
  }

  @Test(arguments: [
    ("dynamic", ["bx\tlr"], "the frame of `model_a` has no fixed size by the compiler's figures"),
    ("static", ["blx\tr3", "bx\tlr"], "`model_a` calls a function through a pointer"),
    ("static", ["mov\tpc, r3"], "`model_a` jumps to an address that it computes"),
    ("static", ["bl\t900 <missing>", "bx\tlr"], "`0x900` runs out of the code"),
  ])
  func compiledCodeWithoutABound(_ kind: String, _ lines: [String], _ expected: String) throws {
    var program = try program(calling: "model_a")
    try program.add("model_a", at: 0x200, figure: "8\t\(kind)", lines)
    #expect(reason(program.bound()) == expected)
  }

  @Test(arguments: [
    (["mov\tsp, r7", "bx\tlr"], "`lib` changes the stack pointer in a way that can't be followed"),
    (["push\t{r0}", "bne.n\t200 <lib>", "bx\tlr"], "the stack of `lib` depends on the way through it"),
    (["push\t{r0}", "bx\tlr"], "`lib` returns with something left on the stack"),
    (["pop\t{r0}", "bx\tlr"], "`lib` takes more from the stack than it put there"),
    (["push\t{r0, r1}", "pop\t{r0, pc}"], "`lib` jumps to an address that it computes"),
    (["push\t{lr}", "push\t{r0}", "pop\t{pc}"], "`lib` jumps to an address that it computes"),
    (["bx\tr3"], "`lib` jumps to an address that it computes"),
    (["blx\tr3", "bx\tlr"], "`lib` calls a function through a pointer"),
    (["tbb\t[pc, r3]"], "`lib` jumps to an address that it computes"), (["nop"], "`lib` runs out of the code"),
    ([".word\t0x00000000"], "`lib` changes the stack pointer in a way that can't be followed"),
  ])
  func librariesWithoutABound(_ lines: [String], _ expected: String) throws {
    var program = try program(calling: "lib")
    try program.add("lib", at: 0x200, lines)
    #expect(reason(program.bound()) == expected)
  }

  @Test func whatTheTestProgramProvidesIsNotTheFirmwares() throws {
    var program = try program(calling: "memset")
    try program.add("memset", at: 0x200, figure: "8\tstatic", file: "semihosting.c", ["bx\tlr"])
    #expect(reason(program.bound()) == "`memset` is called, which the firmware has to provide")
  }

  @Test func theMeasuredStackMustNotBeLarger() throws {
    let bound = StackBound.bounded([StackBound.Frame(function: "model_run", bytes: 40)])
    #expect(try StackUse(bound, measured: 36).bytes == 40)
    #expect(try StackUse(.unknown(reason: "none"), measured: 36).bytes == 36)
    #expect(throws: (any Error).self) { try StackUse(bound, measured: 41) }
  }
}
