import Compiler
import Frontends
import IR
import Operators
import Passes
import Support
import TestSupport
import Testing

/// Models that `Tests/Fixtures/make_onnx_models.py` wrote, with vectors that ONNX Runtime answered.
@Suite struct ONNXTests {
  private static func folder(_ name: String) throws -> Repository.ModelFolder {
    try #require(Repository.onnxFixtures.first { $0.description == name })
  }

  private func graph(_ name: String) throws -> Graph {
    try Frontend.read(try Self.folder(name).bytes("model.onnx"), file: name)
  }

  /// The graph after the passes that change layouts and layers of floats.
  private func arranged(_ name: String) throws -> Graph {
    var graph = try graph(name)
    for pass in [PushTransposes() as any Pass, FuseFloatLayers()] {
      try pass.run(on: &graph)
      try graph.verify()
    }
    return graph
  }

  private func vectors(_ name: String, _ graph: Graph) throws -> (inputs: [[Tensor]], outputs: [[Tensor]]) {
    let folder = try Self.folder(name)
    return (
      try Vectors.load(try folder.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input"),
      try Vectors.load(try folder.vectorPaths("output"), for: graph.outputs.map { graph[$0] }, role: "output")
    )
  }

  @Test(arguments: ["cnn", "sound", "functions", "qdq"])
  func floatsEqualONNXRuntime(_ name: String) throws {
    for graph in [try graph(name), try arranged(name)] {
      let (inputs, expected) = try vectors(name, graph)
      let answers = try Interpreter(graph).outputs(inputs[0])
      for (answer, wanted) in zip(answers, expected[0]) {
        for (a, b) in zip(try answer.floats("answer"), try wanted.floats("expected")) {
          #expect((a - b).magnitude <= 1e-5 * max(1, b.magnitude), "\(a) instead of \(b)")
        }
      }
    }
  }

  /// Each of the seven operators rounds as TensorFlow Lite Micro does, which may be one unit away from ONNX Runtime.
  @Test func integersAreNextToONNXRuntime() throws {
    let graph = try graph("qlinear")
    let (inputs, expected) = try vectors("qlinear", graph)
    let answers = try Interpreter(graph).outputs(inputs[0])
    for (a, b) in zip(try answers[0].ints("answer"), try expected[0][0].ints("expected")) {
      #expect((a - b).magnitude <= 2)
    }
    let lowered = try Interpreter(try Pipeline.lower(graph)).outputs(inputs[0])
    #expect(lowered.map(\.elements) == answers.map(\.elements))
  }

  @Test(arguments: ["cnn", "qlinear", "qdq"])
  func transposesStandAtTheBoundaryOnly(_ name: String) throws {
    let graph = try arranged(name)
    let inner = graph.nodes.filter { node in
      guard node.op is Transpose else { return false }
      // An input that is quantized first is a boundary too.
      let source = graph.nodes.first { $0.outputs == node.inputs }
      return !(source == nil || source?.op is Quantize && source.map { graph.inputs.contains($0.inputs[0]) } == true)
    }
    #expect(inner.isEmpty, "\(graph.text)")
  }

  @Test func layersTakeNormalizationsAndActivations() throws {
    let names = try arranged("cnn").nodes.map { $0.op.mnemonic }
    #expect(
      names == [
        "transpose", "conv_2d", "depthwise_conv_2d", "conv_2d", "add", "max_pool_2d", "concatenation", "conv_2d",
        "reshape", "fully_connected", "softmax",
      ])
  }

  @Test func everyObstacleIsNamed() throws {
    do {
      _ = try graph("unsupported")
      Issue.record("was read")
    } catch let error as Diagnostic {
      #expect(error.category == .badInput && error.location == .file("unsupported"))
      #expect(
        error.obstacles.map(\.textInFile) == [
          "node 1 (NonZero) `nonzero_1`: the operator NonZero is not supported",
          "node 2 (Det) `det_2`: the operator Det is not supported",
          "node 4 (MaxPool) `maxpool_4`: `dilations` other than 1 are not supported for pooling",
        ])
      #expect(error.obstacles.allSatisfy { !$0.notes.isEmpty })
    }
  }

  @Test func filesAreRecognizedByContent() throws {
    let bytes = try Self.folder("functions").bytes("model.onnx")
    #expect(ONNXReader.recognizes(bytes))
    // Text, zeros, and other formats are none; a file that is cut off is one that can't be read.
    for other in [Array(": text".utf8), [UInt8](repeating: 0, count: 64), Array("NNCG".utf8), []] {
      #expect(!ONNXReader.recognizes(other))
    }
    do throws(Diagnostic) {
      _ = try Frontend.read(Array(bytes.prefix(bytes.count - 40)), file: "m")
      Issue.record("was read")
    } catch {
      #expect(error.id == "onnx.bounds")
    }
  }
}
