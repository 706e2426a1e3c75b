import Codegen
import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Concatenations, splits and slices that cost nothing.
@Suite struct TensorViewTests {
  private func plan(_ builder: GraphBuilder) throws -> Plan {
    try builder.graph.verify()
    return try Pipelines.pipeline().plan(try Pipeline.lower(builder.graph))
  }

  private func operators(_ plan: Plan) -> [String] { plan.steps.map(\.node.op.mnemonic) }

  private func location(_ plan: Plan, _ id: TensorID) throws -> Location { try #require(plan.locations[id]) }

  /// A tensor that depends on every element of `input`, in a buffer of its own.
  private func branch(_ builder: inout GraphBuilder, _ input: TensorID, _ count: Int) throws -> TensorID {
    try builder.pointwise(
      input, (0..<count).map { unit in (0..<builder.graph[input].type.shape[3]).map { Int32($0 + unit + 1) } },
      bias: [Int32](repeating: 3, count: count))
  }

  private func join(_ builder: inout GraphBuilder, _ inputs: [TensorID], axis: Int) throws -> TensorID {
    let shape = try Concatenation(axis: axis).outputShapes(try inputs.map { try builder.graph.operand($0) })[0]
    return builder.node(Concatenation(axis: axis), inputs, try builder.type(shape.dims), name: "CONCATENATION")
  }

  @Test func inputsAreWrittenWhereTheConcatenationHasThem() throws {
    var builder = GraphBuilder()
    let input = try builder.input([1, 1, 1, 6])
    let parts = [
      try branch(&builder, input, 3), try branch(&builder, input, 4), try branch(&builder, input, 5),
    ]
    let joined = try join(&builder, parts, axis: 3)
    builder.graph.outputs = [try branch(&builder, joined, 2)]
    let plan = try plan(builder)
    #expect(!operators(plan).contains("concatenation"))
    #expect(try location(plan, joined) == .arena(0) && location(plan, parts[0]) == .arena(0))
    #expect(try location(plan, parts[1]) == .arena(3) && location(plan, parts[2]) == .arena(7))
    #expect(plan.buffers.count { if case .tensor = $0.content { true } else { false } } == 1)
  }

  /// The caller's buffer of the output holds the parts too, and its buffer of the input can be cut.
  @Test func callersBuffersHoldParts() throws {
    var builder = GraphBuilder()
    let input = try builder.input([1, 4, 2, 3], zeroPoint: -128)
    let type = builder.graph[input].type
    let slice = try StridedSlice(
      of: type.shape, begin: [0, 1, 0, 0], end: [1, 3, 2, 3], strides: [1, 1, 1, 1], beginMask: 0, endMask: 0,
      shrinkMask: 0)
    let rows = builder.node(slice, [input], try builder.type([1, 2, 2, 3]), name: "STRIDED_SLICE")
    let parts = [try branch(&builder, rows, 2), try branch(&builder, rows, 2)]
    builder.graph.outputs = [try join(&builder, parts, axis: 1)]
    let plan = try plan(builder)
    #expect(operators(plan).count == 2)
    #expect(try location(plan, rows) == .input(0, offset: 6))
    #expect(try location(plan, parts[0]) == .output(0) && location(plan, parts[1]) == .output(0, offset: 8))
    #expect(plan.locations.values.allSatisfy { if case .arena = $0 { false } else { true } })
  }

  /// Rows of several images, or channels of several pixels, do not stay together.
  @Test func otherAxesAreCopied() throws {
    for (dims, axis) in [([1, 2, 2, 3], 3), ([1, 2, 2, 3], 2), ([2, 2, 1, 3], 1)] {
      var builder = GraphBuilder()
      let input = try builder.input(dims)
      let joined = try join(&builder, [branch(&builder, input, 3), branch(&builder, input, 3)], axis: axis)
      builder.graph.outputs = [try branch(&builder, joined, 2)]
      #expect(operators(try plan(builder)).contains("concatenation"))
    }
  }

  /// What can't lie in two places is copied: a tensor that is used twice, a constant, an output, and the caller's input.
  @Test(arguments: ["twice", "constant", "output", "input"])
  func tensorsThatCanNotMoveAreCopied(_ kind: String) throws {
    var builder = GraphBuilder()
    let input = try builder.input([1, 2, 2, 3], zeroPoint: -128)
    let own = try branch(&builder, input, 3)
    let other =
      switch kind {
      case "twice": own
      case "input": input
      case "output": try branch(&builder, input, 3)
      default: builder.constant(builder.graph[own].type, [Int32](repeating: 7, count: 12), name: "c")
      }
    let joined = try join(&builder, [own, other], axis: 1)
    builder.graph.outputs = [try branch(&builder, joined, 2)] + (kind == "output" ? [other] : [])
    #expect(operators(try plan(builder)).contains("concatenation"))
  }

  /// A small tensor that must wait for the output of the concatenation while others need much memory is copied to it.
  @Test func viewsThatNeedMoreMemoryAreNotTaken() throws {
    for width in [2, 40] {
      var builder = GraphBuilder()
      let input = try builder.input([1, 3, 3, 2])
      let early = try branch(&builder, input, 1)
      let wide = try branch(&builder, try branch(&builder, input, width), width)
      let joined = try join(&builder, [early, try branch(&builder, wide, 1)], axis: 1)
      builder.graph.outputs = [try branch(&builder, try branch(&builder, joined, 30), 2)]
      let plan = try plan(builder)
      #expect(operators(plan).contains("concatenation") == (width == 40), "\(width)")
    }
  }

  /// Layers read and write nothing but their places: run by the operators' meaning in one block of memory,
  /// random networks give what they give with a memory for each tensor.
  @Test(arguments: 0..<20)
  func placesHoldWhatIsNeeded(_ block: Int) throws {
    var saved: [String: Int] = [:]
    for seed in 0..<25 {
      var networks = RandomNetworks(seed: UInt64(block * 1000 + seed))
      networks.movesOften = true
      let graph = try Pipeline.lower(try networks.make(layers: 12))
      let pipeline = try Pipelines.pipeline(seed % 2 == 0 ? "host" : "cortex-m0")
      var request = SelectionRequest()
      request.reused = ReusedBuffers(inputs: seed % 3 == 0, outputs: seed % 4 == 0)
      let plan = try pipeline.plan(graph, request)
      let vector = VectorGenerator.vectors(for: graph.inputs.map { graph[$0].type }, count: 4)[3]
      let expected = try Interpreter(graph).outputs(vector)
      var interpreter = try ArenaInterpreter(plan, seed: UInt64(seed))
      #expect(try interpreter.outputs(vector) == expected, "\(block), \(seed)")
      for node in graph.nodes { saved[node.op.mnemonic, default: 0] += 1 }
      for step in plan.steps { saved[step.node.op.mnemonic, default: 0] -= 1 }
    }
    #expect(saved["concatenation"] ?? 0 > 0 && saved["split"] ?? 0 > 0 && saved["strided_slice"] ?? 0 > 0)
  }

  @Test(arguments: 1...30)
  func emittedCodeOfRandomNetworksIsTheSame(_ seed: Int) throws {
    var networks = RandomNetworks(seed: UInt64(70_000 + seed))
    networks.movesOften = true
    let graph = try networks.make(layers: 12)
    let lowered = try Pipeline.lower(graph)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 8)
    let reference = try Interpreter(graph)
    var expected: [[Tensor]] = []
    for vector in vectors { expected.append(try reference.outputs(vector)) }
    let target = seed > 26 ? "cortex-m0" : "host"
    let pipeline = Pipeline(
      machine: try Pipelines.machine(target), objective: seed % 3 == 0 ? .ram : .balanced,
      templates: Pipelines.templates)
    var request = SelectionRequest()
    request.reused = ReusedBuffers(inputs: seed % 5 == 0, outputs: seed % 4 == 0)
    let plan = try pipeline.plan(lowered, request)
    var harness = Harness(machine: pipeline.machine, templates: Pipelines.templates)
    harness.extraFlags = target == "host" ? Pipelines.sanitizers : []
    let options = EmitOptions(name: "model")
    let actual = try harness.run(
      try pipeline.emit(plan, options: options), plan, options: options, inputs: vectors)
    #expect(Verification.compare(expected, actual) == nil)
  }
}
