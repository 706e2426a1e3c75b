/// What the instructions of a simulated program did, added up over its runs.
package struct ExecutionProfile: Equatable, Sendable {
  /// Kinds of instructions in a mix.
  package enum Group: String, CaseIterable, Sendable {
    case load, store, multiply, arithmetic, branch, other
  }

  package struct Function: Equatable, Sendable {
    package let name: String
    package let instructions: UInt64
    package let cycles: UInt64
  }

  package var instructions: UInt64 = 0
  package var cycles: UInt64 = 0
  /// Executed instructions by group.
  package var mix: [Group: UInt64] = [:]
  /// Values read from and written to memory.
  package var reads: UInt64 = 0
  package var writes: UInt64 = 0
  /// Of the reads, those from flash, literals included.
  package var flashReads: UInt64 = 0
  /// Functions that were executed, by cycles, most first.
  package var functions: [Function] = []

  package init() {}
}

extension ARMv6M {
  /// What was executed since the core was made or ``clearCounts()`` was called.
  ///
  /// - Parameter image: names the functions; code outside of all of them counts as `(no symbol)`.
  package func profile(_ image: ELFImage) -> ExecutionProfile {
    var profile = ExecutionProfile()
    var functions: [String: (instructions: UInt64, cycles: UInt64)] = [:]
    let symbols = image.symbols.filter(\.isFunction)
    var next = 0
    for index in 0..<codeCount where counts[index] > 0 {
      let operation = hooks[index] ?? operations[index]
      let count = counts[index]
      let cycles = count * UInt64(operation.cycles) + extraCycles[index]
      profile.instructions += count
      profile.cycles += cycles
      profile.mix[operation.group, default: 0] += count
      let values = UInt64(operation.transferCount)
      if operation.group == .store { profile.writes += count * values } else { profile.reads += count * values }
      let address = Int(memory.flashOrigin) + 2 * index
      while next + 1 < symbols.count, symbols[next + 1].address <= address { next += 1 }
      let isInside =
        next < symbols.count && symbols[next].address <= address
        && address - symbols[next].address < max(symbols[next].size, 2)
      let name = isInside ? ELFImage.sourceName(symbols[next].name) : "(no symbol)"
      let sum = functions[name] ?? (0, 0)
      functions[name] = (sum.instructions + count, sum.cycles + cycles)
    }
    profile.flashReads = state.flashReads
    profile.functions = functions.map {
      ExecutionProfile.Function(name: $0.key, instructions: $0.value.instructions, cycles: $0.value.cycles)
    }.sorted { ($0.cycles, $1.name) > ($1.cycles, $0.name) }
    return profile
  }

  /// Forgets what was executed so far.
  package mutating func clearCounts() {
    counts.update(repeating: 0, count: codeCount + 1)
    extraCycles.update(repeating: 0, count: codeCount + 1)
    state.flashReads = 0
  }
}

extension Operation {
  fileprivate var group: ExecutionProfile.Group {
    switch code {
    case .load32, .load16, .load8, .loadSigned16, .loadSigned8, .load32Immediate, .load16Immediate, .load8Immediate,
      .literal, .pop, .loadMultiple:
      .load
    case .store32, .store16, .store8, .store32Immediate, .store16Immediate, .store8Immediate, .push, .storeMultiple:
      .store
    case .multiply: .multiply
    case .equal, .notEqual, .carrySet, .carryClear, .minus, .plus, .overflowSet, .overflowClear, .higher, .lowerOrSame,
      .greaterOrEqual, .less, .greater, .lessOrEqual, .branch, .branchLink, .branchExchange, .branchLinkExchange,
      .moveToPC, .addToPC, .popReturn:
      .branch
    case .nothing, .priorityMask, .moveFromSpecial, .moveToSpecial, .breakpoint, .hook, .undefined, .supervisorCall,
      .waitForever, .endlessLoop, .branchOutside, .outside:
      .other
    default: .arithmetic
    }
  }

  /// Values that the operation moves between registers and memory.
  fileprivate var transferCount: Int {
    switch code {
    case .push, .pop, .popReturn, .loadMultiple, .storeMultiple: immediate.nonzeroBitCount
    default: group == .load || group == .store ? 1 : 0
    }
  }
}
