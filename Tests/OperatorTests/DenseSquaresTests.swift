import Compiler
import IR
import Operators
import Support
import TestSupport
import Testing

/// Dense layers without multiplications: every product of two int8 values, and sums of the extremes.
@Suite struct DenseSquaresTests {
  /// - Parameter bias: makes the layer's accumulators its outputs when `outputScale` is 0.125.
  private func layer(
    _ weights: [Int32], bias: [Int32]? = nil, depth: Int, units: Int, rows: Int, outputScale: Float
  ) throws -> Graph {
    var builder = GraphBuilder()
    let input = try builder.input([rows, depth], zeroPoint: 0)
    let type = try TensorType(.int8, Shape([units, depth]), .perTensor(scale: 0.25, zeroPoint: 0))
    var inputs = [input, builder.constant(type, weights, name: "w")]
    if let bias {
      inputs.append(builder.constant(TensorType(.int32, try Shape([units])), bias, name: "b"))
    }
    let output = try builder.type([rows, units], scale: outputScale, zeroPoint: 0)
    builder.graph.outputs = [
      builder.node(FullyConnected(activation: .none, shape: [rows, units]), inputs, output, name: "FULLY_CONNECTED")
    ]
    try builder.graph.verify()
    return try Pipeline.lower(builder.graph)
  }

  private func check(
    _ lowered: Graph, target: String, flags: [String] = [], vectors: [[Tensor]], _ comment: Comment
  ) throws {
    let reference = try Interpreter(lowered)
    var expected: [[Tensor]] = []
    for vector in vectors { expected.append(try reference.outputs(vector)) }
    let actual = try Pipelines.runEmitted(
      lowered, on: target, kernel: "dense_squares", flags: flags, vectors: vectors)
    #expect(Verification.compare(expected, actual) == nil, comment)
    #expect(try Pipelines.kernelNames(lowered).contains("dense_squares"))
  }

  /// Each weight stands in as many units as are needed to bring every product with it into the output's range, by their
  /// bias, so that no bit of it gets lost.
  @Test func everyProductIsExact() throws {
    var weights: [Int32] = []
    var bias: [Int32] = []
    for weight in Int32(-128)...127 {
      let bounds = [weight * -128, weight * 127].sorted()
      for center in stride(from: bounds[0], through: bounds[1] + 254, by: 254) {
        weights.append(weight)
        bias.append(-center)
      }
    }
    let rows = 32
    let lowered = try layer(
      weights, bias: bias, depth: 1, units: weights.count, rows: rows, outputScale: 0.125)
    let type = lowered[lowered.inputs[0]].type
    let vectors = (0..<256 / rows).map { part in
      [Tensor(type, ints: (0..<rows).map { Int32(part * rows + $0) - 128 })]
    }
    try check(lowered, target: "host", flags: Pipelines.sanitizers, vectors: vectors, "all pairs")
  }

  @Test(arguments: ["host", "cortex-m0", "atmega1284p", "powerpc"])
  func sumsOfExtremesAreExact(_ target: String) throws {
    for (depth, units, rows) in [(1, 1, 2), (33, 6, 2), (700, 3, 1)] {
      for (first, second) in [(Int32(-128), Int32(-128)), (127, 127), (-128, 127)] {
        let weights = (0..<units * depth).map { $0 % 2 == 0 ? first : second }
        // The extremes become the ends of the output's range.
        let lowered = try layer(weights, depth: depth, units: units, rows: rows, outputScale: Float(depth) * 16)
        let type = lowered[lowered.inputs[0]].type
        let vectors = [(Int32(-128), Int32(-128)), (127, 127), (127, -128)].map { even, odd in
          [Tensor(type, ints: (0..<rows * depth).map { $0 % 2 == 0 ? even : odd })]
        }
        try check(
          lowered, target: target, flags: target == "host" ? Pipelines.sanitizers : [], vectors: vectors,
          "\(first), \(second), depth \(depth), \(target)")
      }
    }
  }
}
