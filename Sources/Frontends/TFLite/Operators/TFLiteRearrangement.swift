import IR
import Operators
import Support

/// Operators that repeat, gather, stack or make elements, or number them otherwise.
extension TFLiteCall {
  static let rearrangement: [String: Builder] = [
    "SLICE": { (call) throws(Diagnostic) in (try call.slice(), try call.data(1)) },
    "REVERSE_V2": { (call) throws(Diagnostic) in (try call.reverse(), try call.data(1)) },
    "SPLIT_V": { (call) throws(Diagnostic) in
      let axis = try call.shape(0).normalized(axis: try call.single(2, "the axis"))
      let sizes = call.outputs.map { call.graph[$0].type.shape }
      guard sizes.allSatisfy({ axis < $0.rank }) else { throw call.failure("shape", "the outputs lack axis \(axis)") }
      return (SplitSizes(axis: axis, sizes: sizes.map { $0[axis] }), try call.data(1))
    },
    "PACK": { (call) throws(Diagnostic) in
      (Pack(axis: try call.newAxis(try call.options?.int32(1, "axis") ?? 0)), call.inputs)
    },
    "UNPACK": { (call) throws(Diagnostic) in
      let axis = try call.shape(0).normalized(axis: try call.options?.int32(1, "axis") ?? 0)
      return (Unpack(axis: axis, count: call.outputs.count), try call.data(1))
    },
    "TILE": { (call) throws(Diagnostic) in (Tile(multiples: try call.multiples()), try call.data(1)) },
    "BROADCAST_TO": { (call) throws(Diagnostic) in (Tile(multiples: try call.multiples()), try call.data(1)) },
    "FILL": { (call) throws(Diagnostic) in
      guard try call.shape(1).rank == 0 else { throw call.failure("value", "the value is no scalar") }
      return (Tile(multiples: call.outputShape), [try call.data(2)[1]])
    },
    "DEPTH_TO_SPACE": { (call) throws(Diagnostic) in
      (DepthToSpace(block: try call.options?.int32(0, "block_size") ?? 0), try call.data(1))
    },
    "SPACE_TO_DEPTH": { (call) throws(Diagnostic) in
      (SpaceToDepth(block: try call.options?.int32(0, "block_size") ?? 0), try call.data(1))
    },
    "SPACE_TO_BATCH_ND": { (call) throws(Diagnostic) in
      let (before, after) = try call.borders(2, "the paddings")
      return (
        SpaceToBatch(block: try call.constants(1, "the block shape"), before: before, after: after), try call.data(1)
      )
    },
    "BATCH_TO_SPACE_ND": { (call) throws(Diagnostic) in
      let (before, after) = try call.borders(2, "the crops")
      return (
        BatchToSpace(block: try call.constants(1, "the block shape"), before: before, after: after), try call.data(1)
      )
    },
    "RESIZE_NEAREST_NEIGHBOR": { (call) throws(Diagnostic) in
      let op = ResizeNearest(
        size: Array(call.outputShape.dropFirst().prefix(2)),
        alignCorners: try call.options?.bool(0, "align_corners") ?? false,
        halfPixelCenters: try call.options?.bool(1, "half_pixel_centers") ?? false)
      return (op, try call.data(1))
    },
    "MIRROR_PAD": { (call) throws(Diagnostic) in
      let (before, after) = try call.borders(1, "the paddings")
      let mode = try call.options?.int8(0, "mode") ?? 0
      guard mode == 0 || mode == 1 else { throw call.failure("options", "unknown mode \(mode)") }
      return (MirrorPad(before: before, after: after, isReflecting: mode == 0), try call.data(1))
    },
    "GATHER": { (call) throws(Diagnostic) in
      let axis = try call.shape(0).normalized(axis: try call.options?.int32(0, "axis") ?? 0)
      let batchDims = try call.options?.int32(1, "batch_dims") ?? 0
      let rank = try call.shape(1).rank
      return (Gather(axis: axis, batchDims: batchDims < 0 ? batchDims + rank : batchDims), try call.data(2))
    },
    "GATHER_ND": { (call) throws(Diagnostic) in (GatherND(), try call.data(2)) },
    "EMBEDDING_LOOKUP": { (call) throws(Diagnostic) in
      let data = try call.data(2)
      guard try call.shape(0).rank == 1 else { throw call.failure("rank", "the rows to look up are no list") }
      if let output = call.outputs.first, call.graph[output].type.element != call.graph[data[1]].type.element {
        throw call.failure("type", "an output of another type than the table is not supported")
      }
      return (Gather(axis: 0), [data[1], data[0]])
    },
    "DYNAMIC_UPDATE_SLICE": { (call) throws(Diagnostic) in (DynamicUpdateSlice(), try call.data(3)) },
    "SHAPE": { (call) throws(Diagnostic) in (ShapeOf(), try call.data(1)) },
    "RANK": { (call) throws(Diagnostic) in (RankOf(), try call.data(1)) },
    "ZEROS_LIKE": { (call) throws(Diagnostic) in (ZerosLike(), try call.data(1)) },
    "BROADCAST_ARGS": { (call) throws(Diagnostic) in (BroadcastArgs(), try call.data(2)) },
    "CAST": { (call) throws(Diagnostic) in (Cast(), try call.data(1)) },
  ]

  /// The only value of a constant input.
  private func single(_ input: Int, _ role: String) throws(Diagnostic) -> Int {
    let values = try constants(input, role)
    guard values.count == 1 else { throw failure("constant", "\(role) has \(values.count) values") }
    return values[0]
  }

  private func slice() throws(Diagnostic) -> StridedSlice {
    let shape = try shape(0)
    let begin = try constants(1, "begin")
    var sizes = try constants(2, "the sizes")
    guard begin.count == shape.rank, sizes.count == shape.rank else {
      throw failure("rank", "\(begin.count) places and \(sizes.count) sizes do not suit the shape \(shape)")
    }
    for axis in sizes.indices where sizes[axis] == -1 { sizes[axis] = shape[axis] - begin[axis] }
    return StridedSlice(begin: begin, sizes: sizes, strides: [Int](repeating: 1, count: shape.rank))
  }

  private func reverse() throws(Diagnostic) -> StridedSlice {
    let shape = try shape(0)
    var begin = [Int](repeating: 0, count: shape.rank)
    var strides = [Int](repeating: 1, count: shape.rank)
    for axis in try constants(1, "the axes") {
      let axis = try shape.normalized(axis: axis)
      (begin[axis], strides[axis]) = (shape[axis] - 1, -1)
    }
    return StridedSlice(begin: begin, sizes: shape.dims, strides: strides)
  }

  /// How often each axis of the first input is repeated in the output.
  private func multiples() throws(Diagnostic) -> [Int] {
    let (input, output) = (try shape(0), outputShape)
    let dims = [Int](repeating: 1, count: max(0, output.count - input.rank)) + input.dims
    guard dims.count == output.count,
      zip(dims, output).allSatisfy({ $0 > 0 && $1.isMultiple(of: $0) && (name == "TILE" || $0 == 1 || $0 == $1) })
    else { throw failure("shape", "\(input) can't become \(output)") }
    return zip(dims, output).map { $1 / $0 }
  }

  /// `axis` as the place of a new one, counted from the front.
  private func newAxis(_ axis: Int) throws(Diagnostic) -> Int {
    let rank = try shape(0).rank
    guard (-rank - 1...rank).contains(axis) else {
      throw failure("axis", "there is no place for a new axis \(axis) in \(try shape(0))")
    }
    return axis < 0 ? axis + rank + 1 : axis
  }

  /// Pairs of numbers, one for each axis, of a constant input.
  private func borders(_ input: Int, _ role: String) throws(Diagnostic) -> (before: [Int], after: [Int]) {
    let amounts = try constants(input, role)
    guard amounts.count.isMultiple(of: 2) else { throw failure("paddings", "\(role) are no pairs") }
    return (
      stride(from: 0, to: amounts.count, by: 2).map { amounts[$0] },
      stride(from: 1, to: amounts.count, by: 2).map { amounts[$0] }
    )
  }
}
