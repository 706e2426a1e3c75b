import Compiler
import Frontends
import IR
import Support
import TestSupport
import Testing

/// The reference semantics and the emitted C against vectors that TensorFlow Lite Micro answered.
@Suite struct FixtureTests {
  @Test func everyFixtureIsThere() {
    #expect(Repository.operatorFixtures.count > 300)
  }

  private static let recorded =
    Repository.operatorFixtures + Repository.kerasFixtures.filter { $0.description.hasSuffix("_int8") }

  @Test(arguments: recorded)
  func equalsTensorFlowLiteMicro(_ fixture: Repository.ModelFolder) throws {
    let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: fixture.description)
    let inputs = try Vectors.load(try fixture.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input")
    let expected = try Vectors.load(
      try fixture.vectorPaths("output"), for: graph.outputs.map { graph[$0] }, role: "output")
    let answers = try Interpreter(graph).outputs(inSequence: inputs)
    #expect(answers.map { $0.map(\.elements) } == expected.map { $0.map(\.elements) })
  }

  /// The fixtures in as many parts as make compiling them quick on some cores.
  private static let parts = 0..<16

  @Test(arguments: parts)
  func emittedCEqualsTensorFlowLiteMicro(_ part: Int) throws {
    var suite = try ModelSuite()
    let fixtures = Self.recorded
    for index in stride(from: part, to: fixtures.count, by: Self.parts.count) {
      let fixture = fixtures[index]
      let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: fixture.description)
      // Operators on floats are evaluated, but no kernel computes them.
      if let refusal = refusal(graph) {
        #expect(refusal == "lowering.float" && fixture.description.contains("float"))
        continue
      }
      let pipeline = try Pipelines.pipeline()
      let verification = try Verification(
        pipeline: pipeline, harness: Harness(machine: pipeline.machine, templates: Pipelines.templates),
        imported: graph)
      let vectors = try verification.vectors(from: try fixture.vectorPaths("input"))
      let reference = try verification.reference(vectors)
      #expect(
        try verification.compare(reference, withFiles: try fixture.vectorPaths("output")) == nil, "\(fixture)")
      try suite.add("\(fixture)", verification.lowered, vectors: vectors, expected: reference)
    }
    try suite.run()
    #expect(suite.failures == [])
  }

  /// Why the network can't be lowered; nil when it can.
  private func refusal(_ graph: Graph) -> String? {
    do throws(Diagnostic) {
      _ = try Pipeline.lower(graph)
      return nil
    } catch {
      return error.id
    }
  }
}
