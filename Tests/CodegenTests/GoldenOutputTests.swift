import Codegen
import Compiler
import Frontends
import IR
import Support
import TestSupport
import Testing

/// The C of the samples, kept beside the tests; `make record-goldens` records it anew.
@Suite struct GoldenOutputTests {
  private func emit(_ sample: Repository.ModelFolder, options: EmitOptions) throws -> [EmittedFile] {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    let graph = try Frontend.read(try sample.bytes("model.bin"), file: "model.bin")
    return try pipeline.emit(try pipeline.plan(try Pipeline.lower(graph)), options: options)
  }

  @Test(arguments: Repository.samples)
  func samplesAreEmittedAsRecorded(_ sample: Repository.ModelFolder) throws {
    let options = EmitOptions(name: sample.description, headerLines: ["(the command line stands here)"])
    for file in try emit(sample, options: options) { try Golden.check(file.text, file.name) }
  }

  @Test(arguments: Repository.samples)
  func outputIsTheSameEveryTime(_ sample: Repository.ModelFolder) throws {
    let options = EmitOptions(name: "m", arena: .caller, splitWeights: true)
    #expect(try emit(sample, options: options) == emit(sample, options: options))
  }

  @Test(arguments: Repository.samples)
  func outputObeysTheRulesForTheText(_ sample: Repository.ModelFolder) throws {
    for file in try emit(sample, options: EmitOptions(name: "m")) {
      let includes = file.text.split(separator: "\n").filter { $0.hasPrefix("#include") }
      #expect(includes.allSatisfy { $0 == "#include <stdint.h>" || $0 == "#include \"m.h\"" })
      for word in ["float ", "double", "malloc", "#pragma", "int64_t)1 <<  "] {
        #expect(!file.text.contains(word), "\(file.name) contains \(word)")
      }
      // The only word that is no C99 keeps layers apart, and only for compilers that know it.
      let attributes = file.text.split(separator: "__attribute__").dropFirst()
      #expect(attributes.count <= 1 && attributes.allSatisfy { $0.hasPrefix("((noinline))\n#else\n") })
      #expect(!file.text.contains("\n\n\n"), "\(file.name) has two empty lines in a row")
      #expect(file.text.utf8.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 0x0A) })
    }
  }
}
