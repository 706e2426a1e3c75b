import Calibration
import Compiler
import TestSupport
import Testing

/// What compression leaves out is not paid for: in simulated cycles, which are exact, and bytes.
@Suite struct CompressedNetworksTests {
  @Test func prunedWeightsAndWeightsOfFewBitsAreFasterAndSmaller() throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var profiles: [String: Profile] = [:]
    for weights in CompressedNetworks.weights {
      let graph = try Pipeline.lower(try CompressedNetworks.network(weights))
      let profile = try pipeline.profile(graph, input: Profile.defaultInput(graph))
      #expect(profile.isIdentical)
      profiles[weights.name] = profile
    }
    let dense = try #require(profiles["8 bits"])
    let pruned = try #require(profiles["15 % density"])
    let fourBits = try #require(profiles["4 bits"])
    #expect(pruned.measurement.total * 3 <= dense.measurement.total)
    #expect(fourBits.measurement.total < dense.measurement.total)
    #expect(fourBits.memory.weights * 10 <= dense.memory.weights * 6)
  }
}
