/// Cycles between entry and return of chosen functions of a program, and how deep the stack goes below one of them.
///
/// The functions are not called by each other, but for the outermost one, which calls all of them, some of them several times:
/// the run function of a network and its layers. Nothing is added to the program: the core stops at the functions' addresses.
package struct RegionTrace: Sendable {
  /// One run of the outermost function.
  package struct Run: Equatable, Sendable {
    package var cycles: UInt64 = 0
    /// Bytes of stack that the function takes, with everything that it calls.
    package var stack = 0
    /// By region.
    package var regions: [UInt64]
  }

  private struct Frame {
    let region: Int
    let returnAddress: UInt32
    let stackPointer: UInt32
    let cycles: UInt64
  }

  package private(set) var runs: [Run] = []
  private let outermost: UInt32
  /// Entry of each region; linkers may give several the same address, which are then entered in their order.
  private let entries: [UInt32]
  private var runFrame: Frame?
  private var frame: Frame?
  private var current: Run
  private var next = 0

  package init(outermost: UInt32, entries: [UInt32], on core: inout ARMv6M) {
    self.outermost = outermost
    self.entries = entries
    current = Run(regions: Array(repeating: 0, count: entries.count))
    core.addHook(at: outermost)
    for entry in entries { core.addHook(at: entry) }
  }

  /// The region that is executed now.
  package var activeRegion: Int? { frame?.region }

  /// No run of the outermost function has begun that has not returned.
  package var isIdle: Bool { runFrame == nil }

  /// Takes notice that the core stands before the instruction at one of the hooks.
  package mutating func reach(_ address: UInt32, on core: inout ARMv6M) {
    // Returns before entries: the last region may return for the outermost function too.
    if let active = frame, active.returnAddress == address, core[13] >= active.stackPointer {
      current.regions[active.region] += core.cycles - active.cycles
      frame = nil
      release(address, on: &core)
    }
    if let active = runFrame, active.returnAddress == address, core[13] >= active.stackPointer {
      current.cycles = core.cycles - active.cycles
      current.stack = Int(active.stackPointer &- core.lowestStackPointer)
      runs.append(current)
      runFrame = nil
      release(address, on: &core)
    }
    if address == outermost, runFrame == nil {
      core.forgetStack()
      runFrame = enter(-1, on: &core)
      current = Run(regions: Array(repeating: 0, count: entries.count))
      next = 0
    } else if runFrame != nil, frame == nil,
      let region = entries[next...].firstIndex(of: address) ?? entries.firstIndex(of: address)
    {
      frame = enter(region, on: &core)
      next = region + 1
    }
  }

  private func enter(_ region: Int, on core: inout ARMv6M) -> Frame {
    let frame = Frame(
      region: region, returnAddress: core[14] & ~1, stackPointer: core[13], cycles: core.cycles)
    core.addHook(at: frame.returnAddress)
    return frame
  }

  /// Takes the hook of a return away, unless somebody else needs it.
  private func release(_ address: UInt32, on core: inout ARMv6M) {
    let isNeeded =
      address == outermost || entries.contains(address) || runFrame?.returnAddress == address
      || frame?.returnAddress == address
    if !isNeeded { core.removeHook(at: address) }
  }
}
