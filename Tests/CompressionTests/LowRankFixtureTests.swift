import Compression
import IR
import Operators
import Support
import TestSupport
import Testing

/// The step `low-rank` beside NumPy (`Tests/Fixtures/make_low_rank.py`).
@Suite struct LowRankFixtureTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let method: String
    let shape: [Int]
    let rank: Int
    let error: Double
    let weights: [Float]

    var testDescription: String { "\(method) \(shape) rank \(rank)" }
  }

  struct Measured: Sendable, CustomTestStringConvertible {
    let filters: Int
    let depth: Int
    let rank: Int
    let weights: [Float]
    let inputs: [Float]
    let error: Double

    var testDescription: String { "\(depth) to \(filters) rank \(rank)" }
  }

  private static let fixtures: JSONCursor? = {
    let file = "low_rank.json"
    guard let bytes = try? Platform.read("\(Repository.root)/Tests/Fixtures/\(file)"),
      let json = try? JSONParser.parse(bytes, file: file)
    else { return nil }
    return JSONCursor(json, file: file)
  }()

  static let examples: [Example] =
    (try? fixtures?.member("cases").items().map { item in
      Example(
        method: try item.member("method").string(), shape: try item.member("shape").ints(),
        rank: try item.member("rank").int(), error: try item.member("error").double(),
        weights: try item.member("weights").items().map { Float(try $0.double()) })
    }) ?? []

  static let measured: [Measured] =
    (try? fixtures?.member("measured").items().map { item in
      Measured(
        filters: try item.member("filters").int(), depth: try item.member("depth").int(),
        rank: try item.member("rank").int(),
        weights: try item.member("weights").items().map { Float(try $0.double()) },
        inputs: try item.member("inputs").items().map { Float(try $0.double()) },
        error: try item.member("error").double())
    }) ?? []

  @Test func thereAreExamples() {
    #expect(Self.examples.count == 15)
    #expect(Self.measured.count == 3)
  }

  /// Of a linear network, the outputs for all unit inputs are its weights.
  @Test(arguments: examples) func errorsOfWeightsAreNumPys(_ example: Example) throws {
    let (height, width, depth) = (example.shape[1], example.shape[2], example.shape[3])
    let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .valid, activation: .none)
    let graph = try Graph.single(
      op, input: [1, height, width, depth], weights: example.shape, example.weights)
    let step = try Recipe.step(
      #"{"step": "low-rank", "method": "\#(example.method)", "rank": \#(example.rank), "macs": 1000}"#)
    var network = try CompressedNetwork(graph)
    let notes = try step.apply(to: &network, CompressionContext(calibration: []))
    #expect(notes.allSatisfy { !$0.contains("stays") }, "\(notes)")
    try network.graph.verify()
    let interpreter = try Interpreter(network.graph)
    var error = 0.0
    let columns = height * width * depth
    for column in 0..<columns {
      var unit = [Float](repeating: 0, count: columns)
      unit[column] = 1
      let input = Tensor(network.graph[network.graph.inputs[0]].type, floats: unit)
      let outputs = try interpreter.outputs(inSequence: [[input]])[0][0].floats("outputs")
      for (filter, value) in outputs.enumerated() {
        let change = Double(value) - Double(example.weights[filter * columns + column])
        error += change * change
      }
    }
    if example.method == "cp" {
      // Where alternating least squares end depends on the start.
      #expect(error < example.error * 1.1)
    } else {
      #expect(abs(error - example.error) < 2e-4 * example.error, "\(error) instead of \(example.error)")
    }
  }

  @Test(arguments: measured) func errorsOfOutputsAreNumPys(_ example: Measured) throws {
    let op = FullyConnected(activation: .none, shape: [1, example.filters])
    let graph = try Graph.single(
      op, input: [1, example.depth], weights: [example.filters, example.depth], example.weights, bias: example.filters)
    let type = graph[graph.inputs[0]].type
    let vectors = stride(from: 0, to: example.inputs.count, by: example.depth).map {
      [Tensor(type, floats: Array(example.inputs[$0..<$0 + example.depth]))]
    }
    var network = try CompressedNetwork(graph)
    let step = try Recipe.step(#"{"step": "low-rank", "rank": \#(example.rank)}"#)
    _ = try step.apply(to: &network, CompressionContext(calibration: vectors))
    #expect(network.graph.nodes.count == 2)
    let (old, new) = (try Interpreter(graph), try Interpreter(network.graph))
    var error = 0.0
    var means = [Double](repeating: 0, count: example.filters)
    for (a, b) in zip(try old.outputs(inSequence: vectors), try new.outputs(inSequence: vectors)) {
      for (unit, (x, y)) in zip(try a[0].floats("a"), try b[0].floats("b")).enumerated() {
        error += Double(x - y) * Double(x - y) / Double(vectors.count)
        means[unit] += Double(y - x) / Double(vectors.count)
      }
    }
    #expect(abs(error - example.error) < 1e-4 * example.error, "\(error) instead of \(example.error)")
    #expect(means.allSatisfy { abs($0) < 1e-4 })
  }
}

extension Recipe {
  static func step(_ text: String) throws -> any CompressionStep {
    try step(JSONCursor(try JSONParser.parse(Array(text.utf8), file: "step"), file: "step"))
  }
}
