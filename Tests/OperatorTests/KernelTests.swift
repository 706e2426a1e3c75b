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
  private static func draws(_ seeds: ClosedRange<UInt64>, sharing few: Int) -> [(String, UInt64)] {
    RandomModels.operators.flatMap { name in
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

  @Test(arguments: draws(1...10, sharing: 4))
  func kernelsEqualTheReference(_ mnemonic: String, _ seed: UInt64) throws {
    try check(mnemonic, seed: seed, target: "host", flags: Pipelines.sanitizers)
  }

  /// Outputs that lie over inputs, as far as the kernels say that they can: input and output are in the arena.
  @Test(arguments: draws(311...316, sharing: 2))
  func kernelsWriteOverTheirInputs(_ mnemonic: String, _ seed: UInt64) throws {
    try check(mnemonic, seed: seed, target: "host", flags: Pipelines.sanitizers, inArena: true)
  }

  @Test(arguments: draws(101...103, sharing: 1))
  func kernelsEqualTheReferenceOnCortexM0(_ mnemonic: String, _ seed: UInt64) throws {
    try check(mnemonic, seed: seed, target: "cortex-m0", flags: [])
  }

  /// A 16-bit `int` with tables in a memory of their own, both of less and more than 64 KiB; the big-endian byte order; no
  /// multiplier.
  @Test(arguments: unusualMachines)
  func kernelsEqualTheReferenceOnUnusualMachines(_ mnemonic: String, _ target: String) throws {
    // The RAM of the AVRs decides which of the models are small enough.
    try check(mnemonic, seed: 201, target: target, flags: [], canLackMemory: target == "atmega32u4")
  }

  private func check(
    _ mnemonic: String, seed: UInt64, target: String, flags: [String], canLackMemory: Bool = false,
    inArena: Bool = false
  ) throws {
    // Each operator has its own sequence, so that a change of one does not move the others.
    let own = Checksum.crc32(mnemonic.utf8)
    var models = RandomModels(seed: seed &* 1_000_003 &+ UInt64(own))
    let graph = try models.make(mnemonic)
    let lowered = try Pipeline.lower(graph)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 8, seed: seed)
    let expected = try Interpreter(lowered).outputs(inSequence: vectors)
    if graph.outputs.allSatisfy({ graph[$0].type.element != .float32 }) {
      let original = try Interpreter(graph).outputs(inSequence: vectors)
      #expect(original.map { $0.map(\.elements) } == expected.map { $0.map(\.elements) })
    }
    for kernel in try Pipelines.kernelNames(lowered) {
      let actual: [[Tensor]]
      var request = SelectionRequest(forcing: kernel)
      request.reused = ReusedBuffers(inputs: inArena, outputs: inArena)
      do {
        actual = try Pipelines.runEmitted(lowered, on: target, request, flags: flags, vectors: vectors)
      } catch let error as Diagnostic where canLackMemory && error.id == "harness.memory" {
        continue
      }
      let difference = Verification.compare(expected, actual)
      #expect(difference == nil, "\(kernel) differs for \(graph.text)")
    }
  }
}
