import Compiler
import IR
import Operators
import Support
import TestSupport
import Testing

/// The C of operators on two bytes equals the reference for all 65,536 pairs.
@Suite struct PairTests {
  /// All values of the first input against all of the second: a column and a row that repeat.
  private func check(
    _ op: any Operator, _ kernel: String, _ random: inout SplitMix64, target: String, flags: [String] = []
  ) throws {
    var builder = GraphBuilder()
    func type(_ dims: [Int]) throws -> TensorType {
      try builder.type(
        dims, scale: Float.random(in: 0.02...0.09, using: &random),
        zeroPoint: Int32.random(in: -128...127, using: &random))
    }
    let types = [try type([256, 1]), try type([1, 256])]
    let inputs = types.map { builder.graph.add(TensorInfo(name: "x", type: $0)) }
    builder.graph.inputs = inputs
    builder.graph.outputs = [builder.node(op, inputs, try type([256, 256]), name: "BINARY")]
    try builder.graph.verify()
    let lowered = try Pipeline.lower(builder.graph)
    let bytes = (Int32(-128)...127).map { $0 }
    let vector = lowered.inputs.map { Tensor(lowered[$0].type, ints: bytes) }
    let expected = try Interpreter(lowered).outputs(vector)
    let actual = try Pipelines.runEmitted(lowered, on: target, kernel: kernel, flags: flags, vectors: [vector])
    #expect(Verification.compare([expected], actual) == nil, "\(kernel) on \(target): \(lowered.text)")
    #expect(try Pipelines.kernelNames(lowered).contains(kernel), "\(lowered.text)")
  }

  private func checkAll(seed: UInt64, target: String, flags: [String] = []) throws {
    var random = SplitMix64(seed: seed)
    for activation in [Activation.none, .relu] {
      try check(Add(activation: activation), "add_affine", &random, target: target, flags: flags)
      try check(Sub(activation: activation), "add_affine", &random, target: target, flags: flags)
      try check(Mul(activation: activation), "mul_narrow", &random, target: target, flags: flags)
    }
  }

  @Test(arguments: UInt64(1)...3)
  func everyPairUnderTheSanitizers(_ seed: UInt64) throws {
    try checkAll(seed: seed, target: "host", flags: Pipelines.sanitizers)
  }

  @Test func everyPairOnCortexM0() throws { try checkAll(seed: 11, target: "cortex-m0") }
}
