import Codegen
import Compiler
package import IR
import Machine
package import Planning
import Support

/// Models whose emitted C is compared with expected outputs, many of them in one program: on this computer, compiling takes
/// more time than running.
package struct ModelSuite {
  /// How many models are compiled as one program.
  private static let size = 40

  private let pipeline: Pipeline
  private let flags: [String]
  private var waiting: [(label: String, member: SuiteMember, expected: [[Tensor]])] = []
  /// What went wrong so far, one line a model.
  package private(set) var failures: [String] = []

  /// - Parameter flags: more flags for the compiler.
  package init(flags: [String] = []) throws {
    pipeline = try Pipelines.pipeline()
    self.flags = flags
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
    if waiting.count == Self.size { try run() }
  }

  /// Runs what waits.
  package mutating func run() throws {
    guard !waiting.isEmpty else { return }
    var harness = Harness(machine: pipeline.machine, templates: Pipelines.templates)
    harness.extraFlags = flags
    for (one, result) in zip(waiting, try harness.run(suite: waiting.map(\.member))) {
      switch result {
      case .success(let outputs):
        guard let difference = Verification.compare(one.expected, outputs) else { continue }
        failures.append("\(one.label): \(difference)")
      case .failure(let error): failures.append("\(one.label): \(error)")
      }
    }
    waiting = []
  }
}
