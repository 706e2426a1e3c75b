/// The stack in the instructions of Arm's M profile.
enum ThumbStack {
  private static let conditions: Set<String> = [
    "eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
  ]

  static func effect(of instruction: Disassembly.Instruction) -> StackEffect {
    let name = String(instruction.mnemonic.prefix { $0 != "." })
    let operands = instruction.list
    func hasCondition(after prefix: String) -> Bool {
      name.hasPrefix(prefix) && conditions.contains(String(name.dropFirst(prefix.count)))
    }
    switch name {
    case "b": return instruction.toTarget { .jump($0) }
    case "cbz", "cbnz": return instruction.toTarget { .branch($0) }
    case "bl": return instruction.toTarget { .call($0) }
    case "blx": return .indirectCall
    case "bx": return operands.first == "lr" ? .leave : .indirectJump
    case "tbb", "tbh": return .tableJump
    case "push", "pop":
      guard let registers = registers(instruction.operands) else { return .unknown }
      return name == "push" ? push(registers) : pop(registers)
    case "stmdb", "ldmia", "ldm":
      guard operands.first == "sp!" else { break }
      guard let registers = registers(instruction.operands) else { return .unknown }
      return name == "stmdb" ? push(registers) : pop(registers)
    case "sub", "subw", "add", "addw":
      guard operands.first == "sp" else { break }
      guard let bytes = number(operands.last), operands.count == 2 || operands[1] == "sp" else { return .unknown }
      return name.hasPrefix("sub") ? .grow(bytes) : .shrink(bytes)
    case "str":
      // str lr, [sp, #-8]!
      guard operands.count == 3, operands[1] == "[sp", operands[2].hasSuffix("]!") else { break }
      guard let bytes = number(operands[2].dropLast(2)), bytes < 0 else { return .unknown }
      return .grow(-bytes, link: operands[0] == "lr" ? -bytes : nil)
    case "ldr":
      // ldr pc, [sp], #8
      guard operands.count == 3, operands[1] == "[sp]" else { break }
      guard let bytes = number(operands[2]), bytes > 0, operands[0] != "pc" || bytes == 4 else { return .unknown }
      return operands[0] == "pc" ? .shrinkAndJump(bytes) : .shrink(bytes)
    default: break
    }
    if hasCondition(after: "b") { return instruction.toTarget { .branch($0) } }
    if hasCondition(after: "blx") { return .indirectCall }
    if hasCondition(after: "bl") { return instruction.toTarget { .call($0) } }
    if hasCondition(after: "bx") { return operands.first == "lr" ? .mayLeave : .indirectJump }
    // What else writes to the stack pointer or the program counter.
    let isHidden = ["push", "pop", "vpush", "vpop", "msr"].contains { name.hasPrefix($0) }
    let writes =
      ["sp!", "[sp],", "{sp"].contains { instruction.operands.contains($0) }
      || (instruction.operands.contains("[sp") && instruction.operands.contains("]!"))
    if isHidden || writes || operands.first == "sp" { return .unknown }
    return operands.first == "pc" || instruction.operands.contains("pc}") ? .indirectJump : .none
  }

  /// The registers in braces, of which each takes a word.
  private static func registers(_ operands: Substring) -> [Substring]? {
    guard let open = operands.firstIndex(of: "{"), let close = operands.firstIndex(of: "}"), open < close else {
      return nil
    }
    let list = operands[operands.index(after: open)..<close].split { ", ".contains($0) }
    // Disassemblers name each register; a range would be counted wrong.
    return list.isEmpty || list.contains { $0.contains("-") } ? nil : list
  }

  /// The registers with the highest numbers have the highest addresses.
  private static func push(_ registers: [Substring]) -> StackEffect {
    .grow(4 * registers.count, link: registers.last == "lr" ? 4 : nil)
  }

  private static func pop(_ registers: [Substring]) -> StackEffect {
    let bytes = 4 * registers.count
    guard !registers.contains("sp") else { return .unknown }
    return registers.last == "pc" ? .shrinkAndJump(bytes) : .shrink(bytes)
  }

  private static func number(_ text: Substring?) -> Int? {
    guard let text, text.hasPrefix("#") else { return nil }
    return Int(text.dropFirst())
  }
}
