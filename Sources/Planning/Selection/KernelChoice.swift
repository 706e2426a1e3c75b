import Support

/// What was considered for a layer, and why the winner won.
package struct KernelChoice: Sendable {
  /// A kernel that can compute the layer.
  package struct Entry: Sendable {
    package let kernel: String
    package let cycles: Int
    package let isMeasured: Bool
    /// Bytes that only this layer needs.
    package let flash: Int
    /// Bytes of the functions that it calls and no other layer of the network calls.
    package let functionBytes: Int
    /// Bytes of the functions that it calls and other layers call too.
    package let sharedBytes: Int
    package let scratch: Int
    /// Bytes of the arena that are in use while it runs.
    package let peak: Int

    /// Bytes that the network would not need without it.
    package var addedFlash: Int { flash + functionBytes }
  }

  /// Fewest cycles first.
  package let entries: [Entry]
  /// Position of the winner.
  package let winner: Int
  /// The other kernels of the operator, with the reason why they can't compute the layer.
  package let obstacles: [(name: String, reason: String)]
  /// Why the winner won, in one line.
  package let reason: String

  /// - Parameter order: what the kernels were chosen for: an objective within budgets, or a name that was demanded.
  init(_ entries: [Entry], winner: Int, obstacles: [(name: String, reason: String)], order: Order) {
    self.entries = entries
    self.winner = winner
    self.obstacles = obstacles
    reason = Self.reason(entries, winner, order)
  }

  enum Order {
    case demanded
    case objective(Objective, Budgets)
  }

  /// How another kernel compares with the winner.
  package func comparison(_ index: Int) -> String {
    let (own, best) = (entries[index], entries[winner])
    let parts = [
      Self.difference(own.cycles - best.cycles, "cycles"),
      Self.difference(own.addedFlash - best.addedFlash, "bytes of flash"),
      Self.difference(own.scratch - best.scratch, "bytes of scratch"),
    ].compactMap(\.self)
    return parts.isEmpty ? "the same" : parts.joined(separator: ", ")
  }

  private static func difference(_ value: Int, _ what: String) -> String? {
    value == 0 ? nil : "\(grouped(abs(value))) \(what) \(value > 0 ? "more" : "less")"
  }

  private static func reason(_ entries: [Entry], _ winner: Int, _ order: Order) -> String {
    guard case .objective(let objective, let budgets) = order else { return "demanded" }
    guard entries.count > 1 else { return "the only kernel for it" }
    let own = entries[winner]
    let fastest = entries[0]
    guard own.cycles > fastest.cycles else {
      let leanest = entries.allSatisfy { $0.addedFlash >= own.addedFlash && $0.scratch >= own.scratch }
      return leanest ? "fewest cycles, and nothing is smaller" : "fewest cycles"
    }
    var text = "\(grouped(own.cycles - fastest.cycles)) cycles slower than \(fastest.kernel)"
    if let limit = budgets.ram, fastest.peak > limit { return text + ", which needs more RAM than --max-ram leaves" }
    let flash = fastest.addedFlash - own.addedFlash
    let scratch = fastest.scratch - own.scratch
    var savings: [String] = []
    if flash > 0 && objective != .ram { savings.append("\(grouped(flash)) bytes of flash") }
    if scratch > 0 && (objective == .ram || objective == .balanced || budgets.ram != nil) {
      savings.append("\(grouped(scratch)) bytes of scratch")
    }
    guard !savings.isEmpty else { return text + ", but better together with the other layers' kernels" }
    text += ", but saves \(savings.joined(separator: " and "))"
    if flash > 0, budgets.flash != nil, objective == .speed { return text + " under --max-flash" }
    if flash > 0, objective != .ram, own.functionBytes < fastest.functionBytes, own.flash >= fastest.flash {
      text += ", because its function is there anyway"
    }
    return text + " (--optimize \(objective.rawValue))"
  }
}
