package import Simulator

/// The functions of a linked program: what each takes of the stack, and where it calls others.
package struct StackGraph: Sendable {
  /// Where a function goes on elsewhere, and the bytes that it takes then.
  struct Exit: Equatable, Sendable {
    let target: Int
    let bytes: Int
  }

  struct Function: Equatable, Sendable {
    let name: String
    /// Bytes below the stack pointer before it was called, its return address included.
    let bytes: Int
    /// By address; of several exits to one target only the deepest counts.
    let exits: [Exit]
  }

  let architecture: StackArchitecture
  let code: Disassembly
  let usage: StackUsage
  let symbols: [ELFImage.Symbol]
  /// Names of the emitted files: the compiler's figures of other functions are not for the firmware.
  let sources: Set<String>

  package init(
    architecture: StackArchitecture, code: Disassembly, usage: StackUsage, symbols: [ELFImage.Symbol],
    sources: Set<String>
  ) {
    self.architecture = architecture
    self.code = code
    self.usage = usage
    self.symbols = symbols
    self.sources = sources
  }

  func function(at address: Int) throws(Unbounded) -> Function {
    let atAddress = symbols.filter { $0.address == address }
    for symbol in atAddress where symbol.isFunction && symbol.size > 0 {
      guard let figure = usage.functions[ELFImage.sourceName(symbol.name)] else { continue }
      return try compiled(symbol, figure)
    }
    let name = atAddress.first?.name ?? "0x" + String(address, radix: 16)
    let walk = try StackWalk(self, from: address, name: name)
    return Function(name: name, bytes: walk.deepest, exits: Self.deepest(walk.calls))
  }

  /// A function of the emitted C: any of its calls may be made when its frame is as large as it gets.
  private func compiled(_ symbol: ELFImage.Symbol, _ figure: StackUsage.Figure) throws(Unbounded) -> Function {
    let name = ELFImage.sourceName(symbol.name)
    guard sources.contains(figure.file) else {
      throw Unbounded("`\(name)` is called, which the firmware has to provide")
    }
    guard figure.isBounded else {
      throw Unbounded("the frame of `\(name)` has no fixed size by the compiler's figures")
    }
    let bytes = figure.bytes + (try figuresHaveReturnAddress() ? 0 : architecture.returnAddress)
    // Compilers put rare parts of a function elsewhere, as long as they lie in its frame.
    let parts = symbols.filter { $0.isFunction && ($0 == symbol || $0.name.hasPrefix("\(symbol.name).cold")) }
    let ranges = parts.map { $0.address..<$0.address + max(0, $0.size) }
    var exits: [Exit] = []
    for range in ranges {
      guard var position = code.position(of: range.lowerBound) else { throw Unbounded("`\(name)` has no instructions") }
      while position < code.instructions.count, range.contains(code.instructions[position].address) {
        switch architecture.effect(of: code.instructions[position]) {
        case .call(let target): exits.append(Exit(target: target, bytes: bytes))
        case .jump(let target), .branch(let target):
          // A jump into another function comes after the frame is gone; that one returns in place of this one.
          if !ranges.contains(where: { $0.contains(target) }) { exits.append(Exit(target: target, bytes: 0)) }
        case .indirectCall: throw Unbounded("`\(name)` calls a function through a pointer")
        case .indirectJump: throw Unbounded("`\(name)` jumps to an address that it computes")
        // The compiler's figure contains them.
        case .none, .grow, .shrink, .skip, .leave, .mayLeave, .shrinkAndJump, .tableJump, .unknown: break
        }
        position += 1
      }
    }
    // Where the frame can be followed, it must be what the compiler says.
    let walk = try? StackWalk(self, from: symbol.address, name: name, within: ranges)
    if let walk, walk.deepest > bytes {
      throw Unbounded("the compiler says that `\(name)` takes \(bytes) bytes, but its code takes \(walk.deepest)")
    }
    return Function(name: name, bytes: bytes, exits: Self.deepest(exits))
  }

  /// Compilers for the AVR differ in whether the return address is in their figures; that of an empty function tells.
  private func figuresHaveReturnAddress() throws(Unbounded) -> Bool {
    guard architecture.returnAddress > 0 else { return false }
    switch usage.functions[Self.emptyFunction]?.bytes {
    case 0: return false
    case architecture.returnAddress: return true
    default: throw Unbounded("it is not known whether the compiler's figures have the return addresses in them")
    }
  }

  /// The function of the AVR's test program that does nothing.
  static let emptyFunction = "harness_open"

  private static func deepest(_ exits: [Exit]) -> [Exit] {
    var byTarget: [Int: Int] = [:]
    for exit in exits { byTarget[exit.target] = max(byTarget[exit.target] ?? 0, exit.bytes) }
    return byTarget.sorted { $0.key < $1.key }.map { Exit(target: $0.key, bytes: $0.value) }
  }
}

extension ELFImage.Symbol {
  fileprivate static func == (a: Self, b: Self) -> Bool { a.address == b.address && a.name == b.name }
}
