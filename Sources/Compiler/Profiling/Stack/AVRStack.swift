/// The stack in the instructions of an AVR.
enum AVRStack {
  static func effect(of instruction: Disassembly.Instruction, returnAddress: Int) -> StackEffect {
    let operands = instruction.list
    switch instruction.mnemonic {
    case "push": return .grow(1)
    case "pop": return .shrink(1)
    case "call", "rcall":
      // A call of what follows it is a short way to make room.
      let bytes = instruction.mnemonic == "call" ? 4 : 2
      return instruction.toTarget { $0 == instruction.address + bytes ? .grow(returnAddress) : .call($0) }
    case "jmp", "rjmp": return instruction.toTarget { .jump($0) }
    case "icall", "eicall": return .indirectCall
    case "ijmp", "eijmp": return .indirectJump
    case "ret": return .leave
    case "reti": return .unknown
    case "cpse", "sbrc", "sbrs", "sbic", "sbis": return .skip
    // The stack pointer is at 0x3d and 0x3e, or 0x5d and 0x5e for stores.
    case "out": return ["0x3d", "0x3e"].contains(operands.first) ? .unknown : .none
    case "sts":
      return ["0x005D", "0x005E"].contains { operands.first?.uppercased() == $0.uppercased() } ? .unknown : .none
    default:
      return instruction.mnemonic.hasPrefix("br") && instruction.mnemonic != "break"
        ? instruction.toTarget { .branch($0) } : .none
    }
  }
}
