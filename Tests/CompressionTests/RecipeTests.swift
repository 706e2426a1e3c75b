import Compression
import IR
import Support
import Testing

@Suite struct RecipeTests {
  /// What is wrong in a recipe is told with its place.
  @Test(arguments: [
    (#"{}"#, "the member `steps` is missing"), (#"{"steps": 3}"#, "steps: must be an array"),
    (#"{"steps": [{}]}"#, "steps[0]: the member `step` is missing"),
    (#"{"steps": [{"step": "shrink"}]}"#, "steps[0].step: there is no step `shrink`; known are `low-rank`"),
    (#"{"steps": [{"step": "prune"}]}"#, "steps[0]: needs one of the members `ratio`, `keep` and `decibels`"),
    (#"{"steps": [{"step": "prune", "ratio": 1.5}]}"#, "steps[0].ratio: must be from 0.0 to 1.0, but is 1.5"),
    (#"{"steps": [{"step": "prune", "keep": "4:2"}]}"#, "steps[0].keep: must be such as `2:4`"),
    (#"{"steps": [{"step": "prune", "ratio": 0.5, "rate": 1}]}"#, "unknown member `rate`"),
    (
      #"{"steps": [{"step": "huffman"}, {"step": "quantize", "weights": 9}]}"#,
      "steps[1].weights: must be from 1 to 8, or 16"
    ),
    (#"{"steps": [{"step": "quantize", "weights": 1}]}"#, "steps[0].weights: must be at least 2"),
    (
      #"{"steps": [{"step": "quantize", "scheme": "odd"}]}"#,
      "steps[0].scheme: must be one of `symmetric`, `asymmetric`, `fixed-point`, `dynamic-fixed-point`, `binary`, `ternary`, not `odd`"
    ),
    (#"{"steps": [{"step": "quantize", "scheme": "asymmetric"}]}"#, "steps[0]: must be at most 7 in this scheme"),
    (#"{"steps": [{"step": "quantize", "weights": 16}]}"#, "steps[0].weights: must be at most 8 beside"),
    (#"{"steps": [{"step": "quantize", "activations": 12}]}"#, "steps[0].activations: must be 8 or 16"),
    (
      #"{"steps": [{"step": "quantize", "activations": 16, "ranges": "kl"}]}"#,
      "steps[0].ranges: activations of 16 bits hold all values"
    ),
    (
      #"{"steps": [{"step": "mixed-precision", "cycles": 9, "flash": 9}]}"#,
      "steps[0]: needs one of the members `bits-per-weight`, `cycles`, `flash`, `decibels` and `accuracy-loss`"
    ),
    (
      #"{"steps": [{"step": "mixed-precision", "decibels": 9, "sensitivity": "kl"}]}"#,
      "steps[0].sensitivity: `kl` tells no decibels"
    ),
    (
      #"{"steps": [{"step": "low-rank", "energy": 0.9, "scope": "network"}]}"#,
      "steps[0].scope: `network` goes with the member `ratio`"
    ),
    (#"{"steps": [{"step": "share"}]}"#, "steps[0]: needs one of the members `values` and `decibels`"),
    (#"{"steps": [{"step": "share", "values": 2.5}]}"#, "steps[0].values: must be a whole number"),
    (#"{"steps": [{"step": "rate-distortion", "rate": 25, "bits-per-weight": 1}]}"#, "steps[0]: needs one of"),
    (#"{"steps": [{"step": "mixed-precision", "bits-per-weight": 4, "among": []}]}"#, "steps[0].among: must name"),
    (#"{"steps": ["#, "recipe.json:1:12: "),
  ])
  func errorsNameThePlace(_ text: String, _ message: String) throws {
    let error = #expect(throws: Diagnostic.self) { try CompressionGraphs.recipe(text) }
    #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
    #expect(error?.category == .badInput)
  }

  @Test func shippedOnesAreReadable() throws {
    #expect(Recipe.shipped.map(\.name) == ["exact", "balanced", "deep-compression", "tiny"])
    for (name, _) in Recipe.shipped {
      let recipe = try #require(try Recipe.shipped(name))
      #expect(recipe.name == name)
      #expect(!recipe.steps.isEmpty)
    }
    let exact = try #require(try Recipe.shipped("exact"))
    #expect(exact.steps.allSatisfy { type(of: $0).isLossless })
  }

  /// Every option that a step reads is listed, and the other way round: a step takes its own list.
  @Test func stepsAreDescribed() {
    for step in Recipe.known {
      #expect(!step.summary.isEmpty)
      #expect(Set(step.options.map(\.name)).count == step.options.count)
    }
    #expect(Set(Recipe.known.map { $0.name }).count == Recipe.known.count)
  }

  /// Steps that need typical inputs say so.
  @Test(arguments: [
    #"{"step": "prune", "ratio": 0.5, "criterion": "activation"}"#, #"{"step": "prune", "decibels": 20}"#,
    #"{"step": "mixed-precision", "bits-per-weight": 4}"#, #"{"step": "quantize"}"#,
  ])
  func vectorsAreAskedFor(_ text: String) throws {
    let graph = try CompressionGraphs.sample("gesture/model_float.tflite")
    var compressor = try Compressor(graph, CompressionContext(calibration: []), evaluation: nil)
    let step = try CompressionGraphs.step(text)
    let error = #expect(throws: Diagnostic.self) { try compressor.apply(step) }
    #expect(error?.id == "compress.calibrate")
    #expect(error?.category == .usage)
  }
}

/// Networks and vectors that no step can work with are refused before any does.
@Suite struct CompressionInputTests {
  @Test func valuesMustBeFinite() throws {
    for weight in [Double.infinity, -.infinity, .nan] {
      let graph = try CompressionGraphs.dense(rows: 2, columns: 3, [1, 2, weight, 4, 5, 6])
      let error = #expect(throws: Diagnostic.self) {
        try Compressor(graph, CompressionContext(calibration: []), evaluation: nil)
      }
      #expect(error?.id == "compress.weights")
    }
    let graph = try CompressionGraphs.dense(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
    let vector = [Tensor(graph[graph.inputs[0]].type, floats: [0, .nan, 1])]
    let error = #expect(throws: Diagnostic.self) {
      try Compressor(graph, CompressionContext(calibration: [vector]), evaluation: nil)
    }
    #expect(error?.id == "compress.calibrate")
  }

  /// Weights of zeros, of one value, and layers that no calibration vector reaches pass through every step.
  @Test(arguments: [
    #"{"step": "prune", "ratio": 0.5}"#, #"{"step": "prune", "keep": "1:2"}"#, #"{"step": "share", "values": 4}"#,
    #"{"step": "share", "decibels": 20}"#, #"{"step": "rate-distortion", "rate": 16}"#,
    #"{"step": "mixed-precision", "bits-per-weight": 3}"#, #"{"step": "quantize", "weights": 3}"#,
    #"{"step": "quantize", "weights": 3, "scheme": "asymmetric"}"#, #"{"step": "quantize", "activations": 16}"#,
    #"{"step": "quantize", "scheme": "binary"}"#, #"{"step": "quantize", "scheme": "ternary"}"#,
    #"{"step": "quantize", "weights": 4, "scheme": "fixed-point"}"#,
    #"{"step": "quantize", "weights": 4, "scheme": "dynamic-fixed-point"}"#,
    #"{"step": "product-quantize", "values": 2, "length": 2}"#, #"{"step": "prune-channels", "ratio": 0.5}"#,
    #"{"step": "equalize"}"#, #"{"step": "split-outliers", "ratio": 0.5}"#, #"{"step": "low-rank", "energy": 0.9}"#,
    #"{"step": "low-rank", "rank": "bayes"}"#, #"{"step": "prune", "ratio": 0.5, "criterion": "curvature"}"#,
  ])
  func degenerateWeightsPass(_ step: String) throws {
    for weights in [
      [Double](repeating: 0, count: 32), [Double](repeating: -3, count: 32),
      [1e30] + [Double](repeating: 1e-30, count: 31),
    ] {
      let graph = try CompressionGraphs.dense(rows: 4, columns: 8, weights)
      let type = graph[graph.inputs[0]].type
      for value in [Float(0), 1] {
        let vectors = (0..<3).map { _ in [Tensor(type, floats: [Float](repeating: value, count: 8))] }
        var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
        do {
          try compressor.apply(try CompressionGraphs.step(step))
        } catch {
          // Scales of floats have bounds; an error is an answer, a trap is not.
          #expect((error as? Diagnostic)?.message.isEmpty == false)
        }
      }
    }
  }
}
