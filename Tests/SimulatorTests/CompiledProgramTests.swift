import Simulator
import Support
import Testing

/// Compiled C on the simulator and on QEMU: the same output.
@Suite struct CompiledProgramTests {
  private static let core = ["-mcpu=cortex-m0"]
  static let flags: [[String]] = [
    core + ["-O0"], core + ["-O2"], core + ["-Os"], core + ["-O3", "-funroll-loops"], ["-mcpu=cortex-m0plus", "-O2"],
    ["-mcpu=cortex-m0.small-multiply", "-Os"],
  ]

  @Test(arguments: CompiledPrograms.all.map(\.name), flags)
  func programsWriteTheSameAsOnQEMU(_ name: String, _ flags: [String]) throws {
    let text = try #require(CompiledPrograms.all.first { $0.name == name }).text
    let program = try SimulatedProgram(c: text, flags: flags)
    let simulated = try program.simulate()
    let emulated = try program.emulate()
    #expect(emulated.count > 2000)
    #expect(simulated.output == emulated)
    #expect(simulated.profile.instructions > 20_000)
    // The timing table changes cycles only.
    let other = try program.simulate(.cortexM0Plus(multiply: 32))
    #expect(other.output == emulated && other.cycles != simulated.cycles)
    #expect(other.profile.instructions == simulated.profile.instructions)
  }
}
