/// The stack in the instructions of an Xtensa core without register windows.
enum XtensaStack {
  static func effect(of instruction: Disassembly.Instruction) -> StackEffect {
    let operands = instruction.list
    switch instruction.mnemonic {
    case "call0": return instruction.toTarget { .call($0) }
    case "callx0": return .indirectCall
    case "j", "j.l": return instruction.toTarget { .jump($0) }
    case "jx": return .indirectJump
    case "ret", "ret.n": return .leave
    case "addi", "addi.n", "addmi":
      guard operands.first == "a1" else { return .none }
      guard operands.count == 3, operands[1] == "a1", let bytes = Int(operands[2]) else { return .unknown }
      return bytes < 0 ? .grow(-bytes) : .shrink(bytes)
    default: break
    }
    let windowed = ["call", "entry", "retw", "movsp", "rf"]
    if windowed.contains(where: { instruction.mnemonic.hasPrefix($0) }) || operands.first == "a1" { return .unknown }
    let branches = ["b", "loop"].contains { instruction.mnemonic.hasPrefix($0) }
    return branches && instruction.target != nil ? instruction.toTarget { .branch($0) } : .none
  }
}
