/// The pieces that blocks are made of.
extension RandomThumb {
  /// One instruction of 16 bits that only changes low registers and flags.
  mutating func simple() {
    let (a, b, c) = (low(), low(), low())
    switch number(0...9) {
    case 0: line("lsls \(a), \(b), #\(number(0...31))")
    case 1: line("\(pick(["lsrs", "asrs"])) \(a), \(b), #\(number(1...32))")
    case 2: line("\(pick(["adds", "subs"])) \(a), \(b), \(c)")
    case 3: line("\(pick(["adds", "subs"])) \(a), \(b), #\(number(0...7))")
    case 4: line("\(pick(["movs", "cmp", "adds", "subs"])) \(a), #\(number(0...255))")
    case 5: line("\(pick(["sxth", "sxtb", "uxth", "uxtb", "rev", "rev16", "revsh"])) \(a), \(b)")
    case 6: line("muls \(a), \(b), \(a)")
    case 7: line("rsbs \(a), \(b), #0")
    default:
      line(
        pick([
          "ands", "eors", "lsls", "lsrs", "asrs", "adcs", "sbcs", "rors", "tst", "cmp", "cmn", "orrs", "bics", "mvns",
        ]) + " \(a), \(b)")
    }
  }

  /// A shift by an amount around the interesting ones.
  mutating func shift() {
    let registers = low(2)
    let amount = pick(["0", "1", "15", "31", "32", "33", "63", "64", "65", "127", "128", "255", "\(number(0...255))"])
    if number(0...1) == 0 {
      line("movs \(registers[1]), #\(amount)")
    } else {
      // Only the lowest byte counts.
      line("ldr \(registers[1]), =0x\(String(value() & ~255 | (UInt32(amount) ?? 0), radix: 16))")
    }
    if number(0...1) == 0 { line("cmp \(low()), \(low())") }
    line("\(pick(["lsls", "lsrs", "asrs", "rors"])) \(registers[0]), \(registers[1])")
    // Otherwise the next instruction with flags would hide them.
    if number(0...1) == 0 { line("mrs r\(number(8...12)), apsr") }
  }

  mutating func high() {
    let (a, b) = (any(), any())
    let highest = pick(["r8", "r9", "r10", "r11", "r12", "lr"])
    switch number(0...5) {
    case 0: line("add \(a), \(b)")
    case 1: line("mov \(a), \(b)")
    case 2: line("cmp \(highest), \(b)")
    case 3: line("cmp \(low()), \(highest)")
    case 4: line("\(pick(["mov", "add"])) \(a), \(pick(["sp", "pc"]))")
    default: line("cmp \(low()), sp")
    }
  }

  mutating func loadStore() {
    let registers = low(2)
    let size = pick(["", "h", "b"])
    let bytes = size == "" ? 4 : size == "h" ? 2 : 1
    let base = number(0...(Self.bufferSize - 128) / 4) * 4 + number(0...1) * (bytes == 4 ? 4 : bytes)
    line("ldr \(registers[0]), =buffer + \(base)")
    for _ in 0..<number(1...3) {
      let offset = number(0...(31 - 4 / bytes)) * bytes
      line("\(pick(["ldr", "str"]))\(size) \(registers[1]), [\(registers[0]), #\(offset)]")
    }
  }

  mutating func loadStoreRegister() {
    let registers = low(3)
    let code = pick(["ldr", "ldrh", "ldrb", "ldrsh", "ldrsb", "str", "strh", "strb"])
    let bytes = code.hasSuffix("b") ? 1 : code.hasSuffix("h") ? 2 : 4
    let offset = number(-100...100) * bytes
    line("ldr \(registers[0]), =buffer + \(number(100...150) * 4)")
    line("ldr \(registers[1]), =\(offset)")
    // The base and the offset are added, so that they may change places; the value may stand in one of them.
    let sum = number(0...1) == 0 ? "[\(registers[0]), \(registers[1])]" : "[\(registers[1]), \(registers[0])]"
    line("\(code) \(registers[number(0...2)]), \(sum)")
  }

  mutating func constantRead() {
    let registers = low(2)
    let code = pick(["ldr", "ldrh", "ldrb", "ldrsh", "ldrsb", "ldmia"])
    if code == "ldmia" {
      line("ldr \(registers[0]), =constants + \(number(0...8) * 4)")
      line("ldmia \(registers[0])!, {\(list(number(1...7), without: registers[0]).joined(separator: ", "))}")
    } else {
      line("ldr \(registers[0]), =constants\n movs \(registers[1]), #\(number(0...15) * 4)")
      line("\(code) \(registers[1]), [\(registers[0]), \(registers[1])]")
    }
  }

  mutating func stackRelative() {
    let size = number(0...127) * 4
    line("sub sp, #\(size)")
    for _ in 0..<number(1...4) {
      line("\(pick(["ldr", "str"])) \(low()), [sp, #\(number(0...255) * 4)]")
      if number(0...1) == 0 { line("add \(low()), sp, #\(number(0...255) * 4)") }
    }
    line("add sp, #\(size)")
  }

  mutating func multiple() {
    let base = low()
    line("ldr \(base), =buffer + \(number(0...200) * 4)")
    let others = list(number(1...7), without: base)
    switch number(0...2) {
    case 0: line("stmia \(base)!, {\(others.joined(separator: ", "))}")
    case 1: line("ldmia \(base)!, {\(others.joined(separator: ", "))}")
    default: line("ldmia \(base), {\((others + [base]).sorted().joined(separator: ", "))}")
    }
  }

  mutating func pushPop() {
    let count = number(1...8)
    let withLink = number(0...1) == 0 && count < 8
    line("push {\((list(count) + (withLink ? ["lr"] : [])).joined(separator: ", "))}")
    for _ in 0..<number(0...3) { simple() }
    line("pop {\(list(count + (withLink ? 1 : 0)).joined(separator: ", "))}")
  }

  /// POP that jumps over some instructions.
  mutating func popReturn() {
    let count = number(1...8)
    let stored = list(count)
    let target = label()
    line("ldr \(stored[count - 1]), =\(target) + 1")
    line("push {\(stored.joined(separator: ", "))}")
    for _ in 0..<number(0...2) { line("cmp \(low()), \(low())") }
    line("pop {\((list(count - 1) + ["pc"]).joined(separator: ", "))}")
    for _ in 0..<number(0...3) { simple() }
    text += "\(target):\n"
  }

  /// Writes of the stack pointer, whose lowest two bits stay 0.
  mutating func moveStack() {
    let registers = low(2)
    line("mov \(registers[0]), sp")
    switch number(0...2) {
    case 0: line("adds \(registers[0]), #\(number(0...3))\n mov sp, \(registers[0])")
    case 1:
      line("ldr \(registers[1]), =\(number(-64...64))\n add sp, \(registers[1])\n mov \(registers[1]), sp")
      line("push {\(low())}\n pop {\(list(1, without: registers[0])[0])}\n mov sp, \(registers[0])")
    default: line("mov r8, sp\n sub sp, #\(number(1...100) * 4)\n mov \(registers[1]), sp\n mov sp, r8")
    }
  }

  mutating func conditional() {
    let conditions = ["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"]
    if number(0...1) == 0 { line("\(pick(["cmp", "cmn", "tst"])) \(low()), \(low())") }
    skip(over: "b" + pick(conditions))
  }

  /// A branch over one to three pieces.
  mutating func skip(over branch: String) {
    let target = label()
    line("\(branch) \(target)")
    depth += 1
    for _ in 0..<number(1...3) { piece() }
    depth -= 1
    text += "\(target):\n"
  }

  mutating func indirectJump() {
    let register = low()
    let count = number(1...4)
    if number(0...3) == 0 {
      // Reads as the address two instructions further; bit 0 is ignored.
      line("movs \(register), #\(2 * count - 2 + number(0...1))\n add pc, \(register)")
      for _ in 0..<count { simple() }
      return
    }
    let target = label()
    let jump = pick(["bx", "blx", "mov pc,"])
    line("ldr \(register), =\(target) + \(jump == "mov pc," ? number(0...1) : 1)")
    if number(0...1) == 0 { line("mov r9, \(register)\n \(jump) r9") } else { line("\(jump) \(register)") }
    for _ in 0..<count { simple() }
    text += "\(target):\n"
  }

  mutating func call() {
    let function = "leaf_\(number(0...4))"
    let register = low()
    switch number(0...3) {
    case 0: line("ldr \(register), =\(function)\n blx \(register)")
    case 1: skip(over: "bl")
    default: line("bl \(function)")
    }
  }

  mutating func address() {
    line("add \(low()), pc, #\(number(0...255) * 4)")
    // A literal that is an instruction.
    line("ldr \(low()), [pc, #\(number(0...3) * 4)]")
  }

  mutating func special() {
    let names = [
      "apsr", "iapsr", "eapsr", "xpsr", "ipsr", "epsr", "iepsr", "msp", "psp", "primask", "control",
    ]
    switch number(0...3) {
    case 0:
      let registers = low(2)
      line("ldr \(registers[0]), =\(flags())\n msr \(pick(["apsr_nzcvq", "xpsr_nzcvq"])), \(registers[0])")
      line("msr \(pick(["ipsr", "epsr"])), \(registers[1])")
    case 1: line("msr primask, \(low())\n mrs \(low()), primask\n cpsie i")
    case 2: line("\(pick(["cpsid i", "cpsie i"]))\n mrs \(low()), primask\n cpsie i")
    default: line("mrs \(any()), \(pick(names))")
    }
  }

  /// The process stack instead of the main stack for some instructions.
  mutating func otherStack() {
    let registers = low(3)
    line("ldr \(registers[0]), =stack_middle + \(number(-30...30))\n msr psp, \(registers[0])")
    line("movs \(registers[1]), #2\n msr control, \(registers[1])\n isb")
    line("push {\(registers[2])}\n mrs \(registers[2]), msp\n mov r10, sp\n pop {\(low(3)[0])}")
    line("movs \(registers[1]), #0\n msr control, \(registers[1])\n isb\n mrs \(registers[0]), psp")
  }
}
