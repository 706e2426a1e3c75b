import Codegen
import Compiler
import Machine
import Planning
import Simulator
import Support
import TargetCatalog
import TemplateCatalog

/// How fast the simulator is.
enum Speed {
  /// Runs one inference of the model five times and prints the best rate.
  static func run(model: String) throws(Diagnostic) {
    let pipeline = try pipeline("cortex-m0")
    let graph = try Pipeline.lower(try Pipeline.read(try Platform.read(model), file: model))
    var best = Double.infinity
    var instructions: UInt64 = 0
    for _ in 0..<5 {
      let profile = try pipeline.profile(graph, input: Profile.defaultInput(graph))
      guard let execution = profile.measurement.execution else { continue }
      instructions = execution.instructions
      best = min(best, profile.measurement.seconds)
    }
    let rate = Double(instructions) / best / 1e6
    Platform.print("\(instructions) instructions in \(Int(best * 1000)) ms: \(Int(rate)) million a second\n")
  }

  static func pipeline(_ core: String) throws(Diagnostic) -> Pipeline {
    Pipeline(
      machine: try TargetCatalog.machine(core), objective: .balanced,
      templates: TemplateLibrary(TemplateCatalog.files))
  }
}
