import Compiler
import Support

/// Random programs of the whole instruction set of ARMv6-M, as assembly.
///
/// A program is a row of blocks. Each starts with random registers and flags, changes registers, a buffer and a stack, and
/// then writes all of them to the output. Every piece of a block leaves the stack pointer as it was, so that any of them may
/// be skipped by a branch.
struct RandomThumb {
  /// Bytes that a block writes: 16 registers, buffer, stack.
  static let recordSize = 16 * 4 + bufferSize + stackSize
  static let bufferSize = 1024, stackSize = 768 + 1280

  private var random: SplitMix64
  var text = ""
  private var labels = 0
  /// Branches inside of each other.
  var depth = 0
  /// How many pieces of each kind the program has.
  private(set) var pieces: [Piece: Int] = [:]

  enum Piece: CaseIterable {
    case simple, shift, high, loadStore, loadStoreRegister, constantRead, literal, stackRelative, multiple, pushPop
    case popReturn, moveStack, conditional, jump, indirectJump, call, address, special, otherStack, hint
  }

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// A program of `count` blocks with `pieces` pieces each.
  mutating func program(blocks count: Int, pieces: Int) -> String {
    text = Self.frame
    for index in 0..<count {
      line("ldr r0, =stack_middle\n mov sp, r0\n ldr r0, =state_\(index)\n bl enter")
      for _ in 0..<pieces { piece() }
      line("push {r0-r7, lr}\n bl leave\n b next_\(index)\n .ltorg\n .balign 4")
      let state = (0..<13).map { _ in ", 0x" + String(value(), radix: 16) }.joined()
      line("state_\(index): .word \(flags())\(state)\nnext_\(index):")
    }
    line("b files_close")
    return text + StartUp.semihosting
  }

  mutating func line(_ text: String) { self.text += "  \(text)\n" }

  // MARK: random parts

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func pick(_ choices: [String]) -> String { choices[number(0...choices.count - 1)] }

  mutating func low() -> String { "r\(number(0...7))" }

  /// Low registers that differ.
  mutating func low(_ count: Int) -> [String] {
    (0...7).shuffled(using: &random).prefix(count).map { "r\($0)" }
  }

  mutating func any() -> String { pick((0...12).map { "r\($0)" } + ["lr"]) }

  mutating func label() -> String {
    labels += 1
    return ".L\(labels)"
  }

  /// Random bits; often values at which flags change.
  mutating func value() -> UInt32 {
    let corners: [UInt32] = [0, 1, 2, 31, 32, 0x7F, 0x80, 0x7FFF, 0x8000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
    if number(0...2) == 0 { return corners[number(0...corners.count - 1)] }
    return UInt32(truncatingIfNeeded: random.next())
  }

  /// A value for APSR: QEMU also keeps bit 27, which ARMv6-M reserves.
  mutating func flags() -> String { "0x\(String(UInt32(number(0...15)) << 28, radix: 16))" }

  /// `count` registers of r0 to r7 that are not `without`, in order.
  mutating func list(_ count: Int, without: String = "") -> [String] {
    let names = (0...7).map { "r\($0)" }.filter { $0 != without }
    return Array(names.shuffled(using: &random).prefix(count)).sorted()
  }

  mutating func piece() {
    let kind = Piece.allCases[number(0...Piece.allCases.count - 1)]
    // Branches that skip branches that skip branches would get out of their range.
    guard depth < 2 || [.simple, .shift, .high, .loadStore].contains(kind) else { return piece() }
    pieces[kind, default: 0] += 1
    switch kind {
    case .simple:
      for _ in 0..<number(1...4) { simple() }
      if number(0...2) == 0 { line("mrs r\(number(8...12)), apsr") }
    case .shift: shift()
    case .high: for _ in 0..<number(1...3) { high() }
    case .loadStore: loadStore()
    case .loadStoreRegister: loadStoreRegister()
    case .constantRead: constantRead()
    case .literal: line("ldr \(low()), =0x" + String(value(), radix: 16))
    case .stackRelative: stackRelative()
    case .multiple: multiple()
    case .pushPop: pushPop()
    case .popReturn: popReturn()
    case .moveStack: moveStack()
    case .conditional: conditional()
    case .jump: skip(over: "b")
    case .indirectJump: indirectJump()
    case .call: call()
    case .address: address()
    case .special: special()
    case .otherStack: otherStack()
    case .hint: line(pick([".short 0xbf00 @ nop", "nop", "yield", "sev", "dsb", "dmb", "isb", "cpsid i\n cpsie i"]))
    }
  }
}
