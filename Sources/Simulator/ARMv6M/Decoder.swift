/// Decodes instructions of the ARMv6-M architecture.
///
/// Source: ARMv6-M Architecture Reference Manual, ARM DDI 0419E, chapter A5 "The Thumb Instruction Set Encoding".
struct Decoder {
  let flash: UnsafePointer<UInt8>
  let origin: UInt32
  /// Number of halfwords that may hold code.
  let count: Int
  let timing: CycleTable
  let wait: FlashTiming

  private func halfword(_ index: Int) -> UInt32 {
    index < count ? UInt32(flash[2 * index]) | UInt32(flash[2 * index + 1]) << 8 : 0xDEFF
  }

  /// The instruction at halfword `index`.
  func decode(_ index: Int) -> Operation {
    let bits = halfword(index)
    let is32 = bits >> 11 >= 0b11101
    var operation = is32 ? decode32(bits, halfword(index + 1), index) : decode16(bits, index)
    let address = Int(origin) + 2 * index
    operation.cycles += UInt8(wait.fetch(address: address, halfwords: is32 ? 2 : 1))
    return operation
  }

  private func decode16(_ bits: UInt32, _ index: Int) -> Operation {
    switch bits >> 12 {
    case 0, 1: shiftsAndAdds(bits)
    case 2, 3: immediates(bits)
    case 4:
      bits >> 11 & 1 == 1
        ? literal(bits, index) : bits >> 10 & 1 == 0 ? arithmetic(bits) : highRegisters(bits, index)
    case 5: registerOffset(bits)
    case 6: immediateOffset(bits, bits >> 11 & 1 == 1 ? .load32Immediate : .store32Immediate, scale: 2)
    case 7: immediateOffset(bits, bits >> 11 & 1 == 1 ? .load8Immediate : .store8Immediate, scale: 0)
    case 8: immediateOffset(bits, bits >> 11 & 1 == 1 ? .load16Immediate : .store16Immediate, scale: 1)
    case 9:
      Operation(
        code: bits >> 11 & 1 == 1 ? .load32Immediate : .store32Immediate, a: UInt8(bits >> 8 & 7), b: 13,
        cycles: UInt8(timing.memory), immediate: (bits & 0xFF) << 2)
    case 10: addressOf(bits, index)
    case 11: miscellaneous(bits)
    case 12: multiple(bits)
    case 13: conditionalBranch(bits, index)
    default: branch(index, offset: signed(bits & 0x7FF, bits: 11) * 2, .branch, cycles: timing.branch)
    }
  }

  private func low(_ bits: UInt32, _ position: UInt32) -> UInt8 { UInt8(bits >> position & 7) }

  private func signed(_ value: UInt32, bits: UInt32) -> Int {
    Int(Int32(bitPattern: value << (32 - bits)) >> Int32(32 - bits))
  }

  /// The address that an instruction reads as its own: two halfwords further.
  private func programCounter(_ index: Int) -> UInt32 { origin &+ UInt32(2 * index + 4) }

  private func shiftsAndAdds(_ bits: UInt32) -> Operation {
    let (a, b, amount) = (low(bits, 0), low(bits, 3), bits >> 6 & 31)
    switch bits >> 11 & 3 {
    case 0:
      return Operation(code: amount == 0 ? .move : .lslImmediate, a: a, b: b, immediate: amount)
    case 1: return Operation(code: .lsrImmediate, a: a, b: b, immediate: amount == 0 ? 32 : amount)
    case 2: return Operation(code: .asrImmediate, a: a, b: b, immediate: amount == 0 ? 32 : amount)
    default:
      let codes: [Operation.Code] = [.add, .sub, .addImmediate, .subImmediate]
      return Operation(code: codes[Int(bits >> 9 & 3)], a: a, b: b, immediate: bits >> 6 & 7)
    }
  }

  private func immediates(_ bits: UInt32) -> Operation {
    let codes: [Operation.Code] = [.moveImmediate, .compareImmediate, .addImmediate, .subImmediate]
    let register = low(bits, 8)
    return Operation(code: codes[Int(bits >> 11 & 3)], a: register, b: register, immediate: bits & 0xFF)
  }

  private func arithmetic(_ bits: UInt32) -> Operation {
    let codes: [Operation.Code] = [
      .and, .exclusiveOr, .lsl, .lsr, .asr, .addCarry, .subCarry, .rotate,
      .test, .negate, .compare, .compareNegative, .or, .multiply, .bitClear, .not,
    ]
    let code = codes[Int(bits >> 6 & 15)]
    return Operation(
      code: code, a: low(bits, 0), b: low(bits, 3), cycles: UInt8(code == .multiply ? timing.multiply : 1))
  }

  private func highRegisters(_ bits: UInt32, _ index: Int) -> Operation {
    let b = UInt8(bits >> 3 & 15)
    let a = UInt8(bits & 7 | bits >> 4 & 8)
    let jump = UInt8(timing.branch)
    switch bits >> 8 & 3 {
    case 0:
      if b == 15 {
        guard a != 15 else { return Operation(code: .undefined) }
        return a == 13
          ? Operation(code: .undefined)
          : Operation(code: .addImmediateHigh, a: a, b: a, immediate: programCounter(index))
      }
      if a == 15 { return Operation(code: .addToPC, b: b, cycles: jump, immediate: programCounter(index)) }
      return Operation(code: a == 13 ? .addToStackPointer : .addHigh, a: a, b: b)
    case 1:
      return a == 15 || b == 15 ? Operation(code: .undefined) : Operation(code: .compare, a: a, b: b)
    case 2:
      if a == 15 {
        return b == 15
          ? branch(index, offset: 0, .branch, cycles: timing.branch) : Operation(code: .moveToPC, b: b, cycles: jump)
      }
      if b == 15 {
        return a == 13
          ? Operation(code: .undefined) : Operation(code: .constant, a: a, immediate: programCounter(index))
      }
      return Operation(code: a == 13 ? .moveToStackPointer : .moveHigh, a: a, b: b)
    default:
      guard b != 15, bits & 7 == 0 else { return Operation(code: .undefined) }
      return Operation(code: bits >> 7 & 1 == 1 ? .branchLinkExchange : .branchExchange, b: b, cycles: jump)
    }
  }

  private func literal(_ bits: UInt32, _ index: Int) -> Operation {
    let address = programCounter(index) & ~3 &+ (bits & 0xFF) << 2
    let offset = Int(address &- origin)
    guard offset / 2 + 1 < count else { return Operation(code: .outside, immediate: address) }
    let value = halfword(offset / 2) | halfword(offset / 2 + 1) << 16
    return Operation(
      code: .literal, a: low(bits, 8), cycles: UInt8(timing.memory + wait.waitStates), immediate: value)
  }

  private func registerOffset(_ bits: UInt32) -> Operation {
    let codes: [Operation.Code] = [
      .store32, .store16, .store8, .loadSigned8, .load32, .load16, .load8, .loadSigned16,
    ]
    return Operation(
      code: codes[Int(bits >> 9 & 7)], a: low(bits, 0), b: low(bits, 3), cycles: UInt8(timing.memory),
      immediate: bits >> 6 & 7)
  }

  private func immediateOffset(_ bits: UInt32, _ code: Operation.Code, scale: UInt32) -> Operation {
    Operation(
      code: code, a: low(bits, 0), b: low(bits, 3), cycles: UInt8(timing.memory), immediate: (bits >> 6 & 31) << scale)
  }

  private func addressOf(_ bits: UInt32, _ index: Int) -> Operation {
    let offset = (bits & 0xFF) << 2
    return bits >> 11 & 1 == 0
      ? Operation(code: .constant, a: low(bits, 8), immediate: programCounter(index) & ~3 &+ offset)
      : Operation(code: .addImmediateHigh, a: low(bits, 8), b: 13, immediate: offset)
  }

  private func miscellaneous(_ bits: UInt32) -> Operation {
    let (a, b) = (low(bits, 0), low(bits, 3))
    switch bits >> 8 & 15 {
    case 0:
      let offset = (bits & 0x7F) << 2
      return Operation(
        code: .adjustStackPointer, immediate: bits >> 7 & 1 == 0 ? offset : 0 &- offset)
    case 2:
      let codes: [Operation.Code] = [.signExtend16, .signExtend8, .zeroExtend16, .zeroExtend8]
      return Operation(code: codes[Int(bits >> 6 & 3)], a: a, b: b)
    case 4, 5:
      let list = bits & 0xFF | (bits >> 8 & 1) << 14
      return transfer(.push, base: 13, list)
    case 6 where bits & 0xFFEF == 0xB662: return Operation(code: .priorityMask, immediate: bits >> 4 & 1)
    case 10:
      let codes: [Operation.Code] = [.reverse, .reverse16, .undefined, .reverseSigned16]
      return Operation(code: codes[Int(bits >> 6 & 3)], a: a, b: b)
    case 12: return transfer(.pop, base: 13, bits & 0xFF)
    case 13: return transfer(.popReturn, base: 13, bits & 0xFF | 1 << 15)
    case 14: return Operation(code: .breakpoint, immediate: bits & 0xFF)
    case 15:
      // NOP, YIELD and SEV; WFE and WFI wait for an event that never comes.
      switch bits & 0xFF {
      case 0x00, 0x10, 0x40: return Operation(code: .nothing)
      case 0x20, 0x30: return Operation(code: .waitForever, cycles: 2)
      default: return Operation(code: .undefined)
      }
    default: return Operation(code: .undefined)
    }
  }

  private func multiple(_ bits: UInt32) -> Operation {
    transfer(bits >> 11 & 1 == 1 ? .loadMultiple : .storeMultiple, base: low(bits, 8), bits & 0xFF)
  }

  private func transfer(_ code: Operation.Code, base: UInt8, _ list: UInt32) -> Operation {
    // An empty list has no meaning.
    guard list != 0 else { return Operation(code: .undefined) }
    let fixed = code == .popReturn ? timing.popReturn : 1
    return Operation(code: code, b: base, cycles: UInt8(fixed + list.nonzeroBitCount), immediate: list)
  }

  private func conditionalBranch(_ bits: UInt32, _ index: Int) -> Operation {
    let codes: [Operation.Code] = [
      .equal, .notEqual, .carrySet, .carryClear, .minus, .plus, .overflowSet, .overflowClear, .higher, .lowerOrSame,
      .greaterOrEqual, .less, .greater, .lessOrEqual, .undefined, .supervisorCall,
    ]
    let code = codes[Int(bits >> 8 & 15)]
    guard code != .undefined, code != .supervisorCall else { return Operation(code: code, immediate: bits) }
    return branch(index, offset: signed(bits & 0xFF, bits: 8) * 2, code, cycles: 1)
  }

  /// A jump from `index` by `offset` bytes from its program counter.
  private func branch(_ index: Int, offset: Int, _ code: Operation.Code, cycles: Int) -> Operation {
    let target = index + 2 + offset / 2
    guard (0..<count).contains(target) else {
      return Operation(code: .branchOutside, immediate: origin &+ UInt32(truncatingIfNeeded: 2 * target))
    }
    guard target != index || code != .branch else { return Operation(code: .endlessLoop) }
    let waiting = wait.jump(to: Int(origin) + 2 * target)
    // Unconditional jumps always take the extra cycles; those of conditional ones are kept apart.
    let isConditional = code != .branch && code != .branchLink
    return Operation(
      code: code, b: isConditional ? UInt8(timing.branch - 1 + waiting) : 0,
      cycles: UInt8(cycles + (isConditional ? 0 : waiting)), immediate: UInt32(target))
  }

  private func decode32(_ first: UInt32, _ second: UInt32, _ index: Int) -> Operation {
    if first >> 11 == 0b11110, second >> 14 == 0b11, second >> 12 & 1 == 1 {
      let sign = first >> 10 & 1
      let (i1, i2) = (~(second >> 13 ^ sign) & 1, ~(second >> 11 ^ sign) & 1)
      let offset = sign << 24 | i1 << 23 | i2 << 22 | (first & 0x3FF) << 12 | (second & 0x7FF) << 1
      return branch(index, offset: signed(offset, bits: 25), .branchLink, cycles: timing.branchLink)
    }
    let special = UInt8(timing.special)
    if first & 0xFFF0 == 0xF380, second & 0xFF00 == 0x8800 {
      return Operation(code: .moveToSpecial, b: UInt8(first & 15), cycles: special, immediate: second & 0xFF)
    }
    if first == 0xF3EF, second & 0xF000 == 0x8000 {
      return Operation(code: .moveFromSpecial, a: UInt8(second >> 8 & 15), cycles: special, immediate: second & 0xFF)
    }
    // DSB, DMB, ISB
    if first == 0xF3BF, second & 0xFF00 == 0x8F00, [4, 5, 6].contains(second >> 4 & 15) {
      return Operation(code: .nothing, a: 1, cycles: special)
    }
    return Operation(code: .undefined, immediate: first << 16 | second)
  }
}
