/// Why a simulated program can't go on.
package struct Fault: Error, Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case unaligned(address: UInt32, bytes: Int)
    case noMemory(address: UInt32)
    case writeToFlash(address: UInt32)
    /// A jump out of the flash.
    case noCode(address: UInt32)
    /// A jump to an address without the Thumb bit.
    case notThumb(address: UInt32)
    case undefinedInstruction(bits: UInt32)
    /// SVC: exceptions are not simulated.
    case supervisorCall
    /// WFI or WFE: nothing ever wakes the core.
    case waitForever
    /// A jump to itself: nothing ever ends it.
    case endlessLoop
    /// The stack has grown into the memory below it.
    case stackOverflow(stackPointer: UInt32, limit: UInt32)
    /// More cycles than the run was allowed.
    case tooManyCycles(limit: UInt64)
  }

  package let kind: Kind
  /// Address of the instruction.
  package let programCounter: UInt32

  package init(kind: Kind, programCounter: UInt32) {
    self.kind = kind
    self.programCounter = programCounter
  }
}

extension Fault {
  package var message: String {
    func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
    return switch kind {
    case .unaligned(let address, let bytes): "access to \(bytes) bytes at \(hex(address)), which is not aligned"
    case .noMemory(let address): "access to \(hex(address)), where no memory is"
    case .writeToFlash(let address): "write to \(hex(address)), which is flash"
    case .noCode(let address): "jump to \(hex(address)), where no code is"
    case .notThumb(let address): "jump to \(hex(address)), an address without the Thumb bit"
    case .undefinedInstruction(let bits): "undefined instruction \(hex(bits))"
    case .supervisorCall: "SVC: exceptions are not simulated"
    case .waitForever: "WFI or WFE: no event will wake the core"
    case .endlessLoop: "an endless loop: the instruction jumps to itself"
    case .stackOverflow(let pointer, let limit):
      "stack overflow: the stack pointer is \(hex(pointer)), and the stack ends at \(hex(limit))"
    case .tooManyCycles(let limit): "still running after \(limit) cycles"
    }
  }
}
