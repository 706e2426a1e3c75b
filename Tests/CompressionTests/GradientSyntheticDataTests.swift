import Compression
import Frontends
import IR
import Operators
import Support
import TestSupport
import Testing

/// Calibration vectors for networks without data.
@Suite struct GradientSyntheticDataTests {
  /// Two convolutions, each with statistics behind it, that stand for data which is no noise: its channels have different means
  /// and deviations.
  private static func network() throws -> Graph {
    var random = SplitMix64(seed: 21)
    var builder = GraphBuilder()
    let image = TensorType(.float32, try Shape([1, 12, 12, 2]))
    var current = builder.graph.add(TensorInfo(name: "x", type: image))
    builder.graph.inputs = [current]
    var depth = 2
    for channels in [4, 6] {
      let filters = Tensor(
        TensorType(.float32, try Shape([channels, 3, 3, depth])),
        floats: random.floats(channels * 9 * depth).map { $0 * 0.3 })
      let weights = builder.graph.add(constant: filters, name: "w")
      let op = Conv2D(stride: Extent(1, 1), dilation: Extent(1, 1), padding: .same, activation: .none)
      let type = TensorType(.float32, try Shape([1, 12, 12, channels]))
      let sums = builder.node(op, [current, weights], type, name: "CONV_2D")
      builder.graph.statistics.append(
        ChannelStatistics(tensor: sums, axis: 3, means: [], variances: []))
      current = builder.node(Relu(), [sums], type, name: "RELU")
      depth = channels
    }
    builder.graph.outputs = [current]
    // What the data leaves: a gradient from left to right with little noise.
    let data = (0..<32).map { _ in
      [
        Tensor(
          image,
          floats: (0..<image.shape.elementCount).map { place in
            Float(place / 2 % 12) / 3 + Float(random.nextNormal()) * (place % 2 == 0 ? 0.2 : 0.8)
          })
      ]
    }
    let measured = try measure(builder.graph, builder.graph.statistics.map { ($0.tensor, 3) }, data)
    builder.graph.statistics = zip(builder.graph.statistics, measured).map { own, measured in
      ChannelStatistics(
        tensor: own.tensor, axis: 3, means: measured.means.map { Float($0) },
        variances: measured.variances.map { Float($0) })
    }
    return builder.graph
  }

  /// Means and variances of the channels of tensors.
  private static func measure(
    _ graph: Graph, _ tensors: [(id: TensorID, axis: Int)], _ vectors: [[Tensor]]
  ) throws -> [(means: [Double], variances: [Double])] {
    let interpreter = try Interpreter(graph)
    let values = try vectors.map { try interpreter.run($0) }
    return try tensors.map { id, axis in
      let shape = graph[id].type.shape
      var columns = [[Double]](repeating: [], count: shape[axis])
      for values in values {
        for (place, value) in try #require(values[id]).floats("a tensor").enumerated() {
          columns[place / shape.strides[axis] % shape[axis]].append(Double(value))
        }
      }
      let means = columns.map { $0.reduce(0, +) / Double($0.count) }
      let variances = zip(columns, means).map { column, mean in
        column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
      }
      return (means, variances)
    }
  }

  /// The mean over all channels of the squared errors of mean and deviation, in units of the variance.
  private static func distance(_ graph: Graph, _ vectors: [[Tensor]]) throws -> Double {
    let measured = try measure(graph, graph.statistics.map { ($0.tensor, $0.axis) }, vectors)
    var (sum, count) = (0.0, 0)
    for (own, measured) in zip(graph.statistics, measured) {
      for channel in own.means.indices {
        let variance = Double(own.variances[channel])
        let mean = measured.means[channel] - Double(own.means[channel])
        let deviation = measured.variances[channel].squareRoot() - variance.squareRoot()
        sum += (mean * mean + deviation * deviation) / variance
        count += 1
      }
    }
    return sum / Double(count)
  }

  private static func random(_ graph: Graph, _ count: Int) throws -> [[Tensor]] {
    var without = graph
    without.statistics = []
    let (vectors, source) = try SyntheticData.vectors(without, count: count, seed: 5)
    #expect(source == .random)
    return vectors
  }

  @Test func statisticsAreMatched() throws {
    let graph = try Self.network()
    let (vectors, source) = try SyntheticData.vectors(graph, count: 20, seed: 5)
    #expect(source == .distilled)
    #expect(vectors.count == 20)
    let (before, after) = (
      try Self.distance(graph, try Self.random(graph, 20)), try Self.distance(graph, vectors)
    )
    print("statistics: distance \(before) of random inputs, \(after) of distilled ones")
    #expect(after < before / 20)
    #expect(try SyntheticData.vectors(graph, count: 20, seed: 5).vectors == vectors)
    #expect(try SyntheticData.vectors(graph, count: 20, seed: 6).vectors != vectors)
  }

  /// A normalization of batches in ONNX leaves its means and variances.
  @Test func statisticsOfONNX() throws {
    let folder = try #require(Repository.onnxFixtures.first { $0.description == "cnn" })
    let graph = try Frontend.read(try folder.bytes("model.onnx"), file: "cnn")
    #expect(graph.statistics.count == 1)
    let own = try #require(graph.statistics.first)
    #expect(own.axis == 1 && own.means.count == 4 && own.variances.allSatisfy { $0 >= 0.5 })
    let reader = try #require(graph.nodes.first { $0.inputs.contains(own.tensor) })
    #expect(reader.op is Mul)
    let (vectors, source) = try SyntheticData.vectors(graph, count: 8, seed: 5)
    #expect(source == .distilled)
    let (before, after) = (
      try Self.distance(graph, try Self.random(graph, 8)), try Self.distance(graph, vectors)
    )
    print("statistics of ONNX: distance \(before) of random inputs, \(after) of distilled ones")
    #expect(after < before / 5)
  }

  @Test func integersFillTheirRange() throws {
    let graph = try CompressionGraphs.sample("digits/model.tflite")
    let (vectors, source) = try SyntheticData.vectors(graph, count: 4, seed: 1)
    #expect(source == .random)
    #expect(try SyntheticData.vectors(graph, count: 4, seed: 1).vectors == vectors)
    for vector in vectors {
      let type = vector[0].type
      #expect(type == graph[graph.inputs[0]].type)
      let values = try vector[0].ints("input")
      #expect(values.allSatisfy { (-128...127).contains($0) })
      // A quarter of the values in each quarter of the range.
      for start in stride(from: Int32(-128), to: 128, by: 64) {
        let share = values.reduce(0) { $0 + ((start..<start + 64).contains($1) ? 1 : 0) }
        #expect(abs(share - values.count / 4) <= 1)
      }
      // Neighbours are closer than values at random places, which are 85 apart on average.
      let width = type.shape[2] * type.shape[3]
      let rows = (0..<values.count - width).map { place -> Double in
        Double(abs(values[place] - values[place + width]))
      }
      #expect(rows.reduce(0, +) / Double(rows.count) < 70)
    }
    #expect(vectors[0] != vectors[1])
  }

  @Test func indicesAreRefused() throws {
    var graph = Graph(file: "words")
    graph.inputs = [graph.add(TensorInfo(name: "words", type: TensorType(.int32, try Shape([4]))))]
    let error = #expect(throws: Diagnostic.self) { try SyntheticData.vectors(graph, count: 1, seed: 1) }
    #expect(
      error?.description
        == "error: words: the input `words` is int32, and nothing tells which values make sense for it")
  }
}
