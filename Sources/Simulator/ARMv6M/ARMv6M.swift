package import Support

/// A simulated core of the ARMv6-M architecture (Cortex-M0, M0+) with flash and RAM: exact in its results, and in its
/// cycles as far as the manuals' tables and ``FlashTiming`` go.
///
/// Exceptions, peripherals and code in RAM are not simulated.
package struct ARMv6M: ~Copyable {
  /// Why a run has ended without an error.
  package enum Stop: Equatable, Sendable {
    /// Before a breakpoint instruction with this number; ``skipBreakpoint()`` goes past it.
    case breakpoint(UInt8)
    /// Before the instruction at the address of a hook; the next run executes it.
    case hook(UInt32)
  }

  let memory: MemoryMap
  /// Decoded flash. The operation behind the last one is a hook, ``exitAddress``.
  let operations: UnsafeMutablePointer<Operation>
  /// How often each operation was executed.
  let counts: UnsafeMutablePointer<UInt64>
  /// Cycles of each operation beside those of ``Operation/cycles``: taken branches, waiting for data.
  let extraCycles: UnsafeMutablePointer<UInt64>
  /// Number of halfwords that may hold code.
  let codeCount: Int
  let timing: CycleTable
  let wait: FlashTiming

  let registerFile: UnsafeMutablePointer<UInt32>
  var state = State()
  /// The operations that hooks stand for, by index.
  private(set) var hooks: [Int: Operation] = [:]

  /// Registers beside r0 to r14, and what a run counts.
  struct State {
    /// Index of the next operation.
    var index = 0
    /// Bit 31 is the flag N.
    var negative: UInt32 = 0
    /// 0 when the flag Z is set.
    var nonZero: UInt32 = 1
    /// 0 or 1.
    var carry: UInt32 = 0
    /// Bit 31 is the flag V.
    var overflow: UInt32 = 0
    var cycles: UInt64 = 0
    var flashReads: UInt64 = 0
    var lowestStackPointer = UInt32.max
    /// PSP while the main stack pointer is r13, and the other way round.
    var otherStackPointer: UInt32 = 0
    var priorityMask: UInt32 = 0
    var control: UInt32 = 0
  }

  /// Below this address a stack pointer is an error; 0 for no limit.
  package var stackLimit: UInt32 = 0

  /// A core after its reset, with `image` in its memories.
  package init(
    _ image: ELFImage, flash: MemoryRange, ram: MemoryRange, timing: CycleTable, wait: FlashTiming = .zeroWait
  ) throws(Diagnostic) {
    let memory = MemoryMap(flash: flash, ram: ram)
    self.memory = memory
    self.timing = timing
    self.wait = wait
    var end = 0
    var unplaced: ELFImage.Segment?
    for segment in image.segments {
      if let address = UInt32(exactly: segment.address),
        let target = memory.pointer(address, size: segment.bytes.count)
      {
        for (offset, byte) in segment.bytes.enumerated() { target[offset] = byte }
        let offset = address &- memory.flashOrigin
        if offset < memory.flashSize { end = max(end, Int(offset) + segment.bytes.count) }
      } else {
        unplaced = segment
      }
    }
    let count = (end + 3) / 4 * 2
    codeCount = count
    operations = .allocate(capacity: count + 1)
    counts = .allocate(capacity: count + 1)
    extraCycles = .allocate(capacity: count + 1)
    registerFile = .allocate(capacity: 16)
    counts.initialize(repeating: 0, count: count + 1)
    extraCycles.initialize(repeating: 0, count: count + 1)
    registerFile.initialize(repeating: 0, count: 16)
    operations.initialize(repeating: Operation(code: .hook), count: count + 1)
    let decoder = Decoder(
      flash: memory.flash, origin: memory.flashOrigin, count: count, timing: timing, wait: wait)
    for index in 0..<count { operations[index] = decoder.decode(index) }
    if let unplaced {
      throw Diagnostic(
        "simulator.load",
        "\(unplaced.bytes.count) bytes at 0x\(String(unplaced.address, radix: 16)) are in no memory of the chip")
    }
    // The vector table: stack pointer and first instruction after a reset.
    if count >= 4 {
      registerFile[13] = word(at: memory.flashOrigin) ?? 0
      programCounter = word(at: memory.flashOrigin &+ 4) ?? 0
    }
  }

  deinit {
    memory.free()
    operations.deallocate()
    counts.deallocate()
    extraCycles.deallocate()
    registerFile.deallocate()
  }

  // MARK: registers and memory

  /// Registers 0 to 14.
  package subscript(register: Int) -> UInt32 {
    get { registerFile[register & 15] }
    set {
      registerFile[register & 15] = newValue
      if register == 13 { state.lowestStackPointer = min(state.lowestStackPointer, newValue) }
    }
  }

  /// The address of the next instruction; bit 0 of a new value is ignored.
  package var programCounter: UInt32 {
    get { memory.flashOrigin &+ UInt32(2 * state.index) }
    set { state.index = min(Int((newValue &- memory.flashOrigin) / 2), codeCount) }
  }

  /// A return to this address, which is behind all code, ends the run with a hook.
  package var exitAddress: UInt32 { memory.flashOrigin &+ UInt32(2 * codeCount) }

  /// N, Z, C, V in bits 31 to 28.
  package var flags: UInt32 {
    get {
      state.negative & 1 << 31 | (state.nonZero == 0 ? 1 << 30 : 0) | state.carry << 29 | (state.overflow >> 31) << 28
    }
    set {
      state.negative = newValue
      state.nonZero = ~newValue & 1 << 30
      state.carry = newValue >> 29 & 1
      state.overflow = newValue << 3
    }
  }

  package var cycles: UInt64 { state.cycles }

  /// The lowest value of the stack pointer since ``forgetStack()``.
  package var lowestStackPointer: UInt32 { min(state.lowestStackPointer, registerFile[13]) }

  package mutating func forgetStack() { state.lowestStackPointer = registerFile[13] }

  /// The bytes at `address`; nil when they are not all in one memory.
  package func bytes(at address: UInt32, count: Int) -> [UInt8]? {
    memory.pointer(address, size: count).map { Array(UnsafeBufferPointer(start: $0, count: count)) }
  }

  /// Writes to a memory, false when it is not all in one.
  package mutating func write(_ bytes: [UInt8], at address: UInt32) -> Bool {
    guard let target = memory.pointer(address, size: bytes.count) else { return false }
    for (offset, byte) in bytes.enumerated() { target[offset] = byte }
    return true
  }

  package func word(at address: UInt32) -> UInt32? {
    bytes(at: address, count: 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
  }

  // MARK: running

  /// Lets every run end before the instruction at `address`.
  package mutating func addHook(at address: UInt32) {
    let index = Int((address &- memory.flashOrigin) / 2)
    guard index < codeCount, hooks[index] == nil else { return }
    hooks[index] = operations[index]
    operations[index] = Operation(code: .hook)
  }

  package mutating func removeHook(at address: UInt32) {
    let index = Int((address &- memory.flashOrigin) / 2)
    guard let operation = hooks.removeValue(forKey: index) else { return }
    operations[index] = operation
  }

  /// Goes past the breakpoint that has ended the run.
  package mutating func skipBreakpoint() { state.index = min(state.index + 1, codeCount) }

  /// Runs until something stops the program.
  ///
  /// - Parameter limit: value of ``cycles`` at which the program counts as running wild.
  package mutating func run(limit: UInt64) throws(Fault) -> Stop {
    // A run that ended at a hook goes on with the instruction there.
    let index = state.index
    if let operation = hooks[index] {
      operations[index] = operation
      let end = execute(limit: state.cycles + 1)
      operations[index] = Operation(code: .hook)
      if let stop = try outcome(end, limit: limit) { return stop }
    }
    return try outcome(execute(limit: limit), limit: limit) ?? .hook(programCounter)
  }

  /// Executes one instruction.
  package mutating func step() throws(Fault) -> Stop? { try outcome(execute(limit: state.cycles + 1), limit: .max) }

  private func outcome(_ end: End, limit: UInt64) throws(Fault) -> Stop? {
    switch end {
    case .limit:
      guard state.cycles >= limit else { return nil }
      throw Fault(kind: .tooManyCycles(limit: limit), programCounter: programCounter)
    case .breakpoint(let number): return .breakpoint(number)
    case .hook: return .hook(programCounter)
    case .fault(let kind): throw Fault(kind: kind, programCounter: programCounter)
    }
  }

  /// Why ``execute(limit:)`` has ended.
  enum End {
    case limit
    case breakpoint(UInt8)
    case hook
    case fault(Fault.Kind)
  }
}
