import Codegen
import Compiler
import Frontends
import IR
import Support
import TestSupport
import Testing

@Suite struct ModelBinaryTests {
  /// Reading what was written gives the same graph, so that the same C is emitted.
  @Test(arguments: Repository.samples + Repository.operatorFixtures)
  func isLossless(_ folder: Repository.ModelFolder) throws {
    let original = try Frontend.read(try folder.bytes("model.tflite"), file: "model")
    let copy = try Frontend.read(try ModelBinaryWriter.write(original), file: "model")
    #expect(copy.text == original.text)
    #expect(copy.tensors.map(\.constant) == original.tensors.map(\.constant))
    #expect(copy.tensors.map(\.type) == original.tensors.map(\.type))
    #expect(try emitted(copy) == emitted(original))
    #expect(try ModelBinaryWriter.write(copy) == ModelBinaryWriter.write(original))
    let unpacked = try Frontend.read(try ModelBinaryWriter.write(original, .coded), file: "model")
    #expect(try ModelBinaryWriter.write(unpacked) == ModelBinaryWriter.write(original))
  }

  /// The C of the network, or why there is none before floats are quantized.
  private func emitted(_ graph: Graph) throws -> [String] {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    let lowered: Graph
    do throws(Diagnostic) {
      lowered = try Pipeline.lower(graph)
    } catch {
      guard error.id == "lowering.float" else { throw error }
      return [error.description]
    }
    return try pipeline.emit(try pipeline.plan(lowered), options: .init(name: "model")).map(\.text)
  }

  @Test(arguments: Repository.samples)
  func committedFilesAreUpToDate(_ sample: Repository.ModelFolder) throws {
    let graph = try Frontend.read(try sample.bytes("model.tflite"), file: "model")
    #expect(try ModelBinaryWriter.write(graph) == sample.bytes("model.bin"), "run `nncgen convert` for this sample")
  }

  /// A small file with the graph header `json` and a right checksum.
  private func file(_ json: String, payload: [UInt8] = []) -> [UInt8] {
    ModelBinaryMutations.assembled(header: Array(json.utf8), payload: payload)
  }

  @Test(arguments: [
    (#"{"tensors":[],"operators":[],"inputs":[],"outputs":[],"blocks":[],"more":1}"#, "top level"),
    (
      #"{"tensors":[{"name":"x","type":"int3","shape":[1]}],"operators":[],"inputs":[],"outputs":[],"blocks":[]}"#,
      "tensors[0].type"
    ),
    (
      #"{"tensors":[{"name":"x","type":"int8","shape":[-1]}],"operators":[],"inputs":[],"outputs":[],"blocks":[]}"#,
      "tensors[0]"
    ),
    (
      #"{"tensors":[{"name":"x","type":"int8","shape":[4],"encoding":[{"kind":"magic","block":0}]}],"#
        + #""operators":[],"inputs":[],"outputs":[],"blocks":[]}"#, "tensors[0].encoding[0].kind"
    ),
    (
      #"{"tensors":[{"name":"x","type":"int8","shape":[4]}],"operators":[{"operator":"warp","attributes":{},"#
        + #""inputs":[0],"outputs":[0],"origin":{"index":0,"name":"WARP"}}],"inputs":[],"outputs":[],"blocks":[]}"#,
      "operators[0]"
    ),
    (#"{"tensors":[],"operators":[],"inputs":[3],"outputs":[],"blocks":[]}"#, "inputs[0]"),
  ])
  func errorsNameThePath(_ json: String, _ path: String) {
    let error = #expect(throws: Diagnostic.self) { try Frontend.read(file(json), file: "m.bin") }
    #expect(error?.location == .json(file: "m.bin", path: path))
  }

  /// One error names every operator that is not known.
  @Test func unknownOperatorsAreNamedAtOnce() {
    let operators = ["warp", "relu", "fold"].enumerated().map { index, name in
      #"{"operator":"\#(name)","attributes":{},"inputs":[0],"outputs":[\#(index + 1)],"origin":{"index":0,"name":"X"}}"#
    }
    let tensors = (0..<4).map { #"{"name":"t\#($0)","type":"int8","shape":[4]}"# }
    let json =
      #"{"tensors":[\#(tensors.joined(separator: ","))],"operators":[\#(operators.joined(separator: ","))],"#
      + #""inputs":[0],"outputs":[3],"blocks":[]}"#
    let error = #expect(throws: Diagnostic.self) { try Frontend.read(file(json), file: "m.bin") }
    let found = error?.obstacles.map { "\($0)" } ?? []
    #expect(found.count == 2)
    #expect(found.first?.contains("warp") == true && found.last?.contains("fold") == true)
    #expect(error?.obstacles.map(\.location) == [0, 2].map { .json(file: "m.bin", path: "operators[\($0)]") })
  }

  @Test func checksumsAreChecked() throws {
    var bytes = try Repository.samples[0].bytes("model.bin")
    bytes[bytes.count - 1] ^= 1
    let payload = #expect(throws: Diagnostic.self) { try Frontend.read(bytes, file: "m.bin") }
    #expect(payload?.id == "modelbin.checksum")
    bytes[40] ^= 1
    let header = #expect(throws: Diagnostic.self) { try Frontend.read(bytes, file: "m.bin") }
    #expect(header?.location == .byte(file: "m.bin", offset: 16))
  }
}
