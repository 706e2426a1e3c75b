import Compiler
import IR
import Operators
import Quantization
import Support
import TestSupport
import Testing

/// Models as exporters and quantizers write them, which `Tests/Tools/exported_models.py` records with the answers of ONNX
/// Runtime to 16 vectors.
@Suite struct ExportedModelTests {
  @Test func everyModelIsThere() {
    #expect(Repository.exportedFixtures.count >= 7)
  }

  private func vectors(
    _ fixture: Repository.ModelFolder, _ graph: Graph
  ) throws -> (inputs: [[Tensor]], outputs: [[Tensor]]) {
    (
      try Vectors.load(try fixture.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input"),
      try Vectors.load(try fixture.vectorPaths("output"), for: graph.outputs.map { graph[$0] }, role: "output")
    )
  }

  /// Floats come close, labels are the same, and what is quantized in the file differs by one step at most.
  @Test(arguments: Repository.exportedFixtures)
  func answersAreThoseOfONNXRuntime(_ fixture: Repository.ModelFolder) throws {
    let graph = try Pipeline.read(try fixture.bytes("model.onnx"), file: fixture.description)
    let (inputs, expected) = try vectors(fixture, graph)
    let answers = try Interpreter(graph).outputs(inSequence: inputs)
    for position in graph.outputs.indices {
      var tolerance: Float = 1e-4
      if let node = graph.nodes.first(where: { $0.outputs == [graph.outputs[position]] }), node.op is Dequantize {
        tolerance = try #require(graph[node.inputs[0]].type.quantization).scales[0] * 1.001
      }
      for (answer, wanted) in zip(answers, expected) {
        guard case .floats(let values) = wanted[position].elements else {
          #expect(answer[position].elements == wanted[position].elements)
          continue
        }
        for (a, b) in zip(try answer[position].floats("answer"), values) {
          #expect((a - b).magnitude <= tolerance * max(1, b.magnitude), "\(a) instead of \(b)")
        }
      }
    }
  }

  @Test(arguments: Repository.exportedFixtures)
  func becomeCThatEqualsTheReference(_ fixture: Repository.ModelFolder) throws {
    let graph = try Pipeline.read(try fixture.bytes("model.onnx"), file: fixture.description)
    let inputs = try vectors(fixture, graph).inputs
    let network = Quantizer.isNeeded(graph) ? try Pipeline.quantize(graph, vectors: inputs, .mse) : nil
    for output in network?.fidelity ?? [] {
      // LOG_SOFTMAX ends at −16.
      let least = fixture.description.contains("keywords") ? 12.0 : 25
      if let same = output.sameVectors {
        #expect(same >= inputs.count - 1, "\(output)")
      } else {
        #expect(output.decibels > least, "\(output)")
      }
    }
    let pipeline = try Pipelines.pipeline()
    let verification = try Verification(
      pipeline: pipeline, harness: Harness(machine: pipeline.machine, templates: Pipelines.templates),
      imported: network?.graph ?? graph)
    let vectors = try verification.vectors(from: try fixture.vectorPaths("input"))
    let reference = try verification.reference(vectors)
    #expect(try verification.compareEmitted(vectors, reference) == nil)
  }

  /// The output carries the name that the file gives it, whatever node writes it.
  @Test func outputsHaveTheirNames() throws {
    let fixture = try #require(Repository.exportedFixtures.first { $0.description == "scikit_classifier_strings" })
    let graph = try Pipeline.read(try fixture.bytes("model.onnx"), file: "m")
    #expect(graph.outputs.map { graph[$0].name } == ["label", "probabilities"])
    #expect(graph.notes.count == 1 && graph.notes[0].contains("labels are strings"))
  }
}
