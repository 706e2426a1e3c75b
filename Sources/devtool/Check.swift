import Compiler
import Machine
import Support

/// Compares the modelled cycles of models with simulated ones.
enum Check {
  /// The largest relative error of a whole model.
  private static let tolerance = 0.1

  /// Prints every layer; fails when a whole model is off by more than the tolerance.
  static func run(core: String, models: [String]) throws(Diagnostic) {
    var wrong: [String] = []
    let pipeline = try Speed.pipeline(core)
    for model in models {
      let graph = try Pipeline.lower(try Pipeline.read(try Platform.read(model), file: model))
      let profile = try pipeline.profile(graph, input: Profile.defaultInput(graph))
      for (index, layer) in profile.layers.enumerated() {
        line("  \(index) \(layer.kernel) \(layer.shapes)", layer.modelledCycles, layer.count)
      }
      let modelled = profile.layers.reduce(0) { $0 + $1.modelledCycles }
      line("\(model) on \(core)", modelled, profile.measurement.total)
      let error = Double(modelled) / Double(max(1, profile.measurement.total)) - 1
      // A network of a few thousand cycles is not what kernels are chosen for.
      if abs(error) > tolerance && profile.measurement.total > 100_000 { wrong.append(model) }
    }
    guard wrong.isEmpty else {
      throw Diagnostic(
        "devtool.check", .negative, "off by more than 10 %: \(wrong.joined(separator: ", "))",
        notes: ["`make calibrate` measures the costs anew"])
    }
  }

  private static func line(_ name: String, _ modelled: Int, _ measured: UInt64) {
    let percent = (Double(modelled) / Double(max(1, measured)) - 1) * 100
    Platform.print("\(name): \(modelled) modelled, \(measured) measured, \((percent * 10).rounded() / 10) %\n")
  }
}
