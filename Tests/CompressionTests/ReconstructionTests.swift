import Compiler
import Compression
import IR
import LinearAlgebra
import Operators
import Quantization
import Support
import TestSupport
import Testing

/// Weights are chosen so that the outputs of layers come closest.
@Suite struct ReconstructionTests {
  /// The loss of weights is the mean squared change of what the layer computes, once the bias has taken back the mean.
  @Test(arguments: CompressionGraphs.layers)
  func lossIsTheChangeOfTheSums(_ form: String) throws {
    let graph = try CompressionGraphs.layer(form, seed: 3)
    let vectors = try CompressionGraphs.vectors(graph, 12)
    var random = SplitMix64(seed: 9)
    var walk = try LayerWalk(graph, vectors: vectors)
    var (loss, damped) = (0.0, 0.0)
    var layer: WeightedLayer?
    try walk.run { (_, problem) throws(Diagnostic) in
      let weights = problem.layer.weights.map { $0 + Double.random(in: -0.1...0.1, using: &random) }
      loss = problem.loss(of: weights)
      #expect(problem.isMeasured)
      for (target, weight) in zip(problem.targets, problem.layer.weights) { #expect(abs(target - weight) < 1e-6) }
      // What stands on the diagonal beside the moments.
      for channel in 0..<problem.layer.channels {
        guard let hessian = problem.loss(channel)?.hessian else { continue }
        let n = problem.layer.columns
        let mean = (0..<n).reduce(0) { $0 + hessian[$1 * n + $1] } / Double(n) / (1 + QuadraticLoss.damping)
        for column in 0..<n {
          let change = weights[channel * n + column] - problem.layer.weights[channel * n + column]
          damped += QuadraticLoss.damping * mean * change * change
        }
      }
      layer = problem.layer
      return (weights, nil)
    }
    // The sums themselves, without activation.
    let channels = try #require(layer).channels
    func sums(_ graph: Graph) throws -> [Double] {
      var plain = graph
      if let op = plain.nodes[0].op as? any ActivatedOperator { plain.nodes[0].op = op.activated(.none) }
      let interpreter = try Interpreter(plain)
      return try vectors.flatMap { try interpreter.outputs($0)[0].realValues }
    }
    let changes = zip(try sums(graph), try sums(walk.graph)).map { $1 - $0 }
    let places = Double(changes.count / channels)
    for channel in 0..<channels {
      let own = stride(from: channel, to: changes.count, by: channels).map { changes[$0] }
      #expect(abs(own.reduce(0, +) / places) < 1e-4, "the bias takes back the mean of channel \(channel)")
    }
    let measured = changes.reduce(0) { $0 + $1 * $1 } / places
    #expect(abs(measured - (loss - damped)) < 1e-3 * measured, "\(measured) \(loss) \(damped)")
  }

  /// Random positive definite moments of inputs that hang together.
  private func moments(_ size: Int, _ random: inout SplitMix64) -> [Double] {
    let samples = (0..<size + 4).map { _ -> [Double] in
      let common = Double.random(in: -1...1, using: &random)
      return (0..<size).map { _ in common + Double.random(in: -0.5...0.5, using: &random) }
    }
    return (0..<size * size).map { place in
      samples.reduce(0) { $0 + $1[place / size] * $1[place % size] } / Double(samples.count)
    }
  }

  @Test func roundingMakesUpForErrors() {
    var random = SplitMix64(seed: 21)
    for size in [1, 2, 7, 20, 40] {
      let loss = QuadraticLoss(moments: moments(size, &random), size: size)
      let wanted = (0..<size).map { _ in Double.random(in: -3...3, using: &random) }
      #expect(loss.rounded(wanted) { _, value, _ in value } == wanted)
      let round = { (_: Int, value: Double, _: Double) in value.rounded() }
      let nearest = wanted.map { $0.rounded() }
      let rounded = loss.rounded(wanted, round)
      let improved = loss.improved(rounded, wanted, rounds: 50, round)
      let fromNearest = loss.improved(nearest, wanted, rounds: 50, round)
      #expect(loss.loss(improved, wanted) <= loss.loss(rounded, wanted) * (1 + 1e-9))
      #expect(loss.loss(fromNearest, wanted) <= loss.loss(nearest, wanted) * (1 + 1e-9))
      #expect(improved.allSatisfy { $0 == $0.rounded() })
      if size >= 20 { #expect(loss.loss(improved, wanted) < 0.7 * loss.loss(nearest, wanted)) }
    }
  }

  /// Where half of the weights must be zero, the rest comes to the least squares.
  @Test func descentFindsLeastSquares() throws {
    var random = SplitMix64(seed: 4)
    let size = 12
    let loss = QuadraticLoss(moments: moments(size, &random), size: size)
    let wanted = (0..<size).map { _ in Double.random(in: -1...1, using: &random) }
    let kept = (0..<size).filter { $0 % 2 == 0 }
    let choose = { (place: Int, value: Double, _: Double) in place % 2 == 0 ? value : 0 }
    let found = loss.improved(loss.rounded(wanted, choose), wanted, rounds: 5000, choose)
    // H_kk v = (H w)_k
    let right = kept.map { row in (0..<size).reduce(0) { $0 + loss.hessian[row * size + $1] * wanted[$1] } }
    let matrix = kept.flatMap { row in kept.map { loss.hessian[row * size + $0] } }
    let best = try #require(Cholesky(matrix, size: kept.count)).solve(right)
    for (place, value) in zip(kept, best) { #expect(abs(found[place] - value) < 1e-5) }
  }

  /// On whole networks answers come closer than with weights that are rounded one by one.
  @Test(arguments: [3, 4]) func answersComeCloser(_ bits: Int) throws {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    let path = "\(Repository.root)/Samples/digits/calibration.npy"
    let vectors = Array(try Vectors.load([path], for: graph.inputs.map { graph[$0] }, role: "input").prefix(60))
    func decibels(_ rounding: String) throws -> Double {
      var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
      try compressor.apply(
        try CompressionGraphs.step(#"{"step": "quantize", "weights": \#(bits), "rounding": "\#(rounding)"}"#))
      return try #require(compressor.statistics.last?.outputDecibels)
    }
    let (nearest, reconstructed) = (try decibels("nearest"), try decibels("reconstruct"))
    #expect(reconstructed > nearest + 3, "\(nearest) \(reconstructed)")
  }
}
