import Codegen
import Compiler
import IR
import Operators
import Support
import TestSupport
import Testing

/// Dense layers with four weights to a word, where the sums come close to the 24 bits that they have.
@Suite struct DensePackedTests {
  /// Weights of four units, from one input on.
  enum Weights: String, CaseIterable {
    /// All at one extreme: sums of all inputs would need more than 24 bits from depth 512 on.
    case lowest
    case highest
    /// Units alternate between the extremes.
    case alternating
    /// Large, but as many positive as negative: deep layers stay within 24 bits.
    case balanced
    case random

    func value(_ unit: Int, _ d: Int, _ random: inout SplitMix64) -> Int32 {
      switch self {
      case .lowest: -128
      case .highest: 127
      case .alternating: unit % 2 == 0 ? -128 : 127
      case .balanced: (unit + d) % 2 == 0 ? -100 : 100
      case .random: Int32.random(in: -128...127, using: &random)
      }
    }
  }

  private func layer(_ kind: Weights, depth: Int, units: Int, rows: Int, seed: UInt64) throws -> Graph {
    var random = SplitMix64(seed: seed)
    var builder = GraphBuilder()
    let input = try builder.input([rows, depth])
    let type = try TensorType(.int8, Shape([units, depth]), .perTensor(scale: 0.01, zeroPoint: 0))
    let values = (0..<units).flatMap { unit in (0..<depth).map { d in kind.value(unit, d, &random) } }
    let weights = builder.constant(type, values, name: "w")
    // The extremes become the ends of the output's range, what lies between them is spread over it.
    let output = try builder.type([rows, units], scale: Float(depth) * 0.01, zeroPoint: 5)
    builder.graph.outputs = [
      builder.node(
        FullyConnected(activation: .none, shape: [rows, units]), [input, weights], output, name: "FULLY_CONNECTED")
    ]
    try builder.graph.verify()
    return try Pipeline.lower(builder.graph)
  }

  private func check(
    _ kind: Weights, depth: Int, units: Int, rows: Int = 1, target: String = "host", flags: [String] = []
  ) throws {
    let seed = UInt64(depth * 31 + units)
    let lowered = try layer(kind, depth: depth, units: units, rows: rows, seed: seed)
    let types = lowered.inputs.map { lowered[$0].type }
    var vectors = VectorGenerator.vectors(for: types, count: 8)
    // Those with the largest and the smallest sum of a unit.
    var random = SplitMix64(seed: seed)
    for unit in 0..<min(2, units) {
      let signs = (0..<depth).map { kind.value(unit, $0, &random) < 0 }
      for isLargest in [true, false] {
        let values = (0..<rows * depth).map { signs[$0 % depth] == isLargest ? Int32(-128) : 127 }
        vectors.append([Tensor(types[0], ints: values)])
      }
    }
    let reference = try Interpreter(lowered)
    var expected: [[Tensor]] = []
    for vector in vectors { expected.append(try reference.outputs(vector)) }
    let actual = try Pipelines.runEmitted(
      lowered, on: target, kernel: "dense_packed", flags: flags, vectors: vectors)
    #expect(Verification.compare(expected, actual) == nil, "\(kind), depth \(depth), \(target)")
  }

  /// With both ways to take the sums of four units apart.
  @Test(arguments: Weights.allCases, [[], ["-DMODEL_REVERSES"]])
  func equalsTheReferenceUnderTheSanitizers(_ kind: Weights, _ flags: [String]) throws {
    for (depth, units, rows) in [
      (1, 1, 2), (7, 9, 3), (511, 6, 1), (504, 4, 2), (516, 5, 1), (650, 4, 1), (1033, 9, 2),
    ] {
      try check(kind, depth: depth, units: units, rows: rows, flags: Pipelines.sanitizers + flags)
    }
  }

  @Test(arguments: ["cortex-m0", "atmega1284p", "powerpc"])
  func equalsTheReferenceOnOtherMachines(_ target: String) throws {
    for kind in Weights.allCases { try check(kind, depth: 521, units: 5, target: target) }
  }

  /// Weights that are small enough are summed up in one piece, others in pieces of 504 inputs.
  @Test func onlySumsThatNeedItAreCut() throws {
    for (kind, depth, piece, pieces) in [
      (Weights.balanced, 650, 650, 1), (.highest, 516, 516, 1), (.highest, 517, 504, 2), (.lowest, 511, 511, 1),
      (.lowest, 512, 504, 2), (.lowest, 1009, 504, 3),
    ] {
      let pipeline = try Pipelines.pipeline()
      let plan = try pipeline.plan(
        try layer(kind, depth: depth, units: 4, rows: 1, seed: 1), forcing: "dense_packed")
      let source = try pipeline.emit(plan, options: EmitOptions(name: "model")).map(\.text).joined()
      #expect(source.contains("/* inputs in a piece, pieces */ \(piece), \(pieces),"), "\(kind), depth \(depth)")
    }
  }
}
