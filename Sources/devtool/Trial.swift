import Codegen
import Compiler
import Planning
import Support

/// Measures C that was edited by hand: the shortest way to compare wordings of a kernel.
enum Trial {
  /// Writes the C of `model` into `folder` when there is none yet; otherwise measures what lies there.
  ///
  /// - Parameter kernel: a kernel that is taken wherever it can compute a layer.
  static func run(core: String, model: String, folder: String, kernel: String?) throws(Diagnostic) {
    let pipeline = try Speed.pipeline(core)
    let graph = try Pipeline.lower(try Pipeline.read(try Platform.read(model), file: model))
    let plan = try pipeline.plan(graph, forcing: kernel)
    let options = EmitOptions(name: "model")
    var files: [EmittedFile] = []
    for file in try pipeline.emit(plan, options: options) {
      let path = "\(folder)/\(file.name)"
      if let edited = try? Platform.read(path) {
        files.append(EmittedFile(name: file.name, text: String(decoding: edited, as: UTF8.self)))
      } else {
        try Platform.write(Array(file.text.utf8), to: path)
        files.append(file)
      }
    }
    let profile = try pipeline.profile(plan, files: files, options: options, input: Profile.defaultInput(graph))
    for (index, layer) in profile.layers.enumerated() {
      let perMAC = Double(layer.count) / Double(max(1, layer.multiplyAccumulates))
      Platform.print(
        "\(index) \(layer.kernel) \(layer.shapes): \(layer.count), \((perMAC * 100).rounded() / 100) a MAC\n")
    }
    let (memory, total) = (profile.memory, profile.measurement.total)
    Platform.print(
      "\(total) cycles, code \(memory.code), constants \(memory.weights), RAM \(profile.ram), "
        + "\(profile.isIdentical ? "identical" : "DIFFERENT")\n")
  }
}
