import CCode
package import Codegen
import Machine
package import Support

/// Project files around the emitted C, from the templates of `Templates/scaffold`.
package enum Scaffold {
  /// Kinds of projects and the files of each: path in the project, and template.
  private static let kinds: [(name: String, files: [(path: String, template: String)])] = [
    ("make", [("Makefile", "make/Makefile")]),
    ("cmake", [("CMakeLists.txt", "cmake/CMakeLists.txt")]),
    (
      "arduino",
      [("library.properties", "arduino/library.properties"), ("examples/{name}/{name}.ino", "arduino/example.ino")]
    ),
    ("platformio", [("library.json", "platformio/library.json")]),
    (
      "zephyr",
      [
        ("zephyr/module.yml", "zephyr/module.yml"), ("zephyr/CMakeLists.txt", "zephyr/CMakeLists.txt"),
        ("zephyr/Kconfig", "zephyr/Kconfig"),
      ]
    ),
  ]

  package static var names: [String] { kinds.map(\.name) }

  /// The files of the kind `kind` for a model with the given C files.
  package static func files(
    _ kind: String, sources: [String], name: String, pipeline: Pipeline
  ) throws(Diagnostic) -> [EmittedFile] {
    let units = sources.filter { $0.hasSuffix(".c") }
    let holes: [(String, String)] = [
      ("name", name), ("NAME", name.uppercased()), ("sources", units.joined(separator: " ")),
      ("objects", units.map { $0.dropLast(2) + ".o" }.joined(separator: " ")),
      ("compiler", pipeline.machine.toolchain.compiler),
      ("flags", pipeline.machine.toolchain.flags.joined(separator: " ")), ("target", pipeline.machine.name),
      ("zephyr_sources", units.map { "../\($0)" }.joined(separator: " ")),
    ]
    var files: [EmittedFile] = []
    for file in kinds.first(where: { $0.name == kind })?.files ?? [] {
      let template = try pipeline.templates.template("scaffold/\(file.template)")
      let used = holes.filter { template.mentions($0.0) }
      let text = try template.render(Dictionary(used.map { ($0.0, .text($0.1)) }) { first, _ in first })
      files.append(EmittedFile(name: file.path.replacing("{name}", with: name), text: text))
    }
    return files
  }
}
