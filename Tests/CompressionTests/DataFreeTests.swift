import Compiler
import Compression
import IR
import Support
import TestSupport
import Testing

/// Compression of quantized networks for which there is no data.
@Suite struct DataFreeTests {
  /// Weights that are rounded with smooth noise keep more of the answers to real inputs than weights that are rounded one by one.
  @Test(arguments: ["digits", "gesture"])
  func noiseStandsInForData(_ sample: String) throws {
    let graph = try CompressionGraphs.sample("\(sample)/model.tflite")
    let folder = "\(Repository.root)/Samples/\(sample)"
    let vectors = try Vectors.load(["\(folder)/samples.npy"], for: graph.inputs.map { graph[$0] }, role: "input")
    let held = LabelledVectors(
      inputs: vectors, labels: try Vectors.labels("\(folder)/labels.npy", count: vectors.count))
    let noise = try SyntheticData.vectors(graph, count: 64, seed: 1)
    #expect(noise.source == .random)
    var accuracy: [Double] = []
    for calibration in [[], noise.vectors] {
      var compressor = try Compressor(graph, CompressionContext(calibration: calibration), evaluation: held)
      try compressor.apply(try CompressionGraphs.step(#"{"step": "quantize", "weights": 2}"#))
      accuracy.append(try #require(compressor.statistics.last?.accuracy))
    }
    #expect(accuracy[1] > accuracy[0] + 0.02, "\(accuracy)")
  }
}
