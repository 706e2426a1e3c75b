import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Plans are right: networks that run inside of the planned arena, where nothing else is remembered, give what they give
/// anywhere.
@Suite struct ArenaTests {
  /// A network of images with residuals and branches, in integer normal form.
  static func network(_ seed: UInt64) throws -> Graph {
    var networks = RandomNetworks(seed: seed)
    return try Pipeline.lower(try networks.make(layers: 9, batch: 1, size: 5...14))
  }

  /// All chains of a network, at random heights, that leave none out which could be had, as far as they do not overlap.
  static func randomChains(_ graph: Graph, _ pipeline: Pipeline, seed: UInt64) throws -> [ChainRequest] {
    var random = SplitMix64(seed: seed)
    let steps = try pipeline.plan(graph, SelectionRequest(chains: [])).steps.count
    var chains: [ChainRequest] = []
    var first = 0
    while first < steps - 1 {
      let last = min(steps - 1, first + Int.random(in: 1...5, using: &random))
      let request = ChainRequest(first...last, rows: Int.random(in: 1...3, using: &random))
      if (try? pipeline.plan(graph, SelectionRequest(chains: chains + [request]))) != nil {
        chains.append(request)
        first = last
      }
      first += 1
    }
    return chains
  }

  @Test(arguments: 0..<10, Objective.allCases)
  func networksRunInsideOfTheArena(_ block: Int, _ objective: Objective) throws {
    let pipeline = Pipeline(
      machine: try Pipelines.machine("cortex-m0"), objective: objective, templates: Pipelines.templates)
    for seed in 1...6 {
      let graph = try Self.network(UInt64(block * 100 + seed))
      var request = SelectionRequest()
      request.reused = ReusedBuffers(inputs: seed % 2 == 0, outputs: seed % 3 == 0)
      try Self.check(try pipeline.plan(graph, request), graph)
    }
  }

  @Test(arguments: 0..<20)
  func chainsRunInsideOfTheArena(_ block: Int) throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    for seed in 1...10 {
      let seed = UInt64(block * 100 + seed)
      let graph = try Self.network(seed)
      var request = SelectionRequest(chains: try Self.randomChains(graph, pipeline, seed: seed))
      request.reused = ReusedBuffers(inputs: seed % 2 == 0, outputs: seed % 3 == 0)
      try Self.check(try pipeline.plan(graph, request), graph)
    }
  }

  /// The random networks have chains, rows that are kept, and outputs over inputs.
  @Test func randomNetworksUseAllOfIt() throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var (chains, kept, shared) = (0, 0, 0)
    for seed in 1...120 {
      let graph = try Self.network(UInt64(seed))
      let request = SelectionRequest(chains: try Self.randomChains(graph, pipeline, seed: UInt64(seed)))
      let plan = try pipeline.plan(graph, request)
      chains += plan.chains.count
      kept += plan.chains.flatMap(\.members).count { $0.kept > 0 }
      shared += plan.overlappingShares
    }
    #expect(chains > 20 && kept > 10 && shared > 60, "\(chains) \(kept) \(shared)")
  }

  /// An arena whose plan is wrong is found out, unless later layers saturate or pool what has changed: an output that lies over an input, as close as it may, moves on.
  @Test func wrongPlansAreSeen() throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var (wrong, seen) = (0, 0)
    for seed in 1...100 {
      let graph = try Self.network(UInt64(seed))
      guard !graph.nodes.contains(where: { $0.op is Reshape }) else { continue }
      let plan = try pipeline.plan(graph, SelectionRequest(chains: []))
      let tight = plan.arena.shares.first { share in
        let (input, output) = (plan.buffers[share.input], plan.buffers[share.output])
        return input.offset - output.offset == share.overlap.distance && input.offset < output.offset + output.size
          && output.offset + output.size + share.overlap.step * 8 <= plan.arena.size && output.size > 16
      }
      guard let tight, case .tensor(let output, _) = plan.buffers[tight.output].content else { continue }
      wrong += 1
      let input = Profile.defaultInput(graph)
      var interpreter = try ArenaInterpreter(plan, moved: [output: tight.overlap.step * 8])
      if try interpreter.outputs(input) != Interpreter(graph).outputs(input) { seen += 1 }
    }
    #expect(wrong > 10 && seen > 3, "\(seen) of \(wrong)")
  }

  @Test(arguments: 0..<4, ["host", "cortex-m0"])
  func chainsInCEqualTheReference(_ block: Int, _ target: String) throws {
    for seed in 1...(target == "host" ? 4 : 2) {
      let seed = UInt64(block * 100 + seed)
      let graph = try Self.network(seed)
      let pipeline = try Pipelines.pipeline(target)
      var request = SelectionRequest(chains: try Self.randomChains(graph, pipeline, seed: seed))
      request.reused = ReusedBuffers(inputs: seed % 2 == 0, outputs: seed % 3 == 0)
      let vectors = VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 6)
      let expected = try vectors.map { try Interpreter(graph).outputs($0) }
      let actual = try Pipelines.runEmitted(
        graph, on: target, request, flags: target == "host" ? Pipelines.sanitizers : [], vectors: vectors)
      #expect(Verification.compare(expected, actual) == nil, "\(seed): \(graph.text)")
    }
  }

  /// Images that come row by row: in the arena, and in C.
  @Test func inputsComeByRows() throws {
    let pipeline = try Pipelines.pipeline("cortex-m0")
    var count = 0
    for seed in 1...80 {
      let graph = try Self.network(UInt64(seed))
      var request = SelectionRequest()
      request.isStreamed = true
      request.reused.outputs = seed % 3 == 0
      guard let plan = try? pipeline.plan(graph, request) else { continue }
      count += 1
      try Self.check(plan, graph)
      #expect(plan.stream?.tensor == graph.inputs.first)
      guard count <= 10 else { continue }
      let vectors = VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 6)
      let expected = try vectors.map { try Interpreter(graph).outputs($0) }
      let target = count % 2 == 0 ? "host" : "cortex-m0"
      let actual = try Pipelines.runEmitted(
        graph, on: target, request, flags: target == "host" ? Pipelines.sanitizers : [], vectors: vectors)
      #expect(Verification.compare(expected, actual) == nil, "\(seed): \(graph.text)")
    }
    #expect(count > 10, "\(count)")
  }

  @Test func inputsThatAreNoImagesDoNotComeByRows() throws {
    var request = SelectionRequest()
    request.isStreamed = true
    var networks = RandomModels(seed: 1)
    let graph = try Pipeline.lower(try networks.make("fully_connected"))
    let error = #expect(throws: Diagnostic.self) { try Pipelines.pipeline("cortex-m0").plan(graph, request) }
    #expect(error?.id == "planning.stream")
  }

  private static func check(_ plan: Plan, _ graph: Graph) throws {
    for vector in VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 2) {
      var interpreter = try ArenaInterpreter(plan)
      let same = try interpreter.outputs(vector) == Interpreter(graph).outputs(vector)
      #expect(same, "\(plan.chains.map(\.request)) \(graph.text)")
    }
    #expect(plan.arena.size >= plan.arena.lowerBound)
  }
}

extension Plan {
  /// How many outputs lie over inputs.
  fileprivate var overlappingShares: Int {
    arena.shares.count { share in
      let (input, output) = (buffers[share.input], buffers[share.output])
      return input.offset < output.offset + output.size && output.offset < input.offset + input.size
    }
  }
}
