import IR
import Operators
import Support
import TestSupport
import Testing

/// Operators that change nothing go, similar ones stay.
@Suite struct NoOpTests {
  /// The mnemonics after the pass of a graph with `op` on [1,4,1,6] between two tables.
  private func left(_ op: any SourceOperator, isOutput: Bool = false) throws -> [String] {
    var b = GraphBuilder()
    let x = try b.input([1, 4, 1, 6])
    let first = try b.unary(HardSwish(), x, like: x, name: "HARD_SWISH")
    let dims = try op.outputShapes([Operand(b.graph[first].type)])[0].dims
    let middle = b.node(op, [first], try b.type(dims, zeroPoint: 3), name: "OPERATOR")
    b.graph.outputs = [isOutput ? middle : try b.unary(HardSwish(), middle, like: middle, name: "HARD_SWISH")]
    let (before, after) = try ChannelTests.stages(b.graph, around: "remove-no-ops")
    try ChannelTests.expectSame(before, after)
    return after.nodes.map { $0.op.mnemonic }.filter { $0 != "integer.lookup" }
  }

  private func slice(_ end: [Int], stride: Int = 1, shrink: Int = 0) throws -> StridedSlice {
    try StridedSlice(
      of: try Shape([1, 4, 1, 6]), begin: [0, 0, 0, 0], end: end, strides: [1, stride, 1, 1], beginMask: 0, endMask: 0,
      shrinkMask: shrink)
  }

  private func pool(filter: Int = 1, stride: Int = 1, _ activation: Activation = .none) -> MaxPool2D {
    MaxPool2D(filter: Extent(filter, 1), stride: Extent(stride, 1), padding: .same, activation: activation)
  }

  @Test func operatorsThatChangeNothingGo() throws {
    #expect(try left(Pad(before: [0, 0, 0, 0], after: [0, 0, 0, 0], value: 5)) == [])
    #expect(try left(slice([1, 4, 1, 6])) == [])
    #expect(try left(Concatenation(axis: 3)) == [])
    #expect(try left(Split(axis: 1, count: 1)) == [])
    #expect(try left(Transpose(permutation: [0, 1, 2, 3])) == [])
    #expect(try left(Transpose(permutation: [2, 1, 0, 3])) == [])
    #expect(try left(Reshape(shape: [1, 4, 1, 6])) == [])
    #expect(try left(pool()) == [])
    let average = AveragePool2D(filter: Extent(1, 1), stride: Extent(1, 1), padding: .valid, activation: .none)
    #expect(try left(average) == [])
  }

  @Test func operatorsThatOnlyReshapeBecomeReshapes() throws {
    #expect(try left(Transpose(permutation: [1, 0, 2, 3])) == ["reshape"])
    #expect(try left(slice([1, 4, 1, 6], shrink: 1)) == ["reshape"])
    #expect(try left(Reshape(shape: [24])) == ["reshape"])
    // The output of the graph is not the tensor before it.
    #expect(try left(slice([1, 4, 1, 6]), isOutput: true) == ["reshape"])
  }

  @Test func operatorsThatMoveOrDropElementsStay() throws {
    #expect(try left(Pad(before: [0, 0, 0, 0], after: [0, 1, 0, 0], value: 5)) == ["pad"])
    #expect(try left(slice([1, 3, 1, 6])) == ["strided_slice"])
    #expect(try left(slice([1, 4, 1, 6], stride: 2)) == ["strided_slice"])
    #expect(try left(Transpose(permutation: [0, 3, 2, 1])) == ["transpose"])
    #expect(try left(pool(filter: 2)) == ["integer.pool_2d"])
    #expect(try left(pool(stride: 2)) == ["integer.pool_2d"])
    #expect(try left(pool(.relu)) == ["integer.pool_2d"])
  }

  /// An output keeps its scale, and a concatenation needs one scale for all of its inputs.
  @Test func concatenationsKeepTheirScales() throws {
    var b = GraphBuilder()
    let x = try b.input([1, 4])
    let other = b.node(Reshape(shape: [1, 4]), [x], try b.type([1, 4], scale: 0.25), name: "RESHAPE")
    b.graph.outputs = [
      b.node(Concatenation(axis: 1), [other, other], try b.type([1, 8], scale: 0.25), name: "CONCATENATION")
    ]
    let (before, after) = try ChannelTests.stages(b.graph, around: "remove-no-ops")
    try ChannelTests.expectSame(before, after)
  }
}
