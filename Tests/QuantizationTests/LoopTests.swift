import Compiler
import Frontends
import IR
import Operators
import Quantization
import Support
import TestSupport
import Testing

/// Recurrent layers of Keras, which are loops in the file: unrolled, compared with TensorFlow Lite, and quantized.
@Suite struct LoopTests {
  private func load(_ name: String) throws -> (graph: Graph, inputs: [[Tensor]], outputs: [[Tensor]]) {
    let folder = try #require(Repository.kerasFixtures.first { $0.description == name })
    let graph = try Frontend.read(try folder.bytes("model.tflite"), file: name)
    return (
      graph, try Vectors.load(try folder.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input"),
      try Vectors.load(try folder.vectorPaths("output"), for: graph.outputs.map { graph[$0] }, role: "output")
    )
  }

  @Test(arguments: ["gru_float", "lstm_sequences_float"])
  func floatsEqualTensorFlowLite(_ name: String) throws {
    let (graph, inputs, expected) = try load(name)
    for (answer, wanted) in zip(try Interpreter(graph).outputs(inSequence: inputs), expected) {
      for (a, b) in zip(try answer[0].floats("answer"), try wanted[0].floats("expected")) {
        #expect((a - b).magnitude <= 1e-5, "\(a) instead of \(b)")
      }
    }
  }

  @Test(arguments: [("gru_float", 25.0), ("lstm_sequences_float", 20.0)])
  func roundsShareScales(_ name: String, _ floor: Double) throws {
    let (graph, inputs, _) = try load(name)
    let quantized = try Pipeline.quantize(graph, vectors: inputs, .mse)
    #expect(quantized.fidelity.allSatisfy { $0.decibels > floor }, "\(quantized.fidelity)")
    var scales: [String: Set<Float>] = [:]
    for node in quantized.graph.nodes where node.origin.subgraph > 0 && node.op is Tanh {
      let input = quantized.graph[node.inputs[0]]
      scales[input.name, default: []].formUnion(input.type.quantization?.scales ?? [])
    }
    #expect(!scales.isEmpty && scales.values.allSatisfy { $0.count == 1 }, "\(scales)")
  }

  /// Of counters, of rows that are chosen by them, and of lists that are written row by row nothing is left but views.
  @Test func nothingOfTheLoopIsLeft() throws {
    let (graph, inputs, _) = try load("lstm_sequences_float")
    let lowered = try Pipeline.lower(try Pipeline.quantize(graph, vectors: inputs, .mse).graph)
    #expect(!lowered.nodes.contains { $0.op is Gather || $0.op is DynamicUpdateSlice })
    #expect(lowered.nodes.count { $0.op is Concatenation } == 1, "\(lowered.text)")
  }
}
