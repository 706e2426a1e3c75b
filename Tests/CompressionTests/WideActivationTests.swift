import Compiler
import Compression
import Frontends
import IR
import Operators
import Quantization
import Support
import TestSupport
import Testing

/// Networks of 16-bit activations that `quantize` makes.
@Suite struct WideActivationTests {
  private static let step = #"{"step": "quantize", "activations": 16}"#

  /// Every form of layer follows the specification of 16x8 quantization, and comes closer to the floats than with 8 bits.
  @Test(arguments: CompressionGraphs.layers)
  func layersFollowTheSpecification(_ form: String) throws {
    for seed in UInt64(1)...5 {
      let graph = try CompressionGraphs.layer(form, seed: seed)
      let vectors = try CompressionGraphs.vectors(graph, 10)
      var found: [Int: Double] = [:]
      for bits in [8, 16] {
        var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
        try compressor.apply(try CompressionGraphs.step(#"{"step": "quantize", "activations": \#(bits)}"#))
        found[bits] = compressor.statistics.last?.outputDecibels
        guard bits == 16 else { continue }
        let wide = compressor.network.graph
        for id in wide.inputs + wide.nodes.flatMap(\.outputs) {
          #expect(wide[id].type.element == .int16 && wide[id].type.quantization?.zeroPoints == [0])
        }
        let layer = try #require(wide.nodes.first { $0.inputs.count == 3 })
        #expect(wide[layer.inputs[1]].type.element == .int8)
        #expect(wide[layer.inputs[2]].type.element == .int64)
        _ = try Pipeline.lower(wide)
      }
      #expect(try #require(found[16]) > #require(found[8]), "\(form): \(found)")
    }
  }

  /// A network with residuals, pooling and a softmax, as a file and as C.
  @Test(arguments: ["host", "cortex-m0"], [8, 16])
  func cAnswersLikeTheReference(_ target: String, _ bits: Int) throws {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    var compressor = try Compressor(
      graph, CompressionContext(calibration: try CompressionGraphs.vectors(graph, 8)), evaluation: nil)
    try compressor.apply(
      try CompressionGraphs.step(#"{"step": "quantize", "activations": 16, "weights": \#(bits)}"#))
    #expect(try #require(compressor.statistics.last?.outputDecibels) > (bits == 8 ? 20 : 50))
    let read = try Frontend.read(try compressor.modelBinary(), file: "model")
    let lowered = try Pipeline.lower(read)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 6)
    let expected = try vectors.map { try Interpreter(read).outputs($0) }
    let found = try Pipelines.runEmitted(
      lowered, on: target, flags: target == "host" ? Pipelines.sanitizers : [], vectors: vectors)
    #expect(Verification.compare(expected, found) == nil)
  }

  /// With weights of 16 bits too, what is left of the errors is that of the activations.
  @Test(arguments: CompressionGraphs.layers)
  func shortWeightsComeCloser(_ form: String) throws {
    let graph = try CompressionGraphs.layer(form, seed: 3)
    let vectors = try CompressionGraphs.vectors(graph, 10)
    var found: [Double] = []
    for bits in [8, 16] {
      var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
      try compressor.apply(
        try CompressionGraphs.step(#"{"step": "quantize", "activations": 16, "weights": \#(bits)}"#))
      let layer = try #require(compressor.network.graph.nodes.first { $0.inputs.count == 3 })
      #expect(compressor.network.graph[layer.inputs[1]].type.element == (bits == 8 ? .int8 : .int16))
      found.append(try #require(compressor.statistics.last?.outputDecibels))
    }
    #expect(found[1] > found[0] + 20 && found[1] > 75, "\(form): \(found)")
  }

  /// Operators without a form for 16 bits are named, all of them.
  @Test func operatorsWithoutAFormAreNamed() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 4, 5, 2])
    let t = try b.realUnary(LogSoftmax(), x)
    b.graph.outputs = [t, try b.realUnary(LogSoftmax(), t)]
    let vectors = b.graph.realVectors(2)
    let error = #expect(throws: Diagnostic.self) {
      try Quantizer.quantize(b.graph, vectors: vectors, nil, .any, .short)
    }
    #expect("\(try #require(error))".contains("has no form with activations of 16 bits"))
  }

  /// Activations of a quantized network stay as they are, which is no quiet matter.
  @Test func quantizedNetworksAreRefused() throws {
    let graph = try CompressionGraphs.sample("digits/model.tflite")
    var compressor = try Compressor(graph, CompressionContext(calibration: []), evaluation: nil)
    let step = try CompressionGraphs.step(Self.step)
    let error = #expect(throws: Diagnostic.self) { try compressor.apply(step) }
    #expect(error?.id == "compress.activations")
    #expect(error?.category == .usage)
  }
}
