import Codegen
package import IR
import Machine
import Operators
import Planning
package import Support

/// Cycles of the kernels that come close to the best one, measured in the network itself.
///
/// Each run takes another kernel for every layer: the first run the best one by the model, the second run the next one, and so
/// on. So there are as many runs as the layer with the most close kernels has of them.
package struct Autotune: Sendable {
  /// Kernels that are at most this much slower than the best one by the model are measured.
  private static let closeness = 1.25
  /// The most runs.
  private static let mostRuns = 8

  /// By the first output of a layer and kernel, in the target's counted unit.
  package private(set) var measured: [TensorID: [String: Int]] = [:]
  package private(set) var runs = 0
  /// What is counted is no cycles, so that measured and modelled figures can't be compared.
  package let ignoresModelled: Bool

  /// - Parameter graph: in integer normal form.
  package init(_ pipeline: Pipeline, _ graph: Graph, input: [Tensor]) throws(Diagnostic) {
    let machine = pipeline.machine
    guard machine.isMeasurable else {
      throw Diagnostic(
        "autotune.target", .usage, "--autotune: on `\(machine.name)` nothing can be measured",
        notes: ["`nncgen targets` shows the targets whose cycles or instructions can be counted"])
    }
    ignoresModelled = machine.countedUnit != "cycles"
    let ignoresModelled = ignoresModelled
    let plan = try pipeline.plan(graph)
    let close = plan.steps.map { step -> [String] in
      let entries = step.choice.entries
      let limit = ignoresModelled ? .infinity : Double(entries[0].cycles) * Self.closeness
      let names = entries.filter { Double($0.cycles) <= limit }.map(\.kernel)
      let winner = step.kernel.name
      return Array((names.contains(winner) ? names : [winner] + names).prefix(Self.mostRuns))
    }
    let options = EmitOptions(name: "model")
    let harness = Harness(machine: machine, templates: pipeline.templates)
    let expected = try Interpreter(graph).outputs(input)
    for run in 0..<(close.map(\.count).max() ?? 0) {
      var request = SelectionRequest()
      request.chains = plan.chains.map(\.request)
      for (step, names) in zip(plan.steps, close) {
        request.kernels[step.node.outputs[0]] = names[min(run, names.count - 1)]
      }
      let plan = try pipeline.plan(plan.graph, request)
      let measurement = try MeasuringRunner(
        harness: harness, plan: plan, files: try pipeline.emit(plan, options: options), options: options, input: input
      ).measure()
      guard Verification.compare([expected], [measurement.outputs]) == nil else {
        throw Diagnostic(
          "autotune.difference", .negative, "the answer of the compiled C differs from the reference",
          notes: ["this is a bug of nncgen or the compiler"])
      }
      for (step, (names, cycles)) in zip(plan.steps, zip(close, measurement.layers)) where run < names.count {
        measured[step.node.outputs[0], default: [:]][names[run]] = Int(clamping: cycles)
      }
      runs += 1
    }
  }
}
