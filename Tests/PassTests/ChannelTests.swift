import Compiler
import IR
import Operators
import Passes
import Support
import TestSupport
import Testing

/// Channels are removed where that changes nothing, and nowhere else.
@Suite struct ChannelTests {
  /// The graph as the pass `name` gets it, and as it leaves it.
  static func stages(_ graph: Graph, around name: String) throws -> (before: Graph, after: Graph) {
    var graph = graph
    for (pass, _) in Pipeline.passes.prefix(while: { $0.pass.name != name }) { try pass.run(on: &graph) }
    let before = graph
    let pass = try #require(Pipeline.passes.first { $0.pass.name == name }?.pass)
    try pass.run(on: &graph)
    try graph.verify()
    return (before, graph)
  }

  static func expectSame(_ a: Graph, _ b: Graph, vectors count: Int = 12) throws {
    let vectors = VectorGenerator.vectors(for: a.inputs.map { a[$0].type }, count: count)
    let (first, second) = (try Interpreter(a), try Interpreter(b))
    for vector in vectors {
      let same = try first.outputs(vector) == second.outputs(vector)
      #expect(same, "\(a.text)\n\(b.text)")
    }
  }

  /// Elements of all tensors that nodes write.
  static func elements(_ graph: Graph) -> Int {
    graph.nodes.flatMap(\.outputs).reduce(0) { $0 + graph[$1].type.shape.elementCount }
  }

  @Test(arguments: 0..<40)
  func outputsOfRandomNetworksStay(_ block: Int) throws {
    for seed in 1...25 {
      var networks = RandomNetworks(seed: UInt64(block * 1000 + seed))
      let graph = try networks.make(layers: 9)
      for name in ["remove-no-ops", "remove-channels"] {
        let (before, after) = try Self.stages(graph, around: name)
        try Self.expectSame(before, after)
        #expect(before.inputs == after.inputs && before.outputs == after.outputs)
        for id in after.inputs + after.outputs { #expect(before[id].type == after[id].type) }
        #expect(Self.elements(after) <= Self.elements(before))
      }
    }
  }

  /// The random networks do reach the pass: most lose channels, and every operator of theirs gets a narrower output.
  @Test func randomNetworksLoseChannels() throws {
    var count = 0
    var narrowed: Set<String> = []
    for seed in 1...300 {
      var networks = RandomNetworks(seed: UInt64(seed))
      let (before, after) = try Self.stages(try networks.make(layers: 9), around: "remove-channels")
      if Self.elements(after) < Self.elements(before) { count += 1 }
      for node in after.nodes
      where node.outputs.contains(where: { before[$0].type.shape != after[$0].type.shape }) {
        narrowed.insert(node.op.mnemonic)
      }
    }
    #expect(count > 150, "\(count)")
    let expected: Set<String> = [
      "integer.conv_2d", "integer.depthwise_conv_2d", "integer.matrix_product", "integer.pool_2d", "integer.lookup",
      "integer.add", "integer.mul", "integer.mean", "pad", "reshape", "transpose", "concatenation", "split",
      "strided_slice",
    ]
    #expect(narrowed == expected)
  }

  /// The pass leaves nothing for a second run.
  @Test(arguments: 1...60)
  func aSecondRunRemovesNothing(_ seed: Int) throws {
    var networks = RandomNetworks(seed: UInt64(seed))
    let (_, after) = try Self.stages(try networks.make(layers: 9), around: "remove-channels")
    var again = after
    try RemoveChannels().run(on: &again)
    #expect(again.text == after.text)
  }

  @Test(arguments: 1...12)
  func emittedCodeOfRandomNetworksIsTheSame(_ seed: Int) throws {
    var networks = RandomNetworks(seed: UInt64(seed))
    let graph = try networks.make(layers: 9)
    let lowered = try Pipeline.lower(graph)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 8)
    let reference = try Interpreter(graph)
    var expected: [[Tensor]] = []
    for vector in vectors { expected.append(try reference.outputs(vector)) }
    let target = seed > 9 ? "cortex-m0" : "host"
    let actual = try Pipelines.runEmitted(
      lowered, on: target, flags: target == "host" ? Pipelines.sanitizers : [], vectors: vectors)
    #expect(Verification.compare(expected, actual) == nil)
  }
}
