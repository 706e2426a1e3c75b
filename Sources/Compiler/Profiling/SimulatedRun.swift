import Machine
import Simulator
import Support

/// One run of a test program on the simulated core.
struct SimulatedRun {
  /// Of the first inference.
  let trace: RegionTrace.Run
  let output: [UInt8]
  let execution: ExecutionProfile

  /// Runs until the program ends.
  ///
  /// - Parameters:
  ///   - input: content of the file that the program reads.
  ///   - outermost, regions: names of the functions whose cycles are counted.
  ///   - limit: cycles after which the program counts as running wild.
  ///   - place: describes a region in messages.
  init(
    _ image: ELFImage, core description: Machine.ARMv6MCore, board: Machine.Board, input: [UInt8], outermost: String,
    regions: [String], limit: UInt64, place: (Int) -> String
  ) throws(Diagnostic) {
    var core = try ARMv6M(
      image, flash: MemoryRange(board.flash), ram: MemoryRange(board.ram), timing: description.cycleTable,
      wait: FlashTiming(
        waitStates: description.timing.waitStates, hasPrefetch: description.timing.hasPrefetch))
    core.stackLimit = UInt32(truncatingIfNeeded: try image.address(of: "bss_end"))
    var entries: [UInt32] = []
    for region in regions { entries.append(UInt32(truncatingIfNeeded: try image.address(ofFunction: region))) }
    var trace = RegionTrace(
      outermost: UInt32(truncatingIfNeeded: try image.address(ofFunction: outermost)), entries: entries, on: &core)
    var host = Semihosting(input: input)
    var execution = ExecutionProfile()
    do throws(Fault) {
      running: while true {
        switch try core.run(limit: limit) {
        case .hook(let address):
          let isEntry = trace.runs.isEmpty && trace.isIdle
          if isEntry { core.clearCounts() }
          trace.reach(address, on: &core)
          // The instructions of the first inference, without those around it.
          if trace.runs.count == 1, execution.instructions == 0 { execution = core.profile(image) }
        case .breakpoint(let number):
          guard number == Semihosting.breakpoint, host.serve(&core) else {
            throw Fault(kind: .undefinedInstruction(bits: 0xBE00 | UInt32(number)), programCounter: core.programCounter)
          }
          if host.exitReason != nil { break running }
          core.skipBreakpoint()
        }
      }
    } catch {
      throw Self.diagnostic(error, image, trace.activeRegion.map(place))
    }
    guard host.exitReason == Semihosting.applicationExit, let first = trace.runs.first else {
      throw Diagnostic("simulator.end", .externalProgram, "the simulated program has ended by itself with an error")
    }
    (self.trace, output, self.execution) = (first, host.output, execution)
  }

  private static func diagnostic(_ fault: Fault, _ image: ELFImage, _ place: String?) -> Diagnostic {
    let address = Int(fault.programCounter)
    var at = "PC 0x" + String(address, radix: 16)
    if let function = image.function(at: address) {
      at += ", \(ELFImage.sourceName(function.name))+\(address - function.address)"
    }
    if let place { at += ", \(place)" }
    return Diagnostic("simulator.fault", .externalProgram, "the simulated program failed at \(at): \(fault.message)")
  }
}

extension Machine.ARMv6MCore {
  var cycleTable: CycleTable {
    switch kind {
    case .cortexM0: .cortexM0(multiply: timing.multiplier)
    case .cortexM0Plus: .cortexM0Plus(multiply: timing.multiplier)
    }
  }
}

extension MemoryRange {
  fileprivate init(_ memory: Machine.Memory) {
    self.init(origin: UInt32(truncatingIfNeeded: memory.origin), size: UInt32(truncatingIfNeeded: memory.size))
  }
}
