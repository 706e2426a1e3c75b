/// The stack in the instructions of RISC-V.
enum RISCVStack {
  static func effect(of instruction: Disassembly.Instruction) -> StackEffect {
    let operands = instruction.list
    switch instruction.mnemonic {
    case "jal":
      // Of the two registers for return addresses t0 is the one of helper functions.
      return operands.count > 1 && !["ra", "t0"].contains(operands[0]) ? .unknown : instruction.toTarget { .call($0) }
    case "jalr": return .indirectCall
    case "j": return instruction.toTarget { .jump($0) }
    case "ret": return .leave
    // "The RISC-V Instruction Set Manual", volume I, 2.5.1: a jump through a register for return addresses is a return.
    case "jr": return ["ra", "t0"].contains(operands.first) ? .leave : .indirectJump
    case "mret", "sret", "uret": return .unknown
    case "add", "addi":
      guard operands.first == "sp" else { return .none }
      guard operands.count == 3, operands[1] == "sp", let bytes = Int(operands[2]) else { return .unknown }
      return bytes < 0 ? .grow(-bytes) : .shrink(bytes)
    default: break
    }
    if instruction.mnemonic.hasPrefix("b") && instruction.target != nil { return instruction.toTarget { .branch($0) } }
    // The push and pop instructions of Zcmp, and what else writes to the stack pointer.
    return instruction.mnemonic.hasPrefix("cm.") || operands.first == "sp" ? .unknown : .none
  }
}
