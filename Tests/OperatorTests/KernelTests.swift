import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Every operator, every kernel, random shapes: the emitted C equals `evaluate`, without undefined behaviour.
@Suite struct KernelTests {
  /// Operators a program of an emulated machine has models of.
  private static let groups = stride(from: 0, to: RandomModels.operators.count, by: 8).map {
    Array(RandomModels.operators[$0...].prefix(8))
  }

  @Test func everyOperatorHasAGenerator() {
    #expect(
      Set(OperatorRegistry.source.map { $0.mnemonic })
        == Set(RandomModels.operators.map { String($0.prefix { $0 != " " }) }))
  }

  @Test(arguments: RandomModels.operators)
  func kernelsEqualTheReference(_ mnemonic: String) throws {
    try check([mnemonic], seeds: 1...10, sharing: 4, flags: Pipelines.sanitizers)
  }

  /// Outputs that lie over inputs, as far as the kernels say that they can: input and output are in the arena.
  @Test(arguments: RandomModels.operators)
  func kernelsWriteOverTheirInputs(_ mnemonic: String) throws {
    try check([mnemonic], seeds: 311...316, sharing: 2, flags: Pipelines.sanitizers, inArena: true)
  }

  @Test(arguments: groups)
  func kernelsEqualTheReferenceOnCortexM0(_ operators: [String]) throws {
    try check(operators, seeds: 101...103, sharing: 1, target: "cortex-m0")
  }

  /// A 16-bit `int` with tables in a memory of their own, both of less and more than 64 KiB; the big-endian byte order; no
  /// multiplier.
  @Test(arguments: groups, ["atmega1284p", "atmega32u4", "powerpc", "rv32ec"])
  func kernelsEqualTheReferenceOnUnusualMachines(_ operators: [String], _ target: String) throws {
    let isCovered = target == "atmega1284p" || target == "powerpc"
    // The RAM of the AVRs decides which of the models are small enough.
    try check(
      operators, seeds: 201...201, sharing: isCovered ? 1 : 0, target: target, canLackMemory: target == "atmega32u4")
  }

  /// Each kernel that can compute the model of a seed.
  ///
  /// - Parameter few: how many of the seeds are taken for operators that share their kernels with others.
  private func check(
    _ operators: [String], seeds: ClosedRange<UInt64>, sharing few: Int, target: String = "host", flags: [String] = [],
    inArena: Bool = false, canLackMemory: Bool = false
  ) throws {
    var suite = try ModelSuite(on: target, flags: flags, canLackMemory: canLackMemory)
    for mnemonic in operators {
      for seed in seeds.prefix(RandomModels.sharing.contains(mnemonic) ? few : seeds.count) {
        let model = try RandomModel(mnemonic, seed: seed)
        for kernel in try Pipelines.kernelNames(model.lowered) {
          var request = SelectionRequest(forcing: kernel)
          request.reused = ReusedBuffers(inputs: inArena, outputs: inArena)
          try suite.add(
            "\(kernel) for \(model.graph.text)", model.lowered, request, vectors: model.vectors,
            expected: model.expected)
        }
      }
    }
    try suite.run()
    #expect(suite.failures == [])
  }

  /// A random model of an operator, and what it answers.
  private struct RandomModel {
    let graph: Graph
    let lowered: Graph
    let vectors: [[Tensor]]
    let expected: [[Tensor]]

    init(_ mnemonic: String, seed: UInt64) throws {
      // Each operator has its own sequence, so that a change of one does not move the others.
      let own = Checksum.crc32(mnemonic.utf8)
      var models = RandomModels(seed: seed &* 1_000_003 &+ UInt64(own))
      graph = try models.make(mnemonic)
      lowered = try Pipeline.lower(graph)
      vectors = VectorGenerator.vectors(for: lowered.inputs.map { [lowered] in lowered[$0].type }, count: 8, seed: seed)
      expected = try Interpreter(lowered).outputs(inSequence: vectors)
      if graph.outputs.allSatisfy({ [graph] in graph[$0].type.element != .float32 }) {
        let original = try Interpreter(graph).outputs(inSequence: vectors)
        #expect(original.map { $0.map(\.elements) } == expected.map { $0.map(\.elements) })
      }
    }
  }
}
