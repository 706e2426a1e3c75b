import IR
import Operators
import Support

/// Operators that repeat, gather, stack or make elements, of any type.
extension RandomModels {
  static let rearrangement: [String: Generator] = [
    "tile": { models in
      let dims = models.shape(ranks: 0...3, sizes: 1...4)
      let extra = models.int(0...1)
      let multiples = (0..<dims.count + extra).map { _ in models.int(1...3) }
      return try models.moving(Tile(multiples: multiples), dims)
    },
    "depth_to_space": { models in
      let block = models.int(1...3)
      return try models.moving(
        DepthToSpace(block: block),
        [models.int(1...2), models.int(1...3), models.int(1...3), block * block * models.int(1...3)])
    },
    "space_to_depth": { models in
      let block = models.int(1...3)
      return try models.moving(
        SpaceToDepth(block: block),
        [models.int(1...2), block * models.int(1...3), block * models.int(1...3), models.int(1...3)])
    },
    "space_to_batch_nd": { models in
      let block = (0..<models.int(1...2)).map { _ in models.int(1...3) }
      let before = block.map { _ in models.int(0...2) }
      let after = block.map { _ in models.int(0...2) }
      let axes = block.indices.map { axis in
        let wanted = block[axis] * models.int(2...3) - before[axis] - after[axis]
        return wanted > 0 ? wanted : wanted + 2 * block[axis]
      }
      return try models.moving(
        SpaceToBatch(block: block, before: before, after: after, value: models.int(0...1)),
        [models.int(1...2)] + axes + [models.int(1...3)])
    },
    "batch_to_space_nd": { models in
      let block = (0..<models.int(1...2)).map { _ in models.int(1...3) }
      let before = block.map { models.int(0...$0 - 1) }
      let after = block.map { models.int(0...$0 - 1) }
      return try models.moving(
        BatchToSpace(block: block, before: before, after: after),
        [block.reduce(models.int(1...2), *)] + block.map { _ in models.int(2...4) } + [models.int(1...3)])
    },
    "resize_nearest_neighbor": { models in
      try models.moving(
        ResizeNearest(
          size: [models.int(1...9), models.int(1...9)], alignCorners: models.coin(), halfPixelCenters: models.coin()),
        [models.int(1...2), models.int(1...5), models.int(1...5), models.int(1...3)])
    },
    "mirror_pad": { models in
      let isReflecting = models.coin()
      let dims = models.shape(ranks: 1...4, sizes: 1...5)
      let before = dims.map { models.int(0...$0 - (isReflecting ? 1 : 0)) }
      let after = dims.map { models.int(0...$0 - (isReflecting ? 1 : 0)) }
      return try models.moving(MirrorPad(before: before, after: after, isReflecting: isReflecting), dims)
    },
    "pack": { models in
      let dims = models.shape(ranks: 0...3)
      let type = try models.anyType(dims)
      let operands = (0..<models.int(1...4)).map { _ in models.input(type) }
      return try models.moving(Pack(axis: models.int(0...dims.count)), type, operands)
    },
    "unpack": { models in
      let dims = models.shape(ranks: 1...4, sizes: 1...4)
      let axis = models.int(0...dims.count - 1)
      return try models.moving(Unpack(axis: axis, count: dims[axis]), dims)
    },
    "split_v": { models in
      var dims = models.shape(ranks: 1...4)
      let axis = models.int(0...dims.count - 1)
      let sizes = (0..<models.int(1...4)).map { _ in models.int(1...3) }
      dims[axis] = sizes.reduce(0, +)
      return try models.moving(SplitSizes(axis: axis, sizes: sizes), dims)
    },
    "gather": { models in
      let dims = models.shape(ranks: 1...4)
      let axis = models.int(0...dims.count - 1)
      let batchDims = models.int(0...axis)
      let list = Array(dims.prefix(batchDims)) + models.shape(ranks: 0...2, sizes: 1...3)
      let type = try models.anyType(dims)
      let operands = [models.inputOrConstant(type), try models.indices(list, below: dims[axis])]
      let op = Gather(axis: axis, batchDims: batchDims, countsFromEnd: models.coin())
      return try models.moving(op, type, operands)
    },
    "gather_nd": { models in
      let dims = models.shape(ranks: 1...4)
      let batchDims = models.int(0...3) > 0 ? 0 : models.int(0...dims.count - 1)
      let list =
        dims.prefix(batchDims) + models.shape(ranks: 0...2, sizes: 1...3) + [models.int(1...dims.count - batchDims)]
      let type = try models.anyType(dims)
      let operands = [models.input(type), try models.indices(Array(list), below: dims.min() ?? 1)]
      return try models.moving(GatherND(batchDims: batchDims, countsFromEnd: models.int(0...3) == 0), type, operands)
    },
    "gather_elements": { models in
      let dims = models.shape(ranks: 1...4)
      let axis = models.int(0...dims.count - 1)
      let list = dims.enumerated().map { models.int(1...($0.offset == axis ? 4 : $0.element)) }
      let type = try models.anyType(dims)
      let operands = [models.inputOrConstant(type), try models.indices(list, below: dims[axis])]
      return try models.moving(GatherElements(axis: axis), type, operands)
    },
    "dynamic_update_slice": { models in
      let dims = models.shape(ranks: 1...4)
      let type = try models.anyType(dims)
      let update = TensorType(type.element, try Shape(dims.map { models.int(1...$0) }), type.quantization)
      let operands = [
        models.input(type), models.input(update), try models.indices([dims.count], below: (dims.max() ?? 1) + 2),
      ]
      return try models.moving(DynamicUpdateSlice(), type, operands)
    },
    "cast": { models in
      let from = try models.anyType([models.int(256...270)])
      let result = TensorType(models.pick([.int8, .uint8, .int16, .int32, .bool]), from.shape)
      return (Cast(), [models.input(from)], [result])
    },
    "shape": { models in
      let type = try models.anyType(models.shape(ranks: 1...5))
      return (ShapeOf(), [models.input(type)], [TensorType(.int32, try Shape([type.shape.rank]))])
    },
    "rank": { models in
      let type = try models.anyType(models.shape(ranks: 0...5))
      return (RankOf(), [models.input(type)], [TensorType(.int32, try Shape([]))])
    },
    "zeros_like": { models in
      let type = try models.anyType(models.shape(ranks: 0...4))
      return (ZerosLike(), [models.input(type)], [type])
    },
    "broadcast_args": { models in
      let dims = models.shape(ranks: 1...4)
      let type = { (count: Int) throws in TensorType(.int32, try Shape([count])) }
      let lists = [dims, Array(dims.map { models.coin() ? $0 : 1 }.dropFirst(models.int(0...dims.count - 1)))]
      // A network has an input, even when nothing reads it.
      _ = models.input(try models.anyType([1]))
      var operands: [TensorID] = []
      for list in models.coin() ? lists : lists.reversed() {
        operands.append(
          models.graph.add(constant: Tensor(try type(list.count), ints: list.map { Int32($0) }), name: "shape"))
      }
      return (BroadcastArgs(), operands, [try type(dims.count)])
    },
  ]

  /// A type whose elements can be moved.
  mutating func anyType(_ dims: [Int]) throws -> TensorType {
    let byte = try type(dims)
    switch pick([.int8, .int8, .uint8, .int16, .int32, .bool] as [ElementType]) {
    case .int8: return byte
    case let element: return TensorType(element, byte.shape)
    }
  }

  /// A list of indices, known or not, of those types that can hold them.
  mutating func indices(_ dims: [Int], below bound: Int) throws -> TensorID {
    let type = TensorType(pick([.int32, .int32, .int16, .int8]), try Shape(dims))
    guard coin() else { return input(type) }
    let values = (0..<type.shape.elementCount).map { _ in Int32(int(0...bound - 1)) }
    return graph.add(constant: Tensor(type, ints: values), name: "indices")
  }

  /// An input, or elements that are known.
  mutating func inputOrConstant(_ type: TensorType) -> TensorID {
    guard coin(), let range = type.element.range else { return input(type) }
    // A network has an input, even when nothing reads it.
    if graph.inputs.isEmpty { _ = input(type) }
    let values = (0..<type.shape.elementCount).map { _ in Int32.random(in: range, using: &random) }
    return graph.add(constant: Tensor(type, ints: values), name: "elements")
  }

  mutating func moving(_ op: any SourceOperator, _ dims: [Int]) throws -> Model {
    let type = try anyType(dims)
    return try moving(op, type, [input(type)])
  }

  /// The operator with outputs of the type `type` and the shapes that it infers.
  mutating func moving(_ op: any SourceOperator, _ type: TensorType, _ operands: [TensorID]) throws -> Model {
    var known: [Operand] = []
    for id in operands { known.append(try graph.operand(id)) }
    return (op, operands, try op.outputShapes(known).map { TensorType(type.element, $0, type.quantization) })
  }
}
