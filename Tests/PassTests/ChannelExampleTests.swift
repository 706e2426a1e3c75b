import IR
import Operators
import Support
import TestSupport
import Testing

/// Which channels go and which stay, case by case. All tensors but the input have the zero point −128.
@Suite struct ChannelExampleTests {
  /// The channels of the tensors in `ids` after the pass, which must not change the output.
  private func channels(_ builder: GraphBuilder, output: TensorID, _ ids: [TensorID]) throws -> [Int] {
    var graph = builder.graph
    if graph.outputs.isEmpty { graph.outputs = [output] }
    let (before, after) = try ChannelTests.stages(graph, around: "remove-channels")
    try ChannelTests.expectSame(before, after)
    return ids.map { after[$0].type.channelCount }
  }

  private func builder(_ dims: [Int] = [1, 4, 5, 2]) throws -> (GraphBuilder, TensorID) {
    var builder = GraphBuilder()
    let x = try builder.input(dims)
    return (builder, x)
  }

  private let ones = [Int32](repeating: 1, count: 9)

  @Test func filtersOfZerosGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4]], bias: [0, 40, 0])
    let y = try b.pointwise(t, [[5, 6, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t]) == [2])
  }

  @Test func saturatedFiltersGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [100, 100], [100, 100]], bias: [0, 200_000, -200_000])
    let y = try b.pointwise(t, [[5, 6, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t]) == [1])
  }

  @Test func almostSaturatedFiltersStay() throws {
    var (b, x) = try builder()
    // Rounded twice, a sum of 1017 is 255 steps above the zero point; the smallest sums are 1017 and 1016.
    let least = Int32(2 * -128 - 2 * 3)
    let t = try b.pointwise(x, [[1, 2], [1, 1], [1, 1]], bias: [0, 1017 - least, 1016 - least])
    let y = try b.pointwise(t, [[5, 6, 7]], bias: [-3000])
    #expect(try channels(b, output: y, [t]) == [2])
  }

  /// Left shifts drop bits: the smallest and the largest sum both give 127, others don't.
  @Test func sumsThatLeave32BitsStay() throws {
    var (b, x) = try builder([1, 4, 5, 1])
    let weights = TensorType(.int8, try Shape([2, 1]), try .perTensor(scale: 0.25, zeroPoint: 0))
    let square = TensorType(.int8, try Shape([2, 2]), weights.quantization)
    let t = b.node(
      FullyConnected(activation: .none, shape: [20, 2]),
      [x, b.constant(weights, [2, 0], name: "w"), b.constant(TensorType(.int32, try Shape([2])), [9, 1], name: "b")],
      try b.type([20, 2], scale: 0x1p-27), name: "FULLY_CONNECTED")
    let y = b.node(
      FullyConnected(activation: .none, shape: [20, 2]), [t, b.constant(square, [1, 0, -1, 1], name: "w")],
      try b.type([20, 2], scale: 0x1p-28), name: "FULLY_CONNECTED")
    #expect(try channels(b, output: y, [t]) == [1])
  }

  /// Bias 40 makes the constant −118, which padding does not read; bias 0 makes −128, which it does.
  @Test(arguments: [(40, Padding.same, 3), (0, .same, 2), (40, .valid, 2)])
  func paddingDecides(_ bias: Int, _ padding: Padding, _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4]], bias: [0, Int32(bias), 0])
    let y = try b.filtered(t, (1...27).map { Int32($0) }, bias: -3000, padding: padding)
    #expect(try channels(b, output: y, [t]) == [expected])
  }

  /// A constant goes in spite of padding when only the middle tap reads it, and stays when one more does.
  @Test(arguments: [([4], 2), ([3, 4], 3), ([], 2)])
  func tapsThatReadPaddingDecide(_ taps: [Int], _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4]], bias: [0, 40, 0])
    let filter = (0..<27).map { $0 % 3 != 1 || taps.contains($0 / 3) ? Int32($0 - 13) : 0 }
    let y = try b.filtered(t, filter, bias: 3)
    #expect(try channels(b, output: y, [t]) == [expected])
  }

  @Test(arguments: [(40, 3), (0, 2)])
  func depthwiseSuccessorsFollow(_ bias: Int, _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4]], bias: [0, Int32(bias), 0])
    let d = try b.depthwise(t, [ones, ones, ones], bias: [1, 2, 3])
    let y = try b.pointwise(d, [[5, 6, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t, d]) == [expected, expected])
  }

  /// At the border the sums differ, but all of them saturate.
  @Test func depthwiseBordersThatSaturateGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4]], bias: [0, 40, 0])
    let d = try b.depthwise(t, [ones, ones, ones], bias: [1, 20_000, 3])
    let y = try b.pointwise(d, [[5, 6, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t, d]) == [2, 2])
  }

  /// A channel that a depthwise convolution makes constant is not computed, however it varies before.
  @Test func producersOfConstantsGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [9, -9], [3, 4]], bias: [0, 40, 0])
    let d = try b.depthwise(t, [ones, ones, ones], bias: [1, 200_000, 3])
    let pool = b.node(
      AveragePool2D(filter: Extent(4, 5), stride: Extent(1, 1), padding: .valid, activation: .none), [d],
      try b.type([1, 1, 1, 3]), name: "AVERAGE_POOL_2D")
    let y = try b.pointwise(pool, [[5, 6, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t, d, pool]) == [2, 2, 2])
  }

  @Test func unusedChannelsGoBackward() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [9, -9], [3, 4]], bias: [0, 40, 0])
    let d = try b.depthwise(t, [ones, ones, ones], bias: [1, 2, 3])
    let h = try b.unary(HardSwish(), d, like: d, name: "HARD_SWISH")
    let y = try b.pointwise(h, [[5, 0, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t, d, h]) == [2, 2, 2])
  }

  /// The channel is read by one of two layers.
  @Test(arguments: [(6, 3), (0, 2)])
  func allReadersMustAllowIt(_ weight: Int, _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [9, -9], [3, 4]], bias: [0, 40, 0])
    b.graph.outputs = [
      try b.pointwise(t, [[5, 0, 7]], bias: [-900]), try b.pointwise(t, [[5, Int32(weight), 1]], bias: [0]),
    ]
    #expect(try channels(b, output: t, [t]) == [expected])
  }

  @Test(arguments: [([[9, 9], [0, 0]], 2), ([[0, 0], [0, 0]], 1)] as [([[Int32]], Int)])
  func bothSidesOfASumMustBeDead(_ filters: [[Int32]], _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], filters[0]], bias: [0, 8])
    let u = try b.pointwise(x, [[3, -2], filters[1]], bias: [0, 12])
    let sum = b.node(Add(activation: .none), [t, u], try b.type([1, 4, 5, 2], scale: 1), name: "ADD")
    let y = try b.pointwise(sum, [[5, 6]], bias: [0])
    #expect(try channels(b, output: y, [t, u, sum]) == [expected, expected, expected])
  }

  /// A layer that reads its own residual only for channels that nothing reads.
  @Test func deadCyclesThroughSumsGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [5, 5]], bias: [0, 8])
    let u = try b.pointwise(t, [[3, 0], [0, 9]], bias: [0, 12])
    let sum = b.node(Add(activation: .none), [t, u], try b.type([1, 4, 5, 2], scale: 1), name: "ADD")
    let y = try b.pointwise(sum, [[5, 0]], bias: [0])
    #expect(try channels(b, output: y, [t, u, sum]) == [1, 1, 1])
  }

  /// The weights of equal channels are added together as long as the sum is an int8.
  @Test(arguments: [(27, 2), (28, 3)])
  func equalChannelsMerge(_ weight: Int, _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [3, 4], [1, 2]], bias: [7, 7, 7])
    let y = try b.pointwise(t, [[100, 6, Int32(weight)]], bias: [-900])
    #expect(try channels(b, output: y, [t]) == [expected])
  }

  @Test(arguments: [(3, 2), (4, 3)])
  func equalChannelsMergeThroughEqualFilters(_ bias: Int, _ expected: Int) throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [3, 4], [1, 2]], bias: [7, 7, 7])
    let d = try b.depthwise(t, [ones, ones, ones], bias: [3, 1, Int32(bias)])
    let y = try b.pointwise(d, [[5, 6, 7]], bias: [-900])
    #expect(try channels(b, output: y, [t, d]) == [expected, expected])
  }

  /// [1,4,5,3] → [1,60] → dense: the dense layer loses a third of its weights.
  @Test func flattenedChannelsGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4]], bias: [0, 40, 0])
    let flat = b.node(Reshape(shape: [1, 60]), [t], try b.type([1, 60]), name: "RESHAPE")
    let weights = b.constant(
      TensorType(.int8, try Shape([2, 60]), try .perTensor(scale: 0.25, zeroPoint: 0)),
      (0..<120).map { Int32($0 % 13) - 6 }, name: "w")
    let y = b.node(
      FullyConnected(activation: .none, shape: [1, 2]), [flat, weights], try b.type([1, 2]), name: "FULLY_CONNECTED")
    #expect(try channels(b, output: y, [t, flat]) == [2, 40])
  }

  /// A dense layer over parts of the channels can't tell them apart.
  @Test func rowsWithinChannelsStay() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0], [3, 4], [5, 6]], bias: [0, 40, 0, 0])
    let weights = b.constant(
      TensorType(.int8, try Shape([2, 2]), try .perTensor(scale: 0.25, zeroPoint: 0)), [1, 2, 3, 4], name: "w")
    let y = b.node(
      FullyConnected(activation: .none, shape: [40, 2]), [t, weights], try b.type([40, 2]), name: "FULLY_CONNECTED")
    #expect(try channels(b, output: y, [t]) == [4])
  }

  @Test func channelsOfConcatenationsAndSlicesGo() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 2], [0, 0]], bias: [0, 40])
    let u = try b.pointwise(x, [[0, 0], [5, 6], [7, 8]], bias: [40, 0, 0])
    let both = b.node(Concatenation(axis: 3), [t, u], try b.type([1, 4, 5, 5]), name: "CONCATENATION")
    let slice = try StridedSlice(
      of: b.graph[both].type.shape, begin: [0, 0, 0, 1], end: [1, 4, 5, 4], strides: [1, 1, 1, 1], beginMask: 0,
      endMask: 0, shrinkMask: 0)
    let part = b.node(slice, [both], try b.type([1, 4, 5, 3]), name: "STRIDED_SLICE")
    let y = try b.pointwise(part, [[5, 6, 7]], bias: [-900])
    // Channel 0 of t and channel 2 of u are outside of the slice; a tensor keeps one channel at least.
    #expect(try channels(b, output: y, [t, u, both, part]) == [1, 1, 2, 1])
  }

  @Test func inputsAndOutputsStay() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 0], [0, 0]], bias: [0, 40])
    #expect(try channels(b, output: t, [x, t]) == [2, 2])
  }

  /// Softmax reads all channels of a position together.
  @Test func channelsOfASoftmaxStay() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[1, 0], [0, 0]], bias: [0, 40])
    let s = b.node(Softmax(beta: 1), [t], try b.type([1, 4, 5, 2], scale: 1 / 256), name: "SOFTMAX")
    let y = try b.pointwise(s, [[5, 0]], bias: [0])
    #expect(try channels(b, output: y, [t, s]) == [2, 2])
  }

  @Test func aConstantNetworkKeepsOneChannel() throws {
    var (b, x) = try builder()
    let t = try b.pointwise(x, [[0, 0], [0, 0], [0, 0]], bias: [4, 40, 0])
    let u = try b.pointwise(t, [[5, 6, 7], [1, 2, 3]], bias: [-900, 4])
    let y = try b.pointwise(u, [[5, 6], [0, 1]], bias: [0, 9])
    #expect(try channels(b, output: y, [t, u, y]) == [1, 1, 2])
  }
}
