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

  @Test(arguments: ["cnn", "sound", "functions", "qdq", "matrices", "pictures", "control", "runtime", "recurrent"])
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

  /// Sums and activations round as TensorFlow Lite Micro does, which may be one unit away from ONNX Runtime.
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

  /// Networks of ONNX Runtime's quantizer are equal in every bit, in both formats, with weights of both signs: as they are
  /// read, as integers, and as read back from model.bin.
  @Test(arguments: [
    "qdq_s8s8_channels", "qdq_u8u8", "qdq_u8u8_channels", "qoperator_s8s8", "qoperator_u8s8_channels", "qoperator_u8u8",
  ])
  func quantizedNetworksEqualONNXRuntime(_ name: String) throws {
    let read = try Pipeline.read(try Self.folder(name).bytes("model.onnx"), file: name)
    let lowered = try Pipeline.lower(read)
    let layers = lowered.nodes.filter { $0.op.mnemonic.hasPrefix("integer.") && !($0.op is IntegerPool2D) }
    #expect(layers.count >= 4)
    // Unsigned weights of these networks need 9 bits.
    let hasWide = lowered.nodes.contains { $0.inputs.contains { lowered[$0].type.element == .int16 } }
    #expect(hasWide == name.contains("u8u8"))
    let copy = try Frontend.read(try ModelBinaryWriter.write(read), file: name)
    #expect(copy.text == read.text)
    for graph in [read, copy] {
      let (inputs, expected) = try vectors(name, graph)
      #expect(inputs.count == 4)
      for (vector, wanted) in zip(inputs, expected) {
        let answer = try Interpreter(graph).outputs(vector)
        #expect(try answer[0].floats("answer") == wanted[0].floats("expected"))
        let result = try Interpreter(lowered).outputs(try vector.map { try Self.quantized($0, lowered) })[0]
        #expect(try Dequantize.real(result).floats("result") == wanted[0].floats("expected"))
      }
    }
  }

  /// Layers that quantize their input while they run are close to what they stand for.
  @Test func dynamicLayersAreLayersOfFloats() throws {
    let graph = try graph("dynamic")
    #expect(graph.notes.count == 1 && graph.nodes.allSatisfy { !($0.op is Dequantize) })
    let (inputs, expected) = try vectors("dynamic", graph)
    for (vector, wanted) in zip(inputs, expected) {
      let (answer, values) = (
        try Interpreter(graph).outputs(vector)[0].floats("answer"), try wanted[0].floats("expected")
      )
      let largest = values.map(\.magnitude).max() ?? 0
      for (a, b) in zip(answer, values) { #expect((a - b).magnitude < 0.02 * largest) }
    }
  }

  /// Plain integers have no rounding: the graph, its normal form and the C give what ONNX Runtime gives.
  @Test(arguments: ["integers", "lists"])
  func plainIntegersEqualONNXRuntime(_ name: String) throws {
    let graph = try graph(name)
    let (inputs, expected) = try vectors(name, graph)
    let wanted = expected[0].map(\.elements)
    #expect(try Interpreter(graph).outputs(inputs[0]).map(\.elements) == wanted)
    let lowered = try Pipeline.lower(graph)
    #expect(try Interpreter(lowered).outputs(inputs[0]).map(\.elements) == wanted)
    let answers = try Pipelines.runEmitted(lowered, flags: Pipelines.sanitizers, vectors: [inputs[0]])
    #expect(answers[0].map(\.elements) == wanted)
  }

  /// Between quantizations a transposed convolution is one of integers; its bias and its rounding are those of TensorFlow Lite
  /// Micro, which may be one unit away from ONNX Runtime's floats.
  @Test func quantizedUpscalingIsOneOfIntegers() throws {
    let model = try Self.folder("qdq_upscaling")
    let graph = try Pipeline.read(try model.bytes("model.onnx"), file: "qdq_upscaling")
    let (inputs, expected) = try vectors("qdq_upscaling", graph)
    let answers = try Interpreter(graph).outputs(inputs[0])
    for (a, b) in zip(try answers[0].floats("answer"), try expected[0][0].floats("expected")) {
      #expect((a - b).magnitude <= 0.0501)
    }
    let lowered = try Pipeline.lower(graph)
    #expect(lowered.nodes.allSatisfy { node in (node.inputs + node.outputs).allSatisfy { !lowered.isReal($0) } })
    #expect(try Interpreter(lowered).outputs(inputs[0].map { try Self.quantized($0, lowered) }).count == 2)
  }

  /// Between quantizations lists of elements are those of the integers.
  @Test func quantizedListsAreOfIntegers() throws {
    let graph = try Pipeline.read(try Self.folder("qdq_lists").bytes("model.onnx"), file: "qdq_lists")
    let (inputs, expected) = try vectors("qdq_lists", graph)
    let answers = try Interpreter(graph).outputs(inputs[0])
    #expect(answers.map(\.elements) == expected[0].map(\.elements))
    let lowered = try Pipeline.lower(graph)
    #expect(lowered.nodes.map { $0.op.mnemonic } == ["top_k"], "\(lowered.text)")
    let results = try Interpreter(lowered).outputs(inputs[0].map { try Self.quantized($0, lowered) })
    #expect(try Dequantize.real(results[0]).elements == expected[0][0].elements)
    #expect(results[1].elements == expected[0][1].elements)
  }

  /// A float input in the type that the lowered graph has for it.
  private static func quantized(_ tensor: Tensor, _ graph: Graph) throws -> Tensor {
    let type = graph[graph.inputs[0]].type
    guard type.element != .float32 else { return tensor }
    return try Quantize(roundsToEven: true).evaluate([tensor], as: [type])[0]
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
          "node 1 (NonZero) `nonzero_1`: the size of the result would be known at run time only",
          "node 2 (Det) `det_2`: matrices of the shape [1,2,4,4] are not supported, only those of up to 3 rows",
          "node 4 (Unique) `unique_4`: the operator Unique is not supported: the size of its result depends on the data",
        ])
      #expect(error.obstacles.allSatisfy { !$0.notes.isEmpty })
    }
  }

  @Test func variantsOfRecurrentLayersAreNamed() throws {
    do {
      _ = try graph("unsupported_recurrent")
      Issue.record("was read")
    } catch let error as Diagnostic {
      #expect(
        Set(error.obstacles.map(\.textInFile)) == [
          "node 0 (LSTM) `lstm_0`: peepholes are not supported",
          "node 1 (LSTM) `lstm_1`: `input_forget` is not supported",
          "node 2 (GRU) `gru_2`: the activations hardsigmoid, tanh are not supported, only sigmoid, tanh",
          "node 3 (RNN) `rnn_3`: the activations elu are not supported, only tanh and relu",
          "node 4 (RNN) `rnn_4`: sequences that are shorter than the data are not supported",
          "node 5 (RNN) `rnn_5`: weights [1,2,4] and recurrent weights [1,2,2] do not suit data [7,1,3], 1 directions and "
            + "`hidden_size`",
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

extension Graph {
  fileprivate func isReal(_ id: TensorID) -> Bool { self[id].type.element == .float32 }
}
