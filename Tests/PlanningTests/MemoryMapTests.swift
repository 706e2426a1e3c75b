import Compiler
import Frontends
import IR
import Machine
import Planning
import TestSupport
import Testing

/// The map of the arena says what the plan says.
@Suite struct MemoryMapTests {
  private func plans(_ graph: Graph) throws -> [Plan] {
    var plans: [Plan] = []
    for objective in [Objective.speed, .ram] {
      for reused in [false, true] {
        var request = SelectionRequest()
        request.reused = ReusedBuffers(inputs: reused, outputs: reused)
        let pipeline = Pipeline(
          machine: try Pipelines.machine("cortex-m0"), objective: objective, templates: Pipelines.templates)
        plans.append(try pipeline.plan(graph, request))
      }
    }
    return plans
  }

  private func check(_ plan: Plan) {
    let map = MemoryMap(plan)
    #expect(map.size == plan.arena.size && map.lowerBound <= map.size && map.peak <= map.size)
    #expect(map.layers.count == plan.steps.count && map.buffers.count == plan.buffers.count)
    #expect(map.callers.reduce(0) { $0 + $1.bytes } == plan.callerBytes)
    #expect(Set(map.buffers.map(\.label)).count == map.buffers.count)
    for (index, layer) in map.layers.enumerated() {
      #expect(layer.buffers == map.buffers.indices.filter { map.buffers[$0].layers.contains(index) })
      // The bytes counted one by one.
      var used = [Bool](repeating: false, count: map.size)
      for buffer in layer.buffers {
        for address in map.buffers[buffer].addresses { used[address] = true }
      }
      #expect(layer.bytes == used.count { $0 })
      // Buffers that are needed at the same time share bytes only where an output lies over an input.
      for a in layer.buffers {
        for b in layer.buffers where b > a {
          let common = map.buffers[a].addresses.clamped(to: map.buffers[b].addresses).count
          let over = (map.buffers[a].over.filter { $0.buffer == b } + map.buffers[b].over.filter { $0.buffer == a })
          #expect(over.reduce(0) { $0 + $1.bytes } == common)
        }
      }
    }
    #expect(map.groups.map(\.layers) == plan.chains.map(\.steps))
    let partial = plan.chains.flatMap(\.members).count { !$0.isWhole }
    #expect(map.buffers.count { $0.rows != nil } == partial)
    for buffer in map.buffers {
      guard let rows = buffer.rows else { continue }
      #expect(rows.kept < rows.height)
    }
  }

  @Test(arguments: [0, 1, 2])
  func samplesAreMapped(_ sample: Int) throws {
    let graph = try Pipeline.lower(
      try Frontend.read(try Repository.samples[sample].bytes("model.bin"), file: "model.bin"))
    let plans = try plans(graph)
    for plan in plans { check(plan) }
    // Inputs and outputs are in the arena when they are asked for there.
    for (plan, reused) in zip(plans, [false, true, false, true]) {
      let map = MemoryMap(plan)
      #expect(map.callers.isEmpty == reused && map.buffers.contains { $0.isInput } == reused)
    }
    if sample == 0 { #expect(!MemoryMap(plans[2]).groups.isEmpty) }
  }

  @Test func randomNetworksAreMapped() throws {
    var networks = RandomNetworks(seed: 20)
    for _ in 0..<25 {
      let graph = try Pipeline.lower(try networks.make(layers: 9))
      for plan in try plans(graph) { check(plan) }
    }
  }

  @Test func anInputThatIsOverwrittenIsShown() throws {
    var builder = GraphBuilder()
    let x = try builder.input([1, 8, 8, 1])
    let a = try builder.filtered(x, [1, 2, 3, 4, 5, 6, 7, 8, 9], bias: 3)
    let b = try builder.filtered(a, [3, 1, -3, 2, 5, 1, 7, -8, 9], bias: -20)
    let c = try builder.filtered(b, [-2, 4, 3, 1, 5, 6, 1, 8, -9], bias: 7)
    builder.graph.outputs = [c]
    for plan in try plans(try Pipeline.lower(builder.graph)) { check(plan) }
    let map = MemoryMap(try plans(try Pipeline.lower(builder.graph))[0])
    // The second layer's output may lie over the first one's, which nobody reads any more.
    let second = try #require(map.buffers.first { $0.kind == .output(layer: 1) })
    let below = try #require(second.over.first)
    #expect(map.buffers[below.buffer].kind == .output(layer: 0) && below.bytes > 0 && below.bytes <= 64)
  }
}
