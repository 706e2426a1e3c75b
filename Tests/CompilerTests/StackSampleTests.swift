import Compiler
import Frontends
import IR
import Machine
import Support
import TargetCatalog
import TestSupport
import Testing

/// The bound of the stack beside what simulators and emulators measure.
@Suite struct StackSampleTests {
  private func profile(_ target: String, _ sample: Int) throws -> Profile {
    let graph = try Pipeline.lower(
      try Frontend.read(try Repository.samples[sample].bytes("model.bin"), file: "model.bin"))
    return try Pipelines.pipeline(target).profile(graph, input: Profile.defaultInput(graph))
  }

  /// The run takes the deepest way but for calls that depend on the data: of the library, and of the requantization for rare
  /// sums, 24 bytes at most here.
  private static let slack = 24

  @Test(arguments: [0, 1, 2], ["cortex-m0", "avr6"])
  func boundsHoldAndAreClose(_ sample: Int, _ target: String) throws {
    let profile = try profile(target, sample)
    let bound = try #require(profile.stack.bound.bytes)
    #expect(profile.stack.measured == profile.measurement.stack)
    #expect(profile.stack.measured <= bound && bound <= profile.stack.measured + Self.slack)
    // What is reported and compared with budgets is the bound.
    #expect(profile.stack.bytes == bound)
    #expect(profile.used.ram == profile.memory.arena + profile.memory.variables + bound)
    guard case .bounded(let frames) = profile.stack.bound else { return }
    #expect(frames.first?.function == "model_run" && frames.allSatisfy { $0.bytes >= 0 })
  }

  @Test(arguments: TargetCatalog.coreNames)
  func everyCoreHasABoundOrSaysWhyNot(_ target: String) throws {
    guard try Pipelines.machine(target).isMeasurable else { return }
    let profile = try profile(target, 2)
    switch profile.stack.bound {
    case .bounded:
      #expect(profile.stack.measured <= profile.stack.bytes)
      #expect(profile.stack.bytes <= profile.stack.measured + Self.slack)
    case .unknown(let reason):
      // The products of 64 bits are in the chip's ROM.
      #expect(target == "lx106" && reason == "`__muldi3` is called, which the firmware has to provide")
    }
  }

  /// The profile itself fails when the run takes more than the bound.
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6], ["cortex-m0", "avr6", "rv32ec"])
  func boundsHoldForRandomNetworks(_ seed: UInt64, _ target: String) throws {
    var random = RandomNetworks(seed: seed)
    let graph = try Pipeline.lower(try random.make(layers: 4))
    let profile = try Pipelines.pipeline(target).profile(graph, input: Profile.defaultInput(graph))
    #expect(profile.isIdentical)
    let bound = try #require(profile.stack.bound.bytes)
    #expect(profile.stack.measured <= bound)
  }
}
