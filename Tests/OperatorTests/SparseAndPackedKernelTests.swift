import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Kernels for few weights that are not zero, and for weights of few bits: the emitted C equals `evaluate`.
@Suite struct SparseAndPackedKernelTests {
  static let weights: [RandomModels.Weights] = [
    .density(0), .density(0.01), .density(0.05), .density(0.15), .density(0.5), .density(1), .bits(4), .bits(2),
    .bits(1), .ternary(1), .ternary(0.5), .ternary(0.02), .all(-128), .all(127), .all(-8), .all(7), .all(-2), .all(1),
    .single(-128), .single(1),
  ]
  static let sparse = ["conv_2d_sparse", "dense_sparse"]
  static let coded = ["conv_2d_coded", "dense_coded"]
  static let packed = ["conv_2d_4bit", "conv_2d_2bit", "conv_2d_ternary", "dense_4bit"]

  @Test(arguments: weights, ["conv_2d", "fully_connected"])
  func smallLayers(_ weights: RandomModels.Weights, _ mnemonic: String) throws {
    var suite = try ModelSuite(flags: Pipelines.sanitizers)
    for seed in UInt64(1)...2 { try add(mnemonic, weights, seed: seed, to: &suite) }
    try suite.run()
    #expect(suite.failures == [])
  }

  /// Gaps larger than a distance can be, and filters of more than one block.
  @Test(arguments: weights, ["conv_2d", "fully_connected"])
  func deepLayers(_ weights: RandomModels.Weights, _ mnemonic: String) throws {
    var suite = try ModelSuite(flags: Pipelines.sanitizers)
    try add(mnemonic, weights, seed: 11, isDeep: true, to: &suite)
    try suite.run()
    #expect(suite.failures == [])
  }

  @Test(arguments: ["cortex-m0", "atmega1284p", "atmega2560", "powerpc", "lx106"])
  func unusualMachines(_ target: String) throws {
    var suite = try ModelSuite(on: target)
    for weights in [
      RandomModels.Weights.density(0.2), .bits(4), .bits(2), .ternary(0.6), .all(-128), .all(-8), .single(-128),
    ] {
      for mnemonic in ["conv_2d", "fully_connected"] { try add(mnemonic, weights, seed: 31, to: &suite) }
    }
    try suite.run()
    #expect(suite.failures == [])
  }

  /// Which kernels take which layers.
  @Test func applicability() throws {
    var models = RandomModels(seed: 1)
    models.isDeep = true
    for (weights, kernels) in [
      (RandomModels.Weights.density(0.2), ["dense_sparse", "dense_coded"]),
      (.bits(4), ["dense_sparse", "dense_coded", "dense_4bit"]),
    ] {
      models.weights = weights
      let names = try Pipelines.kernelNames(Pipeline.lower(try models.make("fully_connected")))
      #expect(
        names.filter((Self.sparse + Self.coded + Self.packed).contains).filter { $0.hasPrefix("dense") }.sorted()
          == kernels.sorted()
      )
    }
  }

  /// Adds a layer with each of the kernels that can compute it.
  private func add(
    _ mnemonic: String, _ weights: RandomModels.Weights, seed: UInt64, isDeep: Bool = false, to suite: inout ModelSuite
  ) throws {
    var models = RandomModels(seed: seed &* 7_368_787 &+ UInt64(Checksum.crc32("\(weights)".utf8)))
    models.weights = weights
    models.isDeep = isDeep
    var lowered: Graph
    var kernels: [String]
    // Grouped convolutions and those with one pixel have other kernels.
    repeat {
      lowered = try Pipeline.lower(try models.make(mnemonic))
      kernels = try Pipelines.kernelNames(lowered).filter((Self.sparse + Self.coded + Self.packed).contains)
    } while !kernels.contains(mnemonic == "conv_2d" ? "conv_2d_sparse" : "dense_sparse")
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 6, seed: seed)
    let reference = try Interpreter(lowered)
    var expected: [[Tensor]] = []
    for vector in vectors { expected.append(try reference.outputs(vector)) }
    for kernel in kernels {
      try suite.add(
        "\(kernel) for \(lowered.text)", lowered, SelectionRequest(forcing: kernel), vectors: vectors,
        expected: expected)
    }
  }
}
