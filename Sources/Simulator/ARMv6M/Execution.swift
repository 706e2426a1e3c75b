/// The loop that executes instructions.
///
/// Written for speed: decoded operations, one switch, the state in local variables, flags computed when they are read.
/// Source of the semantics: ARM DDI 0419E, chapter A6 "Thumb Instruction Details".
extension ARMv6M {
  /// Executes instructions until ``State/cycles`` reaches `limit` or the program can't go on.
  mutating func execute(limit: UInt64) -> End {
    let r = registerFile
    let operations = operations, counts = counts, extraCycles = extraCycles
    let flash = memory.flash, flashOrigin = memory.flashOrigin, flashSize = memory.flashSize
    let ram = memory.ram, ramOrigin = memory.ramOrigin, ramSize = memory.ramSize
    let codeCount = UInt32(codeCount), stackLimit = stackLimit
    let waitStates = UInt64(wait.waitStates)
    var index = state.index
    var n = state.negative, z = state.nonZero, c = state.carry, v = state.overflow
    var cycles = state.cycles, flashReads = state.flashReads
    var lowest = state.lowestStackPointer
    var end = End.limit
    defer {
      state.index = index
      (state.negative, state.nonZero, state.carry, state.overflow) = (n, z, c, v)
      (state.cycles, state.flashReads, state.lowestStackPointer) = (cycles, flashReads, lowest)
    }

    @inline(__always) func setNZ(_ value: UInt32) {
      n = value
      z = value
    }
    @inline(__always) func addFlags(_ a: UInt32, _ b: UInt32, carry: UInt32) -> UInt32 {
      let wide = UInt64(a) &+ UInt64(b) &+ UInt64(carry)
      let result = UInt32(truncatingIfNeeded: wide)
      c = UInt32(truncatingIfNeeded: wide &>> 32)
      v = ~(a ^ b) & (a ^ result)
      setNZ(result)
      return result
    }
    @inline(__always) func subFlags(_ a: UInt32, _ b: UInt32) -> UInt32 {
      let result = a &- b
      c = a >= b ? 1 : 0
      v = (a ^ b) & (a ^ result)
      setNZ(result)
      return result
    }
    /// Where `size` bytes at `address` are; nil after a fault.
    @inline(__always) func source(_ address: UInt32, _ size: UInt32, at index: Int) -> UnsafeRawPointer? {
      guard address & (size &- 1) == 0 else {
        end = .fault(.unaligned(address: address, bytes: Int(size)))
        return nil
      }
      let offset = address &- ramOrigin
      if offset < ramSize { return UnsafeRawPointer(ram + Int(offset)) }
      let flashOffset = address &- flashOrigin
      if flashOffset < flashSize {
        flashReads &+= 1
        if waitStates != 0 {
          cycles &+= waitStates
          extraCycles[index] &+= waitStates
        }
        return UnsafeRawPointer(flash + Int(flashOffset))
      }
      end = .fault(.noMemory(address: address))
      return nil
    }
    @inline(__always) func target(_ address: UInt32, _ size: UInt32) -> UnsafeMutableRawPointer? {
      let offset = address &- ramOrigin
      if address & (size &- 1) == 0, offset < ramSize { return UnsafeMutableRawPointer(ram + Int(offset)) }
      end = .fault(
        address & (size &- 1) != 0
          ? .unaligned(address: address, bytes: Int(size))
          : address &- flashOrigin < flashSize ? .writeToFlash(address: address) : .noMemory(address: address))
      return nil
    }
    /// Notes a new stack pointer; false after a fault.
    @inline(__always) func moveStack(_ pointer: UInt32) -> Bool {
      r[13] = pointer
      if pointer < lowest {
        lowest = pointer
        if pointer < stackLimit {
          end = .fault(.stackOverflow(stackPointer: pointer, limit: stackLimit))
          return false
        }
      }
      return true
    }
    /// Jumps to an address with the Thumb bit; false after a fault.
    @inline(__always) func jump(_ address: UInt32, from: Int) -> Bool {
      let offset = address &- flashOrigin
      guard address & 1 == 1, offset >> 1 <= codeCount else {
        end = .fault(address & 1 == 1 ? .noCode(address: address) : .notThumb(address: address))
        return false
      }
      index = Int(offset >> 1)
      if waitStates != 0 {
        let waiting = UInt64(wait.jump(to: Int(address & ~1)))
        cycles &+= waiting
        extraCycles[from] &+= waiting
      }
      return true
    }

    run: while cycles < limit {
      let operation = operations[index]
      let here = index
      let a = Int(operation.a), b = Int(operation.b), k = operation.immediate
      counts[here] &+= 1
      cycles &+= UInt64(operation.cycles)
      index &+= 1
      var holds = false
      switch operation.code {
      case .lslImmediate:
        let value = r[b]
        c = value &>> (32 &- k) & 1
        r[a] = value &<< k
        setNZ(r[a])
        continue
      case .lsrImmediate:
        let value = r[b]
        c = value &>> (k &- 1) & 1
        r[a] = value >> k
        setNZ(r[a])
        continue
      case .asrImmediate:
        let value = Int32(bitPattern: r[b])
        c = UInt32(bitPattern: value &>> Int32(bitPattern: k &- 1)) & 1
        r[a] = UInt32(bitPattern: value >> k)
        setNZ(r[a])
        continue
      case .add:
        r[a] = addFlags(r[b], r[Int(k)], carry: 0)
        continue
      case .sub:
        r[a] = subFlags(r[b], r[Int(k)])
        continue
      case .addImmediate:
        r[a] = addFlags(r[b], k, carry: 0)
        continue
      case .subImmediate:
        r[a] = subFlags(r[b], k)
        continue
      case .moveImmediate:
        r[a] = k
        setNZ(k)
        continue
      case .move:
        r[a] = r[b]
        setNZ(r[a])
        continue
      case .compareImmediate:
        _ = subFlags(r[a], k)
        continue
      case .compare:
        _ = subFlags(r[a], r[b])
        continue
      case .compareNegative:
        _ = addFlags(r[a], r[b], carry: 0)
        continue
      case .test:
        setNZ(r[a] & r[b])
        continue
      case .and:
        r[a] &= r[b]
        setNZ(r[a])
        continue
      case .exclusiveOr:
        r[a] ^= r[b]
        setNZ(r[a])
        continue
      case .or:
        r[a] |= r[b]
        setNZ(r[a])
        continue
      case .bitClear:
        r[a] &= ~r[b]
        setNZ(r[a])
        continue
      case .not:
        r[a] = ~r[b]
        setNZ(r[a])
        continue
      case .negate:
        r[a] = subFlags(0, r[b])
        continue
      case .multiply:
        r[a] = r[a] &* r[b]
        setNZ(r[a])
        continue
      case .addCarry:
        r[a] = addFlags(r[a], r[b], carry: c)
        continue
      case .subCarry:
        r[a] = addFlags(r[a], ~r[b], carry: c)
        continue
      case .lsl:
        let amount = r[b] & 0xFF
        if amount > 0 {
          c = amount <= 32 ? UInt32(truncatingIfNeeded: (UInt64(r[a]) &<< UInt64(amount)) &>> 32) & 1 : 0
          r[a] = r[a] << amount
        }
        setNZ(r[a])
        continue
      case .lsr:
        let amount = r[b] & 0xFF
        if amount > 0 {
          c = r[a] >> (amount &- 1) & 1
          r[a] = r[a] >> amount
        }
        setNZ(r[a])
        continue
      case .asr:
        let amount = r[b] & 0xFF
        if amount > 0 {
          let value = Int32(bitPattern: r[a])
          c = UInt32(bitPattern: value >> (amount &- 1)) & 1
          r[a] = UInt32(bitPattern: value >> amount)
        }
        setNZ(r[a])
        continue
      case .rotate:
        let amount = r[b] & 0xFF
        if amount > 0 {
          r[a] = r[a] &>> (amount & 31) | r[a] &<< (32 &- (amount & 31))
          c = r[a] &>> 31
        }
        setNZ(r[a])
        continue
      case .addHigh:
        r[a] = r[a] &+ r[b]
        continue
      case .moveHigh:
        r[a] = r[b]
        continue
      case .addImmediateHigh:
        r[a] = r[b] &+ k
        continue
      case .constant:
        r[a] = k
        continue
      case .literal:
        r[a] = k
        flashReads &+= 1
        continue
      case .moveToStackPointer: if moveStack(r[b] & ~3) { continue }
      case .addToStackPointer: if moveStack((r[13] &+ r[b]) & ~3) { continue }
      case .adjustStackPointer: if moveStack(r[13] &+ k) { continue }
      case .moveToPC: if jump(r[b] | 1, from: here) { continue }
      case .addToPC: if jump((k &+ r[b]) | 1, from: here) { continue }
      case .load32:
        if let from = source(r[b] &+ r[Int(k)], 4, at: here) {
          r[a] = from.load(as: UInt32.self)
          continue
        }
      case .load16:
        if let from = source(r[b] &+ r[Int(k)], 2, at: here) {
          r[a] = UInt32(from.load(as: UInt16.self))
          continue
        }
      case .load8:
        if let from = source(r[b] &+ r[Int(k)], 1, at: here) {
          r[a] = UInt32(from.load(as: UInt8.self))
          continue
        }
      case .loadSigned16:
        if let from = source(r[b] &+ r[Int(k)], 2, at: here) {
          r[a] = UInt32(bitPattern: Int32(from.load(as: Int16.self)))
          continue
        }
      case .loadSigned8:
        if let from = source(r[b] &+ r[Int(k)], 1, at: here) {
          r[a] = UInt32(bitPattern: Int32(from.load(as: Int8.self)))
          continue
        }
      case .load32Immediate:
        if let from = source(r[b] &+ k, 4, at: here) {
          r[a] = from.load(as: UInt32.self)
          continue
        }
      case .load16Immediate:
        if let from = source(r[b] &+ k, 2, at: here) {
          r[a] = UInt32(from.load(as: UInt16.self))
          continue
        }
      case .load8Immediate:
        if let from = source(r[b] &+ k, 1, at: here) {
          r[a] = UInt32(from.load(as: UInt8.self))
          continue
        }
      case .store32:
        if let to = target(r[b] &+ r[Int(k)], 4) {
          to.storeBytes(of: r[a], as: UInt32.self)
          continue
        }
      case .store16:
        if let to = target(r[b] &+ r[Int(k)], 2) {
          to.storeBytes(of: UInt16(truncatingIfNeeded: r[a]), as: UInt16.self)
          continue
        }
      case .store8:
        if let to = target(r[b] &+ r[Int(k)], 1) {
          to.storeBytes(of: UInt8(truncatingIfNeeded: r[a]), as: UInt8.self)
          continue
        }
      case .store32Immediate:
        if let to = target(r[b] &+ k, 4) {
          to.storeBytes(of: r[a], as: UInt32.self)
          continue
        }
      case .store16Immediate:
        if let to = target(r[b] &+ k, 2) {
          to.storeBytes(of: UInt16(truncatingIfNeeded: r[a]), as: UInt16.self)
          continue
        }
      case .store8Immediate:
        if let to = target(r[b] &+ k, 1) {
          to.storeBytes(of: UInt8(truncatingIfNeeded: r[a]), as: UInt8.self)
          continue
        }
      case .push, .storeMultiple:
        let isPush = operation.code == .push
        let start = isPush ? r[13] &- UInt32(4 &* k.nonzeroBitCount) : r[b]
        if isPush && !moveStack(start) { break }
        var address = start
        var list = k
        var isComplete = true
        while list != 0 {
          guard let to = target(address, 4) else {
            isComplete = false
            break
          }
          to.storeBytes(of: r[list.trailingZeroBitCount], as: UInt32.self)
          list &= list &- 1
          address = address &+ 4
        }
        if isComplete {
          if !isPush { r[b] = address }
          continue
        }
      case .pop, .popReturn, .loadMultiple:
        var address = r[b]
        var list = k
        var isComplete = true
        // A base that is in the list keeps the loaded value.
        let keepsBase = operation.code == .loadMultiple && k & (1 << UInt32(b)) != 0
        while list != 0 {
          guard let from = source(address, 4, at: here) else {
            isComplete = false
            break
          }
          r[list.trailingZeroBitCount] = from.load(as: UInt32.self)
          list &= list &- 1
          address = address &+ 4
        }
        if isComplete {
          if !keepsBase { r[b] = address }
          if operation.code != .popReturn || jump(r[15], from: here) { continue }
        }
      case .signExtend16:
        r[a] = UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: r[b])))
        continue
      case .signExtend8:
        r[a] = UInt32(bitPattern: Int32(Int8(truncatingIfNeeded: r[b])))
        continue
      case .zeroExtend16:
        r[a] = r[b] & 0xFFFF
        continue
      case .zeroExtend8:
        r[a] = r[b] & 0xFF
        continue
      case .reverse:
        r[a] = r[b].byteSwapped
        continue
      case .reverse16:
        r[a] = r[b] &>> 8 & 0x00FF_00FF | (r[b] & 0x00FF_00FF) &<< 8
        continue
      case .reverseSigned16:
        r[a] = UInt32(bitPattern: Int32(Int16(truncatingIfNeeded: r[b]).byteSwapped))
        continue
      case .equal: holds = z == 0
      case .notEqual: holds = z != 0
      case .carrySet: holds = c != 0
      case .carryClear: holds = c == 0
      case .minus: holds = n &>> 31 != 0
      case .plus: holds = n &>> 31 == 0
      case .overflowSet: holds = v &>> 31 != 0
      case .overflowClear: holds = v &>> 31 == 0
      case .higher: holds = c != 0 && z != 0
      case .lowerOrSame: holds = c == 0 || z == 0
      case .greaterOrEqual: holds = (n ^ v) &>> 31 == 0
      case .less: holds = (n ^ v) &>> 31 != 0
      case .greater: holds = z != 0 && (n ^ v) &>> 31 == 0
      case .lessOrEqual: holds = z == 0 || (n ^ v) &>> 31 != 0
      case .branch:
        index = Int(k)
        continue
      case .branchLink:
        r[14] = flashOrigin &+ UInt32(truncatingIfNeeded: 2 &* index &+ 2) | 1
        index = Int(k)
        continue
      case .branchExchange: if jump(r[b], from: here) { continue }
      case .branchLinkExchange:
        let address = r[b]
        if jump(address, from: here) {
          r[14] = flashOrigin &+ UInt32(truncatingIfNeeded: 2 &* here &+ 2) | 1
          continue
        }
      case .nothing:
        index &+= a
        continue
      case .priorityMask:
        state.priorityMask = k
        continue
      case .moveFromSpecial, .moveToSpecial:
        state.cycles = cycles
        (state.negative, state.nonZero, state.carry, state.overflow) = (n, z, c, v)
        if operation.code == .moveFromSpecial {
          r[a] = special(k)
        } else {
          setSpecial(k, r[b])
          lowest = min(lowest, r[13])
        }
        (n, z, c, v) = (state.negative, state.nonZero, state.carry, state.overflow)
        index &+= 1
        continue
      case .breakpoint: end = .breakpoint(UInt8(truncatingIfNeeded: k))
      case .hook: end = .hook
      case .undefined: end = .fault(.undefinedInstruction(bits: k == 0 ? UInt32(halfword(at: here)) : k))
      case .supervisorCall: end = .fault(.supervisorCall)
      case .waitForever: end = .fault(.waitForever)
      case .endlessLoop: end = .fault(.endlessLoop)
      case .branchOutside: end = .fault(.noCode(address: k))
      case .outside: end = .fault(.noMemory(address: k))
      }
      // Conditional branches come here, and every instruction that ends the run.
      if holds {
        let extra = UInt64(b)
        cycles &+= extra
        extraCycles[here] &+= extra
        index = Int(k)
        continue
      }
      if case .limit = end { continue }
      // An instruction that ends the run was not executed.
      index = here
      counts[here] &-= 1
      cycles &-= UInt64(operation.cycles)
      break run
    }
    return end
  }

  private func halfword(at index: Int) -> UInt16 {
    UInt16(memory.flash[2 * index]) | UInt16(memory.flash[2 * index + 1]) << 8
  }
}
