import Compiler
import Frontends
import IR
import Operators
import Passes
import Support
import TestSupport
import Testing

/// Every pass keeps the values of the outputs, for every recorded model.
@Suite struct PassTests {
  @Test(arguments: Repository.operatorFixtures + Repository.samples)
  func passesKeepTheOutputs(_ folder: Repository.ModelFolder) throws {
    let graph = try Frontend.read(try folder.bytes("model.tflite"), file: folder.description)
    let lowered: Graph
    do throws(Diagnostic) {
      lowered = try Pipeline.lower(graph)
    } catch {
      // Operators on floats have no integer form before they are quantized.
      #expect(error.id == "lowering.float" && folder.description.contains("float"))
      return
    }
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 6)
    // The boundary pass changes floats to integers; from there on outputs can be compared as they are.
    var stages: [(name: String, graph: Graph)] = []
    _ = try Pipeline.lower(graph) { stages.append(($0, $1)) }
    let integers = stages.drop { stage in
      (stage.graph.inputs + stage.graph.outputs).contains { stage.graph[$0].type.element == .float32 }
    }
    #expect(!integers.isEmpty)
    let final = try Interpreter(lowered)
    for (name, stage) in integers {
      let interpreter = try Interpreter(stage)
      for vector in vectors {
        let same = try interpreter.outputs(vector).map(\.elements) == final.outputs(vector).map(\.elements)
        #expect(same, "after \(name)")
      }
    }
  }

  @Test func everyPassHasAnExample() {
    #expect(Set(PassExamples.all.map(\.pass)) == Set(Pipeline.passes.map(\.pass.name)))
  }

  /// The text of a small graph before and after each pass, kept beside the tests.
  @Test(arguments: PassExamples.all)
  func rewritesAsRecorded(_ example: PassExamples.Example) throws {
    var graph = try example.graph()
    // The passes before it give the form that it expects.
    for (pass, _) in Pipeline.passes.prefix(while: { $0.pass.name != example.pass }) { try pass.run(on: &graph) }
    let before = graph.text
    let pass = try #require(Pipeline.passes.first { $0.pass.name == example.pass }?.pass)
    var failure = ""
    do throws(Diagnostic) {
      try pass.run(on: &graph)
      try graph.verify()
    } catch {
      failure = "\(error)\n"
    }
    try Golden.check("before\n\(before)after\n\(failure.isEmpty ? graph.text : failure)", "\(example.name).txt")
  }

  /// A table read by another node as well must stay, even when it was an identity that made it so.
  @Test func clampsAreOnlyAbsorbedByTheirOnlyReader() throws {
    var builder = GraphBuilder()
    let x = try builder.input([1, 2, 2, 1])
    let conv = try builder.convolution(x)
    let identity = try builder.unary(Relu(), conv, like: conv, name: "RELU")
    let clamped = try builder.unary(Relu6(), identity, like: conv, name: "RELU6")
    builder.graph.outputs = [clamped, try builder.unary(HardSwish(), identity, like: conv, name: "HARD_SWISH")]
    let lowered = try Pipeline.lower(builder.graph)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type })
    for vector in vectors {
      let same =
        try Interpreter(lowered).outputs(vector).map(\.elements)
        == Interpreter(builder.graph).outputs(vector).map(\.elements)
      #expect(same)
    }
  }
}
