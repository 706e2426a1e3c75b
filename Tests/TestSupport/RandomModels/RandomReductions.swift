import IR
import Operators
import Support

/// Operators along axes.
extension RandomModels {
  static let reductions: [String: Generator] = [
    "mean": { models in
      let dims = models.shape(ranks: 1...4, sizes: 1...7)
      let axes = dims.indices.filter { _ in models.coin() }
      let op = Mean(axes: axes.isEmpty ? [dims.count - 1] : axes, keepDimensions: models.coin())
      let data = try models.quantized(models.pick([.int8, .int8, .int16]), dims)
      let result = try op.outputShapes([Operand(data)])[0]
      return (op, [models.input(data)], [try models.quantized(data.element, result.dims)])
    },
    "arg_max": { models in
      let dims = models.shape(ranks: 1...4)
      let op = ArgMax(axis: models.int(0...dims.count - 1))
      let data = try models.type(dims)
      return (op, [models.input(data)], [TensorType(.int32, try op.outputShapes([Operand(data)])[0])])
    },
    "top_k": { models in
      let dims = models.shape(ranks: 1...4, sizes: 1...9)
      let axis = models.int(0...dims.count - 1)
      let op = TopK(axis: axis, count: models.int(1...dims[axis]), isLargest: models.coin())
      models.arePlain = models.coin()
      defer { models.arePlain = false }
      let data = try models.quantized(models.pick([.int8, .int8, .int16, .int32, .uint8]), dims)
      let shape = try op.outputShapes([Operand(data)])[0]
      let values = TensorType(data.element, shape, data.quantization)
      return (op, [models.input(data)], [values, TensorType(.int32, shape)])
    },
    "softmax": { models in
      let data = try models.type(
        models.shape(ranks: 1...3, sizes: 1...14), scale: models.pick([0.0005, 0.02, 0.11, 0.9, 6]))
      let wide = try TensorType(.int16, data.shape, .perTensor(scale: 1 / 65536, zeroPoint: -32768))
      if models.int(0...2) == 0 {
        let input = try TensorType(.int16, data.shape, .perTensor(scale: models.scale() / 512, zeroPoint: 0))
        let result = try TensorType(.int16, data.shape, .perTensor(scale: 1 / 32768, zeroPoint: 0))
        return (Softmax(beta: models.pick([1, 0.5, 2.5])), [models.input(input)], [result])
      }
      let result = models.coin() ? wide : try models.type(data.shape.dims, scale: 1 / 256, zero: -128)
      return (Softmax(beta: models.pick([1, 0.5, 2.5])), [models.input(data)], [result])
    },
  ]
}
