package import Codegen
package import Compiler
package import IR
package import Machine
import Operators
package import Planning
import Support
import TargetCatalog
import TemplateCatalog

/// Pipelines and checks for tests.
package enum Pipelines {
  package static let templates = TemplateLibrary(TemplateCatalog.files)

  package static func machine(_ name: String) throws -> Machine { try TargetCatalog.machine(name) }

  package static func pipeline(_ target: String = "host") throws -> Pipeline {
    Pipeline(machine: try machine(target), objective: .balanced, templates: templates)
  }

  /// Flags under which undefined behaviour and bad memory accesses end the program.
  package static let sanitizers = ["-fsanitize=undefined,address", "-fno-sanitize-recover=all", "-O1", "-g"]

  /// The outputs of emitted C for `vectors`.
  ///
  /// - Parameter kernel: name of the kernel that is to be taken wherever it can be.
  package static func runEmitted(
    _ lowered: Graph, on target: String = "host", kernel: String? = nil, flags: [String] = [], vectors: [[Tensor]],
    options: EmitOptions = EmitOptions(name: "model")
  ) throws -> [[Tensor]] {
    try runEmitted(
      lowered, on: target, SelectionRequest(forcing: kernel), flags: flags, vectors: vectors, options: options)
  }

  /// The same, with a plan for `request`.
  package static func runEmitted(
    _ lowered: Graph, on target: String, _ request: SelectionRequest, flags: [String] = [], vectors: [[Tensor]],
    options: EmitOptions = EmitOptions(name: "model")
  ) throws -> [[Tensor]] {
    let pipeline = try pipeline(target)
    let plan = try pipeline.plan(lowered, request)
    var harness = Harness(machine: pipeline.machine, templates: templates)
    harness.extraFlags = flags
    return try harness.run(try pipeline.emit(plan, options: options), plan, options: options, inputs: vectors)
  }

  /// Names of all kernels that can compute a layer of `lowered`.
  package static func kernelNames(_ lowered: Graph) throws -> [String] {
    let plan = try pipeline().plan(lowered)
    var names: [String] = []
    for step in plan.steps {
      for kernel in [step.kernel] + step.rejected.map(\.kernel) where !names.contains(kernel.name) {
        names.append(kernel.name)
      }
    }
    return names
  }
}
