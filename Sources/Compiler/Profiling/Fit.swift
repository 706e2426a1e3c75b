package import Codegen
package import IR
package import Machine
import Operators
package import Planning
package import Support

/// Whether a model fits into a chip, and how long an inference takes there.
package struct Fit: Sendable {
  package enum Verdict: Sendable {
    /// What is left of flash and RAM, in bytes.
    case fits(flash: Int, ram: Int)
    /// How much flash and RAM is missing, in bytes; 0 for enough.
    case lacks(flash: Int, ram: Int)
    /// It could not be found out.
    case unknown(Diagnostic)
  }

  package let chip: Chip
  package let unit: String
  package var verdict: Verdict
  /// Bytes; nil when they are not known.
  package var flash: Int?
  /// Arena, variables, stack, and the buffers for inputs and outputs.
  package var ram: Int?
  /// Cycles or instructions of an inference; nil when it was not run.
  package var count: UInt64?

  package var seconds: Double? {
    guard unit == "cycles", let count else { return nil }
    return Double(count) / Double(chip.clockHz)
  }
}

/// Looks for the chips that hold a model.
package struct FitSearch {
  private let graph: Graph
  private let templates: TemplateLibrary
  private let objective: Objective
  private let input: [Tensor]
  private let options = EmitOptions(name: "model")
  /// What was measured, by ``Machine/buildKey`` or ``Machine/timingKey``: chips share cores.
  private var memories: [String: Result<MemoryUse, Diagnostic>] = [:]
  private var measurements: [String: Result<Measurement, Diagnostic>] = [:]

  /// - Parameter graph: in integer normal form.
  package init(_ graph: Graph, templates: TemplateLibrary, objective: Objective, input: [Tensor]) {
    self.graph = graph
    self.templates = templates
    self.objective = objective
    self.input = input
  }

  /// How the model fits into the chip of `machine`.
  package mutating func fit(_ machine: Machine) -> Fit? {
    guard let chip = machine.chip else { return nil }
    let problem = Diagnostic("fit.unknown", .externalProgram, "could not be measured")
    var fit = Fit(chip: chip, unit: machine.countedUnit, verdict: .unknown(problem))
    do throws(Diagnostic) {
      let pipeline = Pipeline(machine: machine, objective: objective, templates: templates)
      let buffers = (graph.inputs + graph.outputs).reduce(0) { $0 + graph[$1].type.byteCount }
      let plan = try pipeline.plan(graph)
      // What is too large without any code is not compiled.
      let constants = plan.steps.reduce(0) { $0 + $1.cost.flash }
      guard constants <= chip.flash, plan.arena.size + buffers <= chip.ram else {
        (fit.flash, fit.ram) = (constants, plan.arena.size + buffers)
        fit.verdict = .lacks(
          flash: max(0, constants - chip.flash), ram: max(0, plan.arena.size + buffers - chip.ram))
        return fit
      }
      let memory = try memory(pipeline, plan)
      let measurement = try measurement(pipeline, plan)
      let stack = try StackUse(memory.stack, measured: measurement.stack).bytes
      let ram = memory.arena + memory.variables + stack + buffers
      (fit.flash, fit.ram, fit.count) = (memory.flash, ram, measurement.total)
      fit.verdict =
        memory.flash <= chip.flash && ram <= chip.ram
        ? .fits(flash: chip.flash - memory.flash, ram: chip.ram - ram)
        : .lacks(flash: max(0, memory.flash - chip.flash), ram: max(0, ram - chip.ram))
    } catch {
      fit.verdict = .unknown(error)
    }
    return fit
  }

  private mutating func memory(_ pipeline: Pipeline, _ plan: Plan) throws(Diagnostic) -> MemoryUse {
    let key = pipeline.machine.buildKey
    if let known = memories[key] { return try known.get() }
    let result = Result { () throws(Diagnostic) in
      try MemoryUse.measure(
        Harness(machine: pipeline.machine, templates: templates), try pipeline.emit(plan, options: options), plan,
        options: options)
    }
    memories[key] = result
    return try result.get()
  }

  private mutating func measurement(_ pipeline: Pipeline, _ plan: Plan) throws(Diagnostic) -> Measurement {
    let key = pipeline.machine.timingKey
    if let known = measurements[key] { return try known.get() }
    let result = Result { () throws(Diagnostic) in
      try MeasuringRunner(
        harness: Harness(machine: pipeline.machine, templates: templates), plan: plan,
        files: try pipeline.emit(plan, options: options), options: options, input: input
      ).measure(layers: false)
    }
    measurements[key] = result
    return try result.get()
  }
}

extension Machine {
  /// Equal for machines whose programs are the same.
  fileprivate var buildKey: String { ([core, toolchain.compiler] + toolchain.flags).joined(separator: " ") }

  /// Equal for machines on which the same program takes the same time.
  fileprivate var timingKey: String {
    guard case .armv6m(let core) = counter else { return buildKey }
    return "\(buildKey) \(core.timing)"
  }
}
