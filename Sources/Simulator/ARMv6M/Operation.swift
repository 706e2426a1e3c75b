/// A decoded instruction.
///
/// Fields that an instruction does not need are 0. Addresses of code are indices of halfwords from the start of the
/// flash, so that the next instruction is the next index.
struct Operation {
  /// What to do; each case names its fields. `a`, `b` are registers, `k` is `immediate`.
  enum Code: UInt8 {
    // a = b shifted by k, with flags
    case lslImmediate, lsrImmediate, asrImmediate
    // a = b op register k, or op k, with flags
    case add, sub, addImmediate, subImmediate
    // a = k; a = b, with flags of the value
    case moveImmediate, move
    // Flags of a - k, a - b, a + b, a & b
    case compareImmediate, compare, compareNegative, test
    // a = a op b, with flags
    case and, exclusiveOr, lsl, lsr, asr, addCarry, subCarry, rotate, or, multiply, bitClear
    // a = op b, with flags
    case negate, not
    // Any register; no flags. The last two write the stack pointer, the program counter.
    case addHigh, moveHigh, addImmediateHigh, moveToStackPointer, addToStackPointer, moveToPC, addToPC
    // a = k, a constant of the program: an address, or a literal from the flash
    case constant, literal
    // a = memory at b + register k, or b + k; or the other way round
    case load32, load16, load8, loadSigned16, loadSigned8, store32, store16, store8
    case load32Immediate, load16Immediate, load8Immediate, store32Immediate, store16Immediate, store8Immediate
    // Registers of the list k; b is the base
    case push, pop, popReturn, loadMultiple, storeMultiple
    // Stack pointer plus k
    case adjustStackPointer
    // a = op b
    case signExtend16, signExtend8, zeroExtend16, zeroExtend8, reverse, reverse16, reverseSigned16
    // Jump to halfword k, when the condition holds; the extra cycles of a jump are in b
    case equal, notEqual, carrySet, carryClear, minus, plus, overflowSet, overflowClear, higher, lowerOrSame
    case greaterOrEqual, less, greater, lessOrEqual
    case branch, branchLink
    // Jump to the address in b
    case branchExchange, branchLinkExchange
    // k is the number of the special register
    case moveFromSpecial, moveToSpecial
    // PRIMASK becomes k
    case priorityMask
    // Nothing to do: NOP and other hints, barriers
    case nothing
    // The run ends here, before the instruction: breakpoint k, a hook of the caller
    case breakpoint, hook
    // Errors when executed
    case undefined, supervisorCall, waitForever, endlessLoop, branchOutside, outside
  }

  var code: Code
  var a: UInt8 = 0
  var b: UInt8 = 0
  /// Cycles, without those of a taken conditional branch and of waiting for the flash's data.
  var cycles: UInt8 = 1
  var immediate: UInt32 = 0
}
