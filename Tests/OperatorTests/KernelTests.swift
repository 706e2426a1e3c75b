import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Every operator, every kernel, random shapes: the emitted C equals `evaluate`, without undefined behaviour.
@Suite struct KernelTests {
  /// Operators with seeds: the first ones of the list for those that share their kernels with others.
  private static func draws(
    _ seeds: ClosedRange<UInt64>, sharing few: Int, _ operators: [String] = RandomModels.operators
  ) -> [(String, UInt64)] {
    operators.flatMap { name in
      Array(seeds).prefix(RandomModels.sharing.contains(name) ? few : seeds.count).map { (name, $0) }
    }
  }

  @Test func everyOperatorHasAGenerator() {
    #expect(
      Set(OperatorRegistry.source.map { $0.mnemonic })
        == Set(RandomModels.operators.map { String($0.prefix { $0 != " " }) }))
  }

  private static let unusualMachines = RandomModels.operators.flatMap { name in
    (RandomModels.sharing.contains(name)
      ? ["atmega1284p", "powerpc"] : ["atmega1284p", "atmega32u4", "powerpc", "rv32ec"]).map { (name, $0) }
  }

  @Test(arguments: RandomModels.operators)
  func kernelsEqualTheReference(_ mnemonic: String) throws {
    try checkOnThisComputer(mnemonic, seeds: 1...10, sharing: 4)
  }

  /// Outputs that lie over inputs, as far as the kernels say that they can: input and output are in the arena.
  @Test(arguments: RandomModels.operators)
  func kernelsWriteOverTheirInputs(_ mnemonic: String) throws {
    try checkOnThisComputer(mnemonic, seeds: 311...316, sharing: 2, inArena: true)
  }

  @Test(arguments: draws(101...103, sharing: 1))
  func kernelsEqualTheReferenceOnCortexM0(_ mnemonic: String, _ seed: UInt64) throws {
    try check(mnemonic, seed: seed, target: "cortex-m0")
  }

  /// A 16-bit `int` with tables in a memory of their own, both of less and more than 64 KiB; the big-endian byte order; no
  /// multiplier.
  @Test(arguments: unusualMachines)
  func kernelsEqualTheReferenceOnUnusualMachines(_ mnemonic: String, _ target: String) throws {
    // The RAM of the AVRs decides which of the models are small enough.
    try check(mnemonic, seed: 201, target: target, canLackMemory: target == "atmega32u4")
  }

  private func check(_ mnemonic: String, seed: UInt64, target: String, canLackMemory: Bool = false) throws {
    let model = try RandomModel(mnemonic, seed: seed)
    for kernel in try Pipelines.kernelNames(model.lowered) {
      let actual: [[Tensor]]
      do {
        actual = try Pipelines.runEmitted(
          model.lowered, on: target, SelectionRequest(forcing: kernel), vectors: model.vectors)
      } catch let error as Diagnostic where canLackMemory && error.id == "harness.memory" {
        continue
      }
      let difference = Verification.compare(model.expected, actual)
      #expect(difference == nil, "\(kernel) differs for \(model.graph.text)")
    }
  }

  /// Under the sanitizers, with each kernel that can compute the model of a seed.
  private func checkOnThisComputer(
    _ mnemonic: String, seeds: ClosedRange<UInt64>, sharing few: Int, inArena: Bool = false
  ) throws {
    var suite = try ModelSuite(flags: Pipelines.sanitizers)
    for (_, seed) in Self.draws(seeds, sharing: few, [mnemonic]) {
      let model = try RandomModel(mnemonic, seed: seed)
      for kernel in try Pipelines.kernelNames(model.lowered) {
        var request = SelectionRequest(forcing: kernel)
        request.reused = ReusedBuffers(inputs: inArena, outputs: inArena)
        try suite.add(
          "\(kernel) for \(model.graph.text)", model.lowered, request, vectors: model.vectors,
          expected: model.expected)
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
