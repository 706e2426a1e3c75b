/// How many cycles instructions take on a core of the ARMv6-M architecture.
package struct CycleTable: Equatable, Sendable {
  /// Taken branch: B, BX, BLX, and writes of the program counter by MOV and ADD.
  package let branch: Int
  package let branchLink: Int
  /// POP that returns, beside one cycle for each register.
  package let popReturn: Int
  /// MRS, MSR and the barriers.
  package let special: Int
  /// MULS; 1 or 32, as the maker of the chip chose.
  package let multiply: Int
  /// Loads and stores of single values; LDM, STM, PUSH and POP take 1 less and one more for each register.
  package let memory = 2

  /// Cortex-M0: ARM DDI 0432C, table 3-1.
  package static func cortexM0(multiply: Int) -> CycleTable {
    CycleTable(branch: 3, branchLink: 4, popReturn: 4, special: 4, multiply: multiply)
  }

  /// Cortex-M0+: ARM DDI 0484C, table 3-1.
  package static func cortexM0Plus(multiply: Int) -> CycleTable {
    CycleTable(branch: 2, branchLink: 3, popReturn: 3, special: 3, multiply: multiply)
  }
}

/// The flash that a core reads its instructions and constants from.
///
/// The model: the core fetches aligned words. Without a prefetch buffer each fetch waits. With one, a fetch of the next word
/// waits one cycle less than the flash does, and the first fetch after a jump waits for all of it. Data that is read
/// from flash always waits. Caches are not modelled.
package struct FlashTiming: Equatable, Sendable {
  package let waitStates: Int
  package let hasPrefetch: Bool

  package init(waitStates: Int, hasPrefetch: Bool) {
    self.waitStates = waitStates
    self.hasPrefetch = hasPrefetch
  }

  package static let zeroWait = FlashTiming(waitStates: 0, hasPrefetch: false)

  /// Cycles that the fetch of the next word in order waits.
  var sequentialFetch: Int { hasPrefetch ? max(0, waitStates - 1) : waitStates }

  /// Cycles that an instruction of `halfwords` at `address` waits when the one before it was executed before it.
  func fetch(address: Int, halfwords: Int) -> Int {
    address % 4 == 0 || halfwords == 2 ? sequentialFetch : 0
  }

  /// Cycles that a jump to `target` waits, beside those that `fetch` counts for the instruction there.
  func jump(to target: Int) -> Int {
    target % 4 == 0 ? waitStates - sequentialFetch : waitStates
  }
}
