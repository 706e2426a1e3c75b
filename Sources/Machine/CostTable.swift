package import Support

/// Cycles of the pieces of work that kernels consist of, on one core.
///
/// Fitted to simulated runs by `devtool calibrate`; see `Tests/CompilerTests/CostTableTests.swift` for how far they are off.
package struct CostTable: Equatable, Sendable {
  /// Name of the core that was measured.
  package let core: String
  /// By kernel, then by kind of work.
  package let cycles: [String: [String: Double]]
  /// Every piece of work of every kernel takes one cycle.
  private var isUniform = false

  package init(core: String, cycles: [String: [String: Double]]) {
    self.core = core
    self.cycles = cycles
  }

  /// The table of a core about which nothing is known.
  package static func uniform(core: String) -> CostTable {
    var table = CostTable(core: core, cycles: [:])
    table.isUniform = true
    return table
  }

  package init(json: [UInt8], file: String) throws(Diagnostic) {
    let top = JSONCursor(try JSONParser.parse(json, file: file), file: file)
    try top.allowOnly(["core", "compiler", "kernels"])
    core = try top.member("core").string()
    var cycles: [String: [String: Double]] = [:]
    let kernels = try top.member("kernels")
    for (kernel, _) in try kernels.object() {
      let kinds = try kernels.member(kernel)
      for (kind, _) in try kinds.object() {
        let cursor = try kinds.member(kind)
        let value = try cursor.double()
        guard (0...1e9).contains(value) else { throw cursor.failure("must be from 0 to 1e9") }
        cycles[kernel, default: [:]][kind] = value
      }
    }
    self.cycles = cycles
  }

  /// The cycles of `work` by the kernel called `kernel`; nil when the table does not know all of it.
  package func cycles(_ kernel: String, _ work: [WorkItem]) -> Int? {
    if isUniform { return work.reduce(0) { $0 + $1.count } }
    guard let known = cycles[kernel] else { return nil }
    var sum = 0.0
    for item in work {
      guard let each = known[item.kind] else { return nil }
      sum += each * Double(item.count)
    }
    return sum < 1e18 ? Int(sum.rounded()) : Int.max
  }
}

/// A number of equal pieces of work, such as multiply-accumulates or output elements.
package struct WorkItem: Equatable, Sendable {
  package let kind: String
  package let count: Int

  package init(_ kind: String, _ count: Int) {
    self.kind = kind
    self.count = count
  }
}
