import Compiler
import Compression
import Frontends
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Compressed networks as files and as C.
@Suite struct CompressedExecutionTests {
  /// Networks of random layers pass through lossless steps and files unchanged in every bit.
  @Test func losslessStepsChangeNothing() throws {
    for seed in UInt64(1)...40 {
      var networks = RandomNetworks(seed: seed)
      let graph = try networks.make(layers: 6)
      guard try !graph.weightedLayers().isEmpty else { continue }
      var compressor = try Compressor(graph, CompressionContext(calibration: []), evaluation: nil)
      try compressor.run(try #require(try Recipe.shipped("exact")))
      let copy = try Frontend.read(try compressor.modelBinary(), file: "model")
      #expect(copy.isCompressed)
      let vectors = VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 8, seed: seed)
      let (before, after) = (try Interpreter(graph), try Interpreter(copy))
      #expect(try before.outputs(inSequence: vectors) == after.outputs(inSequence: vectors))
      #expect(compressor.statistics.last?.layers.allSatisfy { $0.decibels == .infinity } == true)
    }
  }

  /// Pruned, shared and coded: the C reads weights from their compressed form, and no memory holds all weights of a layer.
  @Test(arguments: ["host", "cortex-m0"], ["digits", "vibration"])
  func cExecutesTheCompressedForm(_ target: String, _ sample: String) throws {
    let graph = try CompressionGraphs.sample("\(sample)/model.tflite")
    var compressor = try Compressor(graph, CompressionContext(calibration: []), evaluation: nil)
    try compressor.run(
      try CompressionGraphs.recipe(
        """
        {"steps": [{"step": "prune", "ratio": 0.85}, {"step": "share", "values": 16}, {"step": "huffman"}]}
        """))
    let read = try Frontend.read(try compressor.modelBinary(), file: "model")
    let lowered = try Pipeline.lower(read)
    let pipeline = try Pipelines.pipeline(target)
    let plan = try pipeline.plan(lowered)
    var compressed = 0
    for step in plan.steps where step.layer.inputs.count > 1 {
      guard let weights = step.layer.inputs[1].constant?.type.shape, weights.rank > 1, weights.elementCount > 250,
        let plain = step.rejected.first(where: { $0.kernel.keepsWeights })?.cost
      else { continue }
      compressed += 1
      #expect(!step.kernel.keepsWeights && 10 * step.cost.flash < 9 * plain.flash, "\(step.kernel.name)")
      // Rows of weights may be decoded, but never a whole layer.
      let patch = step.layer.inputs[1].constant.map { $0.type.shape.elementCount / $0.type.shape[0] } ?? 0
      #expect(!step.kernel.name.hasSuffix("huffman") || step.cost.scratch <= patch + 4 * 34, "\(step.kernel.name)")
      #expect(
        !step.kernel.name.hasSuffix("coded") || step.cost.scratch <= 3 * 4 * patch + 4 * 86, "\(step.kernel.name)")
    }
    #expect(compressed > 0)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 12)
    let expected = try vectors.map { try Interpreter(read).outputs($0) }
    let found = try Pipelines.runEmitted(
      lowered, on: target, flags: target == "host" ? Pipelines.sanitizers : [], vectors: vectors)
    #expect(Verification.compare(expected, found) == nil)
  }

  /// The same seed and inputs give the same file.
  @Test(arguments: ["tiny", "deep-compression"])
  func filesAreReproducible(_ name: String) throws {
    let graph = try CompressionGraphs.sample("gesture/model_float.tflite")
    let vectors = try CompressionGraphs.vectors(graph, 6)
    let recipe = try #require(try Recipe.shipped(name))
    let files = try (0..<2).map { _ in
      var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
      try compressor.run(recipe)
      return try compressor.modelBinary()
    }
    #expect(files[0] == files[1])
  }

  /// The wanted rate is reached, and not by much more.
  @Test(arguments: [8.0, 16, 30])
  func ratesAreKept(_ rate: Double) throws {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    let vectors = try CompressionGraphs.vectors(graph, 12)
    var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
    try compressor.run(
      try CompressionGraphs.recipe(#"{"steps": [{"step": "rate-distortion", "rate": \#(rate)}, {"step": "huffman"}]}"#))
    let last = try #require(compressor.statistics.last)
    #expect(last.rate >= 0.99 * rate && last.rate < 1.1 * rate, "\(last.rate)")
  }

  @Test func bitsFollowTheBudget() throws {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    let vectors = try CompressionGraphs.vectors(graph, 8)
    var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
    try compressor.apply(try CompressionGraphs.step(#"{"step": "mixed-precision", "bits-per-weight": 4}"#))
    let last = try #require(compressor.statistics.last)
    // So many values has a layer of that many bits; different layers have different ones.
    #expect(Set(last.notes.compactMap { $0.split(separator: ":").last }).count > 1)
    let layers = try compressor.network.graph.weightedLayers()
    var bits = 0.0
    for (layer, note) in zip(layers, last.notes) {
      let own = try #require(Int(note.split(separator: " ").dropLast().last ?? ""))
      bits += Double(own * layer.weights.count)
      for channel in 0..<layer.channels { #expect(Set(layer.row(channel)).count < 1 << own) }
    }
    #expect(bits <= 4 * Double(last.weights))
  }
}
