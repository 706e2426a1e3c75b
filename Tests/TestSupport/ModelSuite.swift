import Codegen
import Compiler
package import IR
import Machine
package import Planning
import Support

/// Models whose emitted C is compared with expected outputs, many of them in one program.
package struct ModelSuite {
  private let pipeline: Pipeline
  private let harness: Harness
  private let canLackMemory: Bool
  private var waiting: [(label: String, member: SuiteMember, expected: [[Tensor]])] = []
  /// What went wrong so far, one line a model.
  package private(set) var failures: [String] = []

  /// - Parameters:
  ///   - flags: more flags for the compiler.
  ///   - canLackMemory: whether models that the target has no memory for count as right.
  package init(on target: String = "host", flags: [String] = [], canLackMemory: Bool = false) throws {
    pipeline = try Pipelines.pipeline(target)
    var harness = Harness(machine: pipeline.machine, templates: Pipelines.templates)
    harness.extraFlags = flags
    self.harness = harness
    self.canLackMemory = canLackMemory
  }

  /// Adds a model.
  ///
  /// - Parameters:
  ///   - label: what a failure is reported as.
  ///   - lowered: in integer normal form.
  package mutating func add(
    _ label: String, _ lowered: Graph, _ request: SelectionRequest = SelectionRequest(), vectors: [[Tensor]],
    expected: [[Tensor]]
  ) throws {
    let options = EmitOptions(name: "model\(waiting.count)")
    let plan = try pipeline.plan(lowered, request)
    let files = try pipeline.emit(plan, options: options)
    waiting.append((label, SuiteMember(plan, files, options, inputs: vectors), expected))
    if waiting.count == Harness.suiteSize { try run() }
  }

  /// Runs what waits.
  package mutating func run() throws {
    for (one, result) in zip(waiting, try harness.run(suite: waiting.map(\.member))) {
      switch result {
      case .success(let outputs):
        guard let difference = Verification.compare(one.expected, outputs) else { continue }
        failures.append("\(one.label): \(difference)")
      case .failure(let error) where canLackMemory && error.id == Harness.lacksMemory: continue
      case .failure(let error): failures.append("\(one.label): \(error)")
      }
    }
    waiting = []
  }
}
