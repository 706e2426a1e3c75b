package import Codegen
package import Planning
import Simulator
package import Support

/// Bytes of the functions of emitted C, as the target's compiler makes them.
package struct CodeSizes: Sendable {
  /// All functions that are not part of a caller, by their name in C; clones of a function count together.
  package let functions: [String: Int]

  /// Compiles `files` so that no function becomes part of its only caller: with one more caller it would not either.
  package init(
    _ harness: Harness, _ files: [EmittedFile], _ plan: Plan, options: EmitOptions
  ) throws(Diagnostic) {
    var harness = harness
    harness.extraFlags += ["-fno-inline-functions-called-once"]
    let image = try harness.withProgram(files, plan, options: options) { (program) throws(Diagnostic) in
      try ELFImage(try program.executable(), file: "model")
    }
    var functions: [String: Int] = [:]
    for symbol in image.symbols where symbol.isFunction && symbol.name.hasPrefix("\(options.name)_") {
      functions[ELFImage.sourceName(symbol.name), default: 0] += symbol.size
    }
    self.functions = functions
  }
}
