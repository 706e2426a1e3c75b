import Compiler
import IR
import Operators
import Planning
import Support
import TestSupport
import Testing

/// Operators that move, repeat, gather or make elements: what they refuse, floats, indices outside, and what costs nothing.
@Suite struct RearrangementTests {
  private func operand(_ dims: [Int], _ ints: [Int32]? = nil, _ element: ElementType = .int8) throws -> Operand {
    let type = TensorType(element, try Shape(dims))
    return Operand(type, constant: ints.map { Tensor(type, ints: $0) })
  }

  private func refusal(_ op: any Operator, _ inputs: [Operand]) -> String? {
    do {
      _ = try op.outputShapes(inputs)
      return nil
    } catch { return error.message }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let matrix = try operand([3, 4])
    let image = try operand([1, 4, 6, 8])
    let huge = Shape.maximumElements
    let refused: [(any SourceOperator, [Operand])] = [
      (Gather(axis: 1), [matrix, try operand([2], [0, 4], .int32)]),
      (Gather(axis: 1), [matrix, try operand([2], [0, -1], .int32)]),
      (Gather(axis: 2), [matrix, try operand([2], nil, .int32)]),
      (Gather(axis: 1, batchDims: 1), [matrix, try operand([2, 2], nil, .int32)]),
      (Gather(axis: 0, batchDims: -1), [matrix, try operand([2], nil, .int32)]),
      (Gather(axis: 0), [try operand([1, huge]), try operand([2], nil, .int32)]),
      (GatherND(), [matrix, try operand([1, 2], [2, 4], .int32)]),
      (GatherND(), [matrix, try operand([1, 3], nil, .int32)]),
      (GatherND(), [matrix, try operand([], nil, .int32)]),
      (DynamicUpdateSlice(), [matrix, try operand([3, 5]), try operand([2], nil, .int32)]),
      (DynamicUpdateSlice(), [matrix, try operand([3]), try operand([2], nil, .int32)]),
      (DynamicUpdateSlice(), [matrix, matrix, try operand([3], nil, .int32)]),
      (Tile(multiples: [2]), [matrix]), (Tile(multiples: [0, 1]), [matrix]), (Tile(multiples: [huge, 1]), [matrix]),
      (Tile(multiples: [1 << 40, 1]), [matrix]), (Tile(multiples: [huge, huge, huge, 1]), [matrix]),
      (DepthToSpace(block: 3), [image]), (DepthToSpace(block: 0), [image]), (DepthToSpace(block: 1 << 40), [image]),
      (DepthToSpace(block: 2), [matrix]), (SpaceToDepth(block: 4), [image]), (SpaceToDepth(block: -2), [image]),
      (SpaceToBatch(block: [3, 2], before: [0, 0], after: [0, 0]), [image]),
      (SpaceToBatch(block: [2, 2], before: [0], after: [0, 0]), [image]),
      (SpaceToBatch(block: [2, 2, 2, 2], before: [0, 0, 0, 0], after: [0, 0, 0, 0]), [image]),
      (SpaceToBatch(block: [1], before: [1 << 40], after: [0]), [image]),
      (SpaceToBatch(block: [huge, huge], before: [huge - 4, huge - 6], after: [0, 0]), [image]),
      (BatchToSpace(block: [2], before: [0], after: [0]), [image]),
      (BatchToSpace(block: [1], before: [2], after: [2]), [image]),
      (BatchToSpace(block: [0], before: [0], after: [0]), [image]),
      (ResizeNearest(size: [0, 3], alignCorners: false, halfPixelCenters: false), [image]),
      (ResizeNearest(size: [huge, huge], alignCorners: false, halfPixelCenters: false), [image]),
      (ResizeNearest(size: [3], alignCorners: false, halfPixelCenters: false), [image]),
      (MirrorPad(before: [3, 0], after: [0, 0], isReflecting: true), [matrix]),
      (MirrorPad(before: [0, 0], after: [0, 5], isReflecting: false), [matrix]),
      (MirrorPad(before: [0], after: [0], isReflecting: false), [matrix]),
      (Pack(axis: 3), [matrix, matrix]), (Pack(axis: 0), [matrix, image]), (Pack(axis: 0), []),
      (Unpack(axis: 1, count: 3), [matrix]), (Unpack(axis: 2, count: 1), [matrix]),
      (SplitSizes(axis: 1, sizes: [2, 3]), [matrix]), (SplitSizes(axis: 1, sizes: [5, -1]), [matrix]),
      (SplitSizes(axis: -1, sizes: [4]), [matrix]),
      (StridedSlice(begin: [0, 2], sizes: [1, 3], strides: [1, 1]), [matrix]),
      (StridedSlice(begin: [0, -1], sizes: [1, 1], strides: [1, 1]), [matrix]),
      (StridedSlice(begin: [0], sizes: [1], strides: [1]), [matrix]),
    ]
    for (op, inputs) in refused {
      #expect(refusal(op, inputs) != nil, "\(op.mnemonic) \(op.attributes)")
    }
  }

  @Test func attributesAreKept() throws {
    for op in [
      SpaceToBatch(block: [2, 3], before: [1, 0], after: [0, 2], value: 5),
      BatchToSpace(block: [2], before: [1], after: [0]), Gather(axis: 2, batchDims: 1),
      ResizeNearest(size: [3, 4], alignCorners: true, halfPixelCenters: false),
      MirrorPad(before: [1], after: [2], isReflecting: true), Pad(before: [1], after: [2], value: 0, real: 1.5),
      SplitSizes(axis: 1, sizes: [2, 3]), Unpack(axis: 1, count: 4), Pack(axis: 2), Tile(multiples: [2, 1]),
    ] as [any SourceOperator] {
      #expect(try OperatorRegistry.make(op.mnemonic, op.attributes).attributes == op.attributes)
    }
  }

  /// Elements that stand regularly need no table; others do.
  @Test func loopsFollowThePattern() {
    func axes(_ source: [Int]) -> [LoopNest.Axis] { StridedCopy([CopyAxis(source: source, target: 1)]).nest.axes }
    #expect(axes([7, 5, 3, 1]) == [LoopNest.Axis(size: 4, steps: [-2, 1])])
    #expect(axes([4, 4, 4]) == [LoopNest.Axis(size: 3, steps: [0, 1])])
    #expect(axes([2, 2, 4, 4, 6, 6]).map(\.size) == [3, 2])
    #expect(axes([0, 1, 2, 0, 1, 2]).map(\.steps) == [[0, 3], [1, 1]])
    #expect(axes([0, 2, 1, 3]).map(\.steps) == [[1, 2], [2, 1]])
    #expect(axes([0, 1, 3, 2]).first?.tables == [0: [0, 1, 3, 2]])
    var target = [Int32](repeating: 0, count: 4)
    StridedCopy([CopyAxis(source: [3, 0, 0, 1], target: 1)]).apply([10, 11, 12, 13], &target)
    #expect(target == [13, 10, 10, 11])
  }

  @Test func floatsMoveToo() throws {
    let type = TensorType(.float32, try Shape([2, 2]))
    let wide = TensorType(.float32, try Shape([2, 4]))
    let tensor = Tensor(type, floats: [1.5, -2, 3, 4.25])
    let padded = try Pad(before: [0, 1], after: [0, 1], value: 0, real: 0.5).evaluate([tensor], as: [wide])
    #expect(padded == [Tensor(wide, floats: [0.5, 1.5, -2, 0.5, 0.5, 3, 4.25, 0.5])])
    let tiled = try Tile(multiples: [1, 2]).evaluate([tensor], as: [wide])
    #expect(tiled == [Tensor(wide, floats: [1.5, -2, 1.5, -2, 3, 4.25, 3, 4.25])])
    let int8 = TensorType(.int8, try Shape([4]))
    let values = Tensor(TensorType(.float32, try Shape([4])), floats: [-1.9, 300, .nan, -.infinity])
    #expect(try Cast().evaluate([values], as: [int8]) == [Tensor(int8, ints: [-1, 127, 0, -128])])
  }

  @Test func indicesOutsideAreSafe() throws {
    let data = Tensor(TensorType(.int8, try Shape([3, 2])), ints: [1, 2, 3, 4, 5, 6])
    func list(_ values: [Int32], _ dims: [Int]) throws -> Tensor {
      Tensor(TensorType(.int32, try Shape(dims)), ints: values)
    }
    let rows = TensorType(.int8, try Shape([4, 2]))
    let gathered = try Gather(axis: 0).evaluate([data, try list([-7, Int32.max, Int32.min, 1], [4])], as: [rows])
    #expect(gathered == [Tensor(rows, ints: [1, 2, 5, 6, 1, 2, 3, 4])])
    // The place as a whole counts: [1, -1] is element 1.
    let elements = TensorType(.int8, try Shape([4]))
    let found = try GatherND().evaluate(
      [data, try list([1, -1, -1, 0, 2, 1, 3, Int32.max], [4, 2])], as: [elements])
    #expect(found == [Tensor(elements, ints: [2, 1, 6, 1])])
  }

  /// Chains that compute shapes are constants before anything else happens.
  @Test func shapesAreFolded() throws {
    var builder = GraphBuilder()
    let input = try builder.input([2, 3])
    let list = TensorType(.int32, try Shape([2]))
    let shape = builder.node(ShapeOf(), [input], list, name: "SHAPE")
    let one = builder.constant(TensorType(.int32, try Shape([1])), [1], name: "one")
    let size = builder.node(Gather(axis: 0), [shape, one], TensorType(.int32, try Shape([1])), name: "GATHER")
    let half = builder.constant(TensorType(.int32, try Shape([1])), [7], name: "seven")
    let packed = builder.node(Pack(axis: 0), [size, half], TensorType(.int32, try Shape([2, 1])), name: "PACK")
    let output = builder.node(Reshape(shape: [2]), [packed], list, name: "RESHAPE")
    builder.graph.outputs = [output]
    try builder.graph.verify()
    let lowered = try Pipeline.lower(builder.graph)
    #expect(lowered.nodes.allSatisfy { $0.op is Reshape })
    let result = try Interpreter(lowered).outputs([Tensor(builder.graph[input].type, ints: [1, 2, 3, 4, 5, 6])])
    #expect(try result[0].ints("the sizes") == [3, 7])
  }

  /// Slices that lie together are views: nothing is copied for them.
  @Test func blocksAreViews() throws {
    var builder = GraphBuilder()
    let input = try builder.input([2, 4, 4, 3])
    let image = try builder.type([1, 4, 4, 3])
    func slice(_ input: TensorID, _ first: Int) -> TensorID {
      builder.node(
        StridedSlice(begin: [first, 0, 0, 0], sizes: [1, 4, 4, 3], strides: [1, 1, 1, 1]), [input], image, name: "SLICE"
      )
    }
    let half = slice(input, 1)
    let rows = builder.graph.add(TensorInfo(name: "rows", type: try builder.type([1, 1, 4, 3])))
    let rest = builder.graph.add(TensorInfo(name: "rest", type: try builder.type([1, 3, 4, 3])))
    builder.graph.nodes.append(
      Node(
        SplitSizes(axis: 1, sizes: [1, 3]), inputs: [half], outputs: [rows, rest],
        origin: Origin(index: 1, operatorName: "SPLIT_V")))
    let parts = [
      try builder.pointwise(rest, [[1, 2, 3]], bias: [5]), try builder.pointwise(rest, [[3, -1, 2]], bias: [9]),
    ]
    let packed = builder.node(Pack(axis: 0), parts, try builder.type([2, 1, 3, 4, 1]), name: "PACK")
    builder.graph.outputs = [packed]
    try builder.graph.verify()
    let plan = try Pipelines.pipeline().plan(try Pipeline.lower(builder.graph))
    #expect(plan.steps.map(\.node.op.mnemonic) == ["integer.conv_2d", "integer.conv_2d"])
    #expect(plan.locations[rest] == .input(0, offset: 60))
    #expect(plan.locations[parts[1]] == .output(0, offset: 12))
  }

  @Test func sixtyFourBitsAreRefusedAtRunTime() throws {
    var builder = GraphBuilder()
    let wide = TensorType(.int64, try Shape([3]))
    let input = builder.graph.add(TensorInfo(name: "x", type: wide))
    builder.graph.inputs = [input]
    builder.graph.outputs = [
      builder.node(Tile(multiples: [2]), [input], TensorType(.int64, try Shape([6])), name: "TILE")
    ]
    try builder.graph.verify()
    #expect {
      _ = try Pipeline.lower(builder.graph)
    } throws: {
      ($0 as? Diagnostic)?.id == "lowering.int64"
    }
  }
}
