/// What an instruction means for the stack and for what is executed next.
package enum StackEffect: Equatable, Sendable {
  /// The stack pointer stays, and the next instruction follows.
  case none
  /// The stack grows by bytes; the return address goes so far below the old stack pointer, if it is among them.
  case grow(Int, link: Int? = nil)
  case shrink(Int)
  /// The stack shrinks, and its last word is jumped to.
  case shrinkAndJump(Int)
  case call(Int)
  case jump(Int)
  /// Jumps or goes on.
  case branch(Int)
  /// Leaves the next instruction out or does not.
  case skip
  case leave
  /// Returns or goes on.
  case mayLeave
  case indirectCall
  case indirectJump
  /// Jumps to a place in the same function.
  case tableJump
  /// Changes the stack pointer by what is not in the instruction, or is no instruction.
  case unknown
}

/// How the stack of an instruction set works.
package enum StackArchitecture: Sendable {
  case thumb
  /// With the bytes of a return address, which calls push.
  case avr(returnAddress: Int)
  case riscV
  /// Without register windows.
  case xtensa

  /// Nil for an instruction set whose code can't be followed.
  ///
  /// - Parameters:
  ///   - machine, flags: of the head of the program's file. Source of the numbers: `elf/common.h` and `elf/avr.h` of binutils.
  package init?(machine: Int, flags: Int) {
    switch machine {
    case 40: self = .thumb
    // Cores with more than 128 KiB of flash have program counters of 3 bytes.
    case 83: self = .avr(returnAddress: [6, 106, 107].contains(flags & 0x7F) ? 3 : 2)
    case 94: self = .xtensa
    case 243: self = .riscV
    default: return nil
    }
  }

  /// Bytes that a call pushes.
  package var returnAddress: Int {
    if case .avr(let bytes) = self { return bytes }
    return 0
  }

  package func effect(of instruction: Disassembly.Instruction) -> StackEffect {
    // Data between instructions.
    guard !instruction.mnemonic.hasPrefix(".") && !instruction.mnemonic.hasPrefix("<") else { return .unknown }
    return switch self {
    case .thumb: ThumbStack.effect(of: instruction)
    case .avr(let bytes): AVRStack.effect(of: instruction, returnAddress: bytes)
    case .riscV: RISCVStack.effect(of: instruction)
    case .xtensa: XtensaStack.effect(of: instruction)
    }
  }
}

extension Disassembly.Instruction {
  /// What `effect` makes of the address in the operands.
  func toTarget(_ effect: (Int) -> StackEffect) -> StackEffect { target.map(effect) ?? .unknown }
}
