import Compression
import IR
import Support
import TestSupport
import Testing

/// What the steps do to weights, beside what NumPy computes: `Tests/Fixtures/make_compression.py`.
@Suite struct StatisticsTests {
  struct Case {
    let rows: Int
    let columns: Int
    let weights: [Double]
    let inputs: [Double]
    let steps: [(options: JSONCursor, density: Double, distinct: Int, decibels: Double, outputDecibels: Double)]
  }

  static func cases() throws -> [Case] {
    let file = "compression.json"
    let bytes = try Platform.read("\(Repository.root)/Tests/Fixtures/\(file)")
    return try JSONCursor(try JSONParser.parse(bytes, file: file), file: file).member("cases").items().map { item in
      Case(
        rows: try item.member("rows").int(), columns: try item.member("columns").int(),
        weights: try item.member("weights").items().map { try $0.double() },
        inputs: try item.member("inputs").items().map { try $0.double() },
        steps: try item.member("steps").items().map { step in
          (
            try step.member("options"), try step.member("density").double(), try step.member("distinct").int(),
            try step.member("decibels").double(), try step.member("output_decibels").double()
          )
        })
    }
  }

  @Test func equalNumPy() throws {
    var count = 0
    for one in try Self.cases() {
      let graph = try CompressionGraphs.dense(rows: one.rows, columns: one.columns, one.weights)
      let type = graph[graph.inputs[0]].type
      let vectors = stride(from: 0, to: one.inputs.count, by: one.columns).map { start in
        [Tensor(type, floats: one.inputs[start..<start + one.columns].map { Float($0) })]
      }
      for wanted in one.steps {
        var compressor = try Compressor(graph, CompressionContext(calibration: vectors), evaluation: nil)
        try compressor.apply(try Recipe.step(wanted.options))
        let found = try #require(compressor.statistics.last)
        let layer = found.layers[0]
        let text = wanted.options.value.text()
        #expect(layer.density == wanted.density, "\(text)")
        #expect(layer.distinct == wanted.distinct, "\(text)")
        #expect(abs(try #require(layer.decibels) - wanted.decibels) < 1e-4, "\(text)")
        // Quantized networks round their activations too.
        if found.step != "quantize" {
          #expect(abs(try #require(found.outputDecibels) - wanted.outputDecibels) < 1e-3, "\(text)")
        }
        #expect(found.weights == one.weights.count)
        #expect(abs(found.rate * found.bitsPerWeight - 32) < 1e-9)
        count += 1
      }
    }
    #expect(count > 60)
  }

  /// Bytes are those of the file: its blocks hold the weights and everything else, each aligned to 16 bytes at most.
  @Test func bytesAreThoseOfTheFile() throws {
    let graph = try CompressionGraphs.sample("digits/model.tflite")
    var compressor = try Compressor(graph, CompressionContext(calibration: []), evaluation: nil)
    try compressor.run(
      try CompressionGraphs.recipe(#"{"steps": [{"step": "prune", "ratio": 0.9}, {"step": "huffman"}]}"#))
    let last = try #require(compressor.statistics.last)
    let file = try compressor.modelBinary()
    let header = Int(file[8]) | Int(file[9]) << 8 | Int(file[10]) << 16
    let payload = file.count - header - 16
    #expect(payload >= last.bytes)
    #expect(payload <= last.bytes + last.otherBytes + 16 * 60)
    #expect(last.rate > 18)
  }
}
