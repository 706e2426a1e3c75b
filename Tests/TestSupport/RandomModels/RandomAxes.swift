import IR
import Operators
import Support

/// Operators over axes and windows, beside the ones that most networks have.
extension RandomModels {
  static let axes: [String: Generator] = [
    "sum": { models in
      let (dims, axes) = models.axes()
      let op = Sum(axes: axes, keepDimensions: models.coin())
      let data = try models.quantized(models.pick([.int8, .int16]), dims)
      return (
        op, [models.input(data)], [try models.quantized(data.element, try op.outputShapes([Operand(data)])[0].dims)]
      )
    },
    "reduce": { models in
      let (dims, axes) = models.axes()
      let kind = models.pick(Reduce.Kind.allCases)
      let op = Reduce(kind, axes: axes, keepDimensions: models.coin())
      let element: ElementType =
        switch kind {
        case .all: .bool
        case .sum: .int32
        case .maximum, .minimum: models.pick([.int8, .int8, .int16, .int32, .uint8])
        }
      let data = try models.quantized(element, dims)
      let result = TensorType(data.element, try op.outputShapes([Operand(data)])[0], data.quantization)
      return (op, [models.input(data)], [result])
    },
    "arg_min": { models in
      let dims = models.shape(ranks: 1...4)
      let op = ArgMin(axis: models.int(0...dims.count - 1))
      let data = try models.type(dims)
      return (op, [models.input(data)], [TensorType(.int32, try op.outputShapes([Operand(data)])[0])])
    },
    "cumsum": { models in
      let dims = models.shape(ranks: 1...4, sizes: 1...7)
      let op = CumulativeSum(axis: models.int(0...dims.count - 1), isExclusive: models.coin(), isReverse: models.coin())
      return (op, [models.input(try models.type(dims))], [try models.type(dims)])
    },
    "l2_normalization": { models in
      let dims = models.shape(ranks: 1...4, sizes: 1...9)
      return (
        L2Normalization(), [models.input(try models.type(dims))], [try models.type(dims, scale: 1 / 128, zero: 0)]
      )
    },
    "log_softmax": { models in
      let data = try models.type(
        models.shape(ranks: 1...3, sizes: 1...14), scale: models.pick([0.0005, 0.02, 0.11, 0.9, 6]))
      return (LogSoftmax(), [models.input(data)], [try models.type(data.shape.dims, scale: 1 / 16, zero: 127)])
    },
    "resize_bilinear": { models in
      let dims = [models.int(1...2), models.int(1...5), models.int(1...5), models.int(1...3)]
      let aligns = models.coin()
      let op = ResizeBilinear(
        size: Extent(models.int(1...9), models.int(1...9)), alignsCorners: aligns,
        usesHalfPixels: !aligns && models.coin())
      let data = try models.quantized(models.pick([.int8, .int16]), dims)
      let result = TensorType(data.element, try op.outputShapes([Operand(data)])[0], data.quantization)
      return (op, [models.input(data)], [result])
    },
    "l2_pool_2d": { models in
      let op = L2Pool2D(
        filter: Extent(models.int(1...3), models.int(1...3)), stride: Extent(models.int(1...2), models.int(1...2)),
        padding: .same, activation: models.activation())
      let data = models.real([1, models.int(1...6), models.int(1...6), models.int(1...3)], from: -3...3)
      return (op, [data], [TensorType(.float32, try op.outputShapes([Operand(models.graph[data].type)])[0])])
    },
  ]

  private mutating func axes() -> (dims: [Int], axes: [Int]) {
    let dims = shape(ranks: 1...4, sizes: 1...7)
    let axes = dims.indices.filter { _ in coin() }
    return (dims, axes.isEmpty ? [dims.count - 1] : axes)
  }
}
