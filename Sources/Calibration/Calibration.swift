import Codegen
package import Compiler
package import IR
package import Machine
import Operators
import Planning
package import Support

/// Finds out by simulated runs what the kernels' pieces of work cost on a core, and how large their code is.
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
  /// The sizes of each shared function that were seen: the compiler makes it for the arguments that a network has in common.
  private var functionBytes: [String: [Int]] = [:]
  /// The code of all layers that were compiled, by kernel.
  private var layerBytes: [String: [Int]] = [:]

  /// A calibration that does not depend on the costs that are known so far. What runs beside the kernel that is measured
  /// takes as little memory as it can.
  package init(_ pipeline: Pipeline) {
    var machine = pipeline.machine
    machine.costs = .uniform(core: machine.core)
    self.pipeline = Pipeline(machine: machine, objective: .ram, templates: pipeline.templates)
  }

  /// Compiles and runs `network` with the kernels that are chosen by themselves, then with every other kernel where it can
  /// be taken and its working memory fits into the core's.
  ///
  /// - Parameters:
  ///   - kernels: only these are tried, each wherever it can be taken; empty for all.
  ///   - cycles: false when only the sizes of the code are asked for, which needs no runs.
  package mutating func measure(
    _ network: Graph, kernels: [String] = [], cycles: Bool = true
  ) throws(Diagnostic) {
    let lowered = try Pipeline.lower(network)
    let plan = try pipeline.plan(lowered, SelectionRequest(chains: []))
    let others = plan.steps.flatMap(\.rejected).map(\.kernel.name)
    let candidates: [String?] = kernels.isEmpty ? [nil] + others : plan.steps.map(\.kernel.name) + others
    var tried: Set<String?> = []
    for forced in candidates
    where (kernels.isEmpty || kernels.contains(forced ?? "")) && tried.insert(forced).inserted {
      let plan = try pipeline.plan(lowered, SelectionRequest(forcing: forced, chains: []))
      let options = EmitOptions(name: "model")
      let files = try pipeline.emit(plan, options: options)
      let profile: Profile
      do throws(Diagnostic) {
        try measureCode(plan, files, options)
        guard cycles else { continue }
        profile = try pipeline.profile(plan, files: files, options: options, input: Profile.defaultInput(lowered))
      } catch  where forced != nil && ["harness.memory", "harness.run"].contains(error.id) {
        // Too much for the core's memory, or for what is left of it for the stack.
        continue
      }
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

  private mutating func measureCode(
    _ plan: Plan, _ files: [EmittedFile], _ options: EmitOptions
  ) throws(Diagnostic) {
    let harness = Harness(machine: pipeline.machine, templates: pipeline.templates)
    let sizes = try CodeSizes(harness, files, plan, options: options).functions
    for step in plan.steps {
      for option in try KernelOption.consider(step.layer, on: pipeline.machine).options {
        for function in option.functions { functionBytes[function, default: []] += [] }
      }
    }
    // A template may hold further functions, whose names begin with its own.
    let names = functionBytes.keys.sorted { ($1.count, $0) < ($0.count, $1) }
    var seen: [String: Int] = [:]
    for (function, bytes) in sizes {
      let own = function.dropFirst(options.name.count + 1)
      if let name = names.first(where: { own == $0 || own.hasPrefix("\($0)_") }) { seen[name, default: 0] += bytes }
    }
    for (name, bytes) in seen { functionBytes[name, default: []].append(bytes) }
    let run = (sizes["\(options.name)_run"] ?? 0) / max(1, plan.steps.count)
    for (index, step) in plan.steps.enumerated() {
      guard let bytes = sizes["\(options.name)_layer\(index)"] else { continue }
      layerBytes[step.kernel.name, default: []].append(bytes + run)
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
    return table(cycles: cycles)
  }

  /// The sizes of the code that was compiled, with cycles that are known already.
  package func table(cycles: [String: [String: Double]]) -> CostTable {
    // The median; 0 for a function that was always part of its callers.
    CostTable(
      core: pipeline.machine.core, cycles: cycles,
      functionBytes: functionBytes.mapValues { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] },
      layerBytes: layerBytes.mapValues { ($0.reduce(0, +) + $0.count / 2) / max(1, $0.count) })
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
    func sizes(_ bytes: [String: Int]) -> String {
      bytes.sorted { $0.key < $1.key }.map { "    \"\($0.key)\": \($0.value)" }.joined(separator: ",\n")
    }
    return """
      {
        "core": "\(table.core)",
        "compiler": "\(compiler)",
        "kernels": {
      \(kernels.joined(separator: ",\n"))
        },
        "function_bytes": {
      \(sizes(table.functionBytes))
        },
        "layer_bytes": {
      \(sizes(table.layerBytes))
        }
      }

      """
  }
}
