/// The ways through all instructions that a function can reach, with the depth of the stack at each of them.
///
/// The depth must be the same on every way to an instruction, so that no loop lets the stack grow. Library functions are
/// taken to keep to the calling convention: what they jump to with the link register, or load into the program counter from
/// where they saved it, is their caller.
struct StackWalk {
  private struct State: Equatable {
    /// Bytes below the stack pointer before the call.
    var depth: Int
    /// The depth at which the return address was saved.
    var link: Int?
  }

  /// The largest depth.
  private(set) var deepest: Int
  private(set) var calls: [StackGraph.Exit] = []

  /// - Parameter ranges: of the function's addresses, which a jump to another function leaves; nil when jumps are followed
  ///   anywhere.
  init(_ graph: StackGraph, from entry: Int, name: String, within ranges: [Range<Int>]? = nil) throws(Unbounded) {
    let base = graph.architecture.returnAddress
    deepest = base
    var states: [Int: State] = [:]
    var open: [Int] = []
    func jump(_ address: Int, _ state: State) throws(Unbounded) {
      if ranges?.contains(where: { $0.contains(address) }) ?? true { try reach(address, state) }
    }
    func reach(_ address: Int?, _ state: State) throws(Unbounded) {
      guard let address, graph.code.position(of: address) != nil else {
        throw Unbounded("`\(name)` runs out of the code")
      }
      guard state.depth >= base else { throw Unbounded("`\(name)` takes more from the stack than it put there") }
      if let known = states[address] {
        guard known == state else { throw Unbounded("the stack of `\(name)` depends on the way through it") }
      } else {
        states[address] = state
        open.append(address)
      }
    }
    try reach(entry, State(depth: base, link: nil))
    while let address = open.popLast(), let state = states[address], let position = graph.code.position(of: address) {
      deepest = max(deepest, state.depth)
      func following(_ count: Int) -> Int? {
        let instructions = graph.code.instructions
        return position + count < instructions.count ? instructions[position + count].address : nil
      }
      var next = state
      switch graph.architecture.effect(of: graph.code.instructions[position]) {
      case .none: try reach(following(1), state)
      case .grow(let bytes, let link):
        next.link = state.link ?? link.map { state.depth + $0 }
        next.depth += bytes
        try reach(following(1), next)
      case .shrink(let bytes):
        next.depth -= bytes
        try reach(following(1), next)
      case .shrinkAndJump(let bytes):
        guard state.link == state.depth - bytes + 4, state.depth - bytes == base else {
          throw Unbounded("`\(name)` jumps to an address that it computes")
        }
      case .call(let target):
        calls.append(StackGraph.Exit(target: target, bytes: state.depth))
        try reach(following(1), state)
      case .jump(let target): try jump(target, state)
      case .branch(let target):
        try jump(target, state)
        try reach(following(1), state)
      case .skip:
        try reach(following(1), state)
        try reach(following(2), state)
      case .leave, .mayLeave:
        guard state.depth == base else { throw Unbounded("`\(name)` returns with something left on the stack") }
        if case .mayLeave = graph.architecture.effect(of: graph.code.instructions[position]) {
          try reach(following(1), state)
        }
      case .indirectCall: throw Unbounded("`\(name)` calls a function through a pointer")
      case .indirectJump, .tableJump: throw Unbounded("`\(name)` jumps to an address that it computes")
      case .unknown: throw Unbounded("`\(name)` changes the stack pointer in a way that can't be followed")
      }
    }
  }
}
