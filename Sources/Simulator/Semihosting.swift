/// The part of Arm semihosting that test programs use: one file to read, one to write, a console, and the end.
///
/// Source: "Semihosting for AArch32 and AArch64", Arm IHI 2021; the number of the call is in r0, its arguments in r1.
package struct Semihosting: Sendable {
  private enum Call {
    static let open: UInt32 = 0x01, close: UInt32 = 0x02, writeText: UInt32 = 0x04, write: UInt32 = 0x05
    static let read: UInt32 = 0x06, exit: UInt32 = 0x18
  }

  /// The breakpoint that stands for a call.
  package static let breakpoint: UInt8 = 0xAB

  /// Content of the file that the program reads.
  package let input: [UInt8]
  /// What the program has written to its file so far.
  package private(set) var output: [UInt8] = []
  package private(set) var console: [UInt8] = []
  /// Why the program has ended, 0x20026 when by itself; nil while it runs.
  package private(set) var exitReason: UInt32?
  private var position = 0

  package static let applicationExit: UInt32 = 0x20026

  package init(input: [UInt8]) { self.input = input }

  /// Does what the program asks for; false when it is no known call or its arguments are in no memory.
  package mutating func serve(_ core: inout ARMv6M) -> Bool {
    let (call, argument) = (core[0], core[1])
    func word(_ index: UInt32) -> UInt32? { core.word(at: argument &+ 4 * index) }
    var result: UInt32 = 0
    switch call {
    case Call.open:
      // Modes 0 to 3 read, higher ones write or append.
      guard let mode = word(1) else { return false }
      result = mode < 4 ? 1 : 2
    case Call.close: break
    case Call.writeText:
      var address = argument
      while let byte = core.bytes(at: address, count: 1)?.first, byte != 0 {
        console.append(byte)
        address &+= 1
      }
    case Call.write:
      guard let file = word(0), let address = word(1), let count = word(2),
        let bytes = core.bytes(at: address, count: Int(count))
      else { return false }
      if file == 2 { output += bytes } else { console += bytes }
    case Call.read:
      guard let address = word(1), let count = word(2) else { return false }
      let part = Array(input[position..<min(position + Int(count), input.count)])
      guard core.write(part, at: address) else { return false }
      position += part.count
      // The number of bytes that are missing.
      result = count - UInt32(part.count)
    case Call.exit:
      exitReason = argument
    default: return false
    }
    core[0] = result
    return true
  }
}
