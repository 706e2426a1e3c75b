import Compiler
import Compression
import IR
import Support
import TestSupport
import Testing

/// Every criterion of every step does on a real network what it is asked for.
@Suite struct CriterionTests {
  private static func vectors(_ graph: Graph, _ count: Int) throws -> [[Tensor]] {
    let path = "\(Repository.root)/Samples/digits/calibration.npy"
    return Array(try Vectors.load([path], for: graph.inputs.map { graph[$0] }, role: "input").prefix(count))
  }

  private static func run(_ step: String) throws -> CompressionStatistics {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    var compressor = try Compressor(
      graph, CompressionContext(calibration: try vectors(graph, 24)), evaluation: nil)
    try compressor.apply(try CompressionGraphs.step(step))
    return try #require(compressor.statistics.last)
  }

  @Test(arguments: ["magnitude", "activation", "taylor", "curvature"], ["layer", "global"])
  func weightsArePruned(_ criterion: String, _ scope: String) throws {
    guard criterion != "activation" || scope == "layer" else { return }
    let last = try Self.run(
      #"{"step": "prune", "ratio": 0.4, "criterion": "\#(criterion)", "scope": "\#(scope)", "rounds": 2}"#)
    #expect(abs(last.density - 0.6) < 0.005, "\(last.density)")
    #expect(try #require(last.outputDecibels) > 15)
    let isEven = last.layers.allSatisfy { abs($0.density - 0.6) < 0.01 }
    #expect(isEven == (scope == "layer"))
  }

  @Test(arguments: ["l1", "l2", "activation", "rank", "taylor"])
  func channelsArePruned(_ criterion: String) throws {
    let last = try Self.run(#"{"step": "prune-channels", "ratio": 0.2, "criterion": "\#(criterion)"}"#)
    #expect(last.multiplyAccumulates < 350_000 && last.multiplyAccumulates > 200_000)
    #expect(try #require(last.outputDecibels) > 8)
  }

  /// Both ways to tell what layers need keep the budget, and lose less than the same bits everywhere.
  @Test(arguments: ["outputs", "hessian"])
  func precisionIsMixed(_ sensitivity: String) throws {
    let last = try Self.run(
      #"{"step": "mixed-precision", "bits-per-weight": 3.5, "sensitivity": "\#(sensitivity)"}"#)
    let bits = zip(last.layers, last.notes).reduce(0) { sum, layer in
      sum + layer.0.weights * (Int(layer.1.split(separator: " ").dropLast().last ?? "") ?? 0)
    }
    #expect(Double(bits) <= 3.5 * Double(last.weights) && Double(bits) > 3 * Double(last.weights))
    #expect(try #require(last.outputDecibels) > 15)
  }

  /// So many weights are pruned in each layer that it alone leaves the answers at the wanted ratio.
  @Test func sensitivityGivesRatios() throws {
    let (bold, careful) = (
      try Self.run(#"{"step": "prune", "decibels": 15}"#), try Self.run(#"{"step": "prune", "decibels": 35}"#)
    )
    #expect(bold.density < careful.density && careful.density < 1)
    #expect(careful.notes.count == careful.layers.count)
  }

  /// 2 of 4 weights stay in each row.
  @Test func patternsAreKept() throws {
    let graph = try CompressionGraphs.sample("digits/model_float.tflite")
    var compressor = try Compressor(
      graph, CompressionContext(calibration: try Self.vectors(graph, 8)), evaluation: nil)
    try compressor.apply(try CompressionGraphs.step(#"{"step": "prune", "keep": "2:4"}"#))
    for layer in try compressor.network.graph.weightedLayers() {
      for channel in 0..<layer.channels {
        let row = Array(layer.row(channel))
        for start in stride(from: 0, to: row.count, by: 4) {
          #expect(row[start..<min(start + 4, row.count)].count { $0 != 0 } <= 2)
        }
      }
    }
  }
}
