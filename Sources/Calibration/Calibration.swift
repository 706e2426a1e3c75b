import Codegen
package import Compiler
package import IR
package import Machine
import Operators
import Planning
package import Support

/// Finds out by simulated runs what the kernels' pieces of work cost on a core.
package struct Calibration: Sendable {
  /// A layer that was run.
  package struct Sample: Sendable {
    package let network: String
    package let layer: Int
    package let kernel: String
    package let work: [WorkItem]
    package let cycles: UInt64
  }

  package let pipeline: Pipeline
  package private(set) var samples: [Sample] = []

  /// A calibration that does not depend on the costs that are known so far.
  package init(_ pipeline: Pipeline) {
    var machine = pipeline.machine
    machine.costs = .uniform(core: machine.core)
    self.pipeline = Pipeline(machine: machine, objective: pipeline.objective, templates: pipeline.templates)
  }

  /// Runs `network` with the kernels that are chosen by themselves, then with every other kernel where it can be taken.
  package mutating func measure(_ network: Graph) throws(Diagnostic) {
    let lowered = try Pipeline.lower(network)
    let plan = try pipeline.plan(lowered)
    var others: [String] = []
    for kernel in plan.steps.flatMap(\.rejected).map(\.kernel.name) where !others.contains(kernel) {
      others.append(kernel)
    }
    for forced in [nil] + others {
      let plan = try pipeline.plan(lowered, forcing: forced)
      let options = EmitOptions(name: "model")
      let profile = try pipeline.profile(
        plan, files: try pipeline.emit(plan, options: options), options: options, input: Profile.defaultInput(lowered))
      guard profile.isIdentical else {
        throw Diagnostic("calibrate.answer", .negative, "\(network.file): the answer differs from the reference")
      }
      for (index, (step, layer)) in zip(plan.steps, profile.layers).enumerated() {
        guard forced == nil || step.kernel.name == forced, let work = step.kernel.work(step.layer) else { continue }
        samples.append(
          Sample(
            network: network.file, layer: index, kernel: step.kernel.name, work: work.items + [.layer],
            cycles: layer.count))
      }
    }
  }

  /// The table that fits the samples best.
  package func table() -> CostTable {
    var cycles: [String: [String: Double]] = [:]
    for kernel in Set(samples.map(\.kernel)) {
      let own = samples.filter { $0.kernel == kernel }
      let kinds = own[0].work.map(\.kind)
      let rows = own.map { sample in
        kinds.map { kind in Double(sample.work.first { $0.kind == kind }?.count ?? 0) }
      }
      let each = LeastSquares.fit(rows, own.map { Double($0.cycles) })
      cycles[kernel] = Dictionary(uniqueKeysWithValues: zip(kinds, each.map { ($0 * 1000).rounded() / 1000 }))
    }
    return CostTable(core: pipeline.machine.core, cycles: cycles)
  }

  /// How far `table` is off for a sample, relative to what was measured.
  package static func error(_ table: CostTable, _ sample: Sample) -> Double? {
    table.cycles(sample.kernel, sample.work).map { Double($0) / Double(max(1, sample.cycles)) - 1 }
  }

  /// The text of a table's file, kernels and kinds of work in alphabetical order.
  package static func text(_ table: CostTable, compiler: String) -> String {
    let kernels = table.cycles.keys.sorted().map { kernel in
      let kinds = (table.cycles[kernel] ?? [:]).sorted { $0.key < $1.key }
      return "    \"\(kernel)\": { "
        + kinds.map { "\"\($0.key)\": \(JSON.float($0.value).text())" }.joined(separator: ", ") + " }"
    }
    return """
      {
        "core": "\(table.core)",
        "compiler": "\(compiler)",
        "kernels": {
      \(kernels.joined(separator: ",\n"))
        }
      }

      """
  }
}
