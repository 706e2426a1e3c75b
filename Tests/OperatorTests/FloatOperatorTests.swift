import Compiler
import Frontends
import IR
import Operators
import Support
import TestSupport
import Testing

/// The float semantics against what TensorFlow Lite Micro's float kernels answered.
@Suite struct FloatOperatorTests {
  @Test func everyFixtureIsThere() {
    #expect(Repository.floatFixtures.count > 70)
  }

  /// Exponentials may differ in the last bits, as the C libraries' own ones do; everything else is equal.
  @Test(arguments: Repository.floatFixtures)
  func equalsTensorFlowLiteMicro(_ fixture: Repository.ModelFolder) throws {
    let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: fixture.description)
    let inputs = try Vectors.load(try fixture.vectorPaths("input"), for: graph.inputs.map { graph[$0] }, role: "input")
    let expected = try Vectors.load(
      try fixture.vectorPaths("output"), for: graph.outputs.map { graph[$0] }, role: "output")
    let interpreter = try Interpreter(graph)
    let isRounded = graph.nodes.contains { $0.op is Softmax || $0.op is Logistic || $0.op is Tanh || $0.op is Lstm }
    // Last bits of a state go into all that follows.
    let carried: Float = graph.nodes.contains { $0.op is Lstm } ? 1e-6 : 0
    for (actual, output) in zip(try interpreter.outputs(inSequence: inputs), expected) {
      guard isRounded else {
        #expect(actual.map(\.elements) == output.map(\.elements))
        continue
      }
      for (a, b) in zip(actual, output) {
        for (x, y) in zip(try a.floats("output"), try b.floats("output")) {
          #expect((x - y).magnitude <= max(carried, 4 * max(x.ulp, y.ulp)), "\(x) instead of \(y)")
        }
      }
    }
  }

  @Test(arguments: Repository.floatFixtures.prefix(3))
  func floatsAreRefusedWithTheWayOut(_ fixture: Repository.ModelFolder) throws {
    let graph = try Frontend.read(try fixture.bytes("model.tflite"), file: fixture.description)
    do throws(Diagnostic) {
      _ = try Pipeline.lower(graph)
      Issue.record("was lowered")
    } catch {
      #expect(error.id == "lowering.float")
      #expect(error.notes.joined().contains("--calibrate"))
    }
  }

  @Test func exponentialsAreExactToADouble() {
    #expect(RealFunctions.exp(0.0) == 1)
    #expect((RealFunctions.exp(1.0) - 2.718281828459045).magnitude < 1e-15)
    #expect((RealFunctions.exp(-20.0) / 2.061153622438558e-9 - 1).magnitude < 1e-15)
    #expect(RealFunctions.exp(-745.0) > 0)
    #expect(RealFunctions.exp(-746.0) == 0)
    #expect(RealFunctions.exp(710.0) == .infinity)
    #expect(RealFunctions.exp(Double.nan).isNaN)
    #expect((RealFunctions.tanh(0.5) - 0.46211715726000975).magnitude < 1e-15)
    #expect(RealFunctions.tanh(-30.0) == -1)
  }

  @Test func halvesAreWidenedExactly() {
    let values: [(UInt16, Float)] = [
      (0, 0), (0x3C00, 1), (0xC000, -2), (0x7BFF, 65504), (1, 0x1p-24), (0x0400, 0x1p-14), (0x3555, 0.333251953125),
      (0x7C00, .infinity), (0xFC00, -.infinity),
    ]
    for (bits, value) in values { #expect(Half.widened(bits) == value) }
    #expect(Half.widened(0x7E00).isNaN)
    #expect(Half.widened(0x8000).sign == .minus)
  }
}
