package import Support

/// Cycles of the pieces of work that kernels consist of, and bytes of their code, on one core.
///
/// Cycles are fitted to simulated runs by `devtool calibrate`, bytes are those of the same programs; see `Tests/CompilerTests/CostTableTests.swift` for how far they are off.
package struct CostTable: Equatable, Sendable {
  /// Name of the core that was measured.
  package let core: String
  /// By kernel, then by kind of work.
  package let cycles: [String: [String: Double]]
  /// Bytes of the C functions that layers share, by the name of their template; 0 for what becomes part of its callers.
  package let functionBytes: [String: Int]
  /// Bytes of code that each layer takes for itself, by kernel: its function, and the call in the run function.
  package let layerBytes: [String: Int]
  /// Every piece of work of every kernel takes one cycle.
  private var isUniform = false

  package init(
    core: String, cycles: [String: [String: Double]], functionBytes: [String: Int] = [:],
    layerBytes: [String: Int] = [:]
  ) {
    self.core = core
    self.cycles = cycles
    self.functionBytes = functionBytes
    self.layerBytes = layerBytes
  }

  /// The table of a core about which nothing is known.
  package static func uniform(core: String) -> CostTable {
    var table = CostTable(core: core, cycles: [:])
    table.isUniform = true
    return table
  }

  package init(json: [UInt8], file: String) throws(Diagnostic) {
    let top = JSONCursor(try JSONParser.parse(json, file: file), file: file)
    try top.allowOnly(["core", "compiler", "kernels", "function_bytes", "layer_bytes"])
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
    func sizes(_ member: String) throws(Diagnostic) -> [String: Int] {
      let names = try top.member(member)
      var sizes: [String: Int] = [:]
      for (name, _) in try names.object() { sizes[name] = try names.member(name).int(0...1 << 20) }
      return sizes
    }
    functionBytes = try sizes("function_bytes")
    layerBytes = try sizes("layer_bytes")
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
