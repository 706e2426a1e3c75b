import Codegen
import Compiler
import IR
import Machine
import Planning
import Support
import TargetCatalog
import TemplateCatalog

/// A model file that has been read.
struct ModelFile {
  /// Name without its folder.
  let name: String
  let sha256: String
  let graph: Graph

  init(_ path: String) throws(Diagnostic) {
    let bytes = try Platform.read(path)
    name = path.split(separator: "/").last.map(String.init) ?? path
    sha256 = Checksum.sha256(bytes)
    graph = try Pipeline.read(bytes, file: name)
  }

  /// The name without its last suffix.
  var stem: String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}

extension Arguments {
  /// The pipeline for the options `--target` and `--optimize`.
  func pipeline(defaultTarget: String? = nil) throws(Diagnostic) -> Pipeline {
    guard let target = value("--target") ?? defaultTarget else {
      throw command.usage("--target is missing; `nncgen targets` lists what there is")
    }
    return Pipeline(
      machine: try TargetCatalog.machine(target),
      objective: value("--optimize").flatMap { Objective(rawValue: $0) } ?? .balanced,
      templates: TemplateLibrary(TemplateCatalog.files))
  }
}

/// Options that several commands share.
enum SharedOption {
  static let target = Option(
    "--target", value: "NAME|FILE.json", "What to compile for; `nncgen targets` lists the names.")
  static let optimize = Option(
    "--optimize", choices: Objective.allCases.map(\.rawValue), "What kernels are chosen for; `balanced` without it.")
  static let json = Option("--json", "Prints JSON instead of a table.")
}
