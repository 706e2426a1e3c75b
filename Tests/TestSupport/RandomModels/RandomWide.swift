import IR
import Operators
import Support

/// Variants of operators on 16-bit activations; a word behind the mnemonic tells them apart.
extension RandomModels {
  static let wide: [String: Generator] = [
    "conv_2d 16x8": { try $0.widened(try $0.convolution(depthwise: false), biases: [.int64, .int32]) },
    "depthwise_conv_2d 16x8": { try $0.widened(try $0.convolution(depthwise: true), biases: [.int64]) },
    "fully_connected 16x8": { models in
      guard let dense = weighted["fully_connected"] else { throw Diagnostic("test.operator", .usage, "no dense layer") }
      return try models.widened(try dense(&models), biases: [.int64, .int32])
    },
    "conv_2d 16x16": { models in
      let model = try models.widened(try models.convolution(depthwise: false), biases: [.int64, .int32])
      return models.withShortWeights(model)
    },
    "depthwise_conv_2d 16x16": { models in
      let model = try models.widened(try models.convolution(depthwise: true), biases: [.int64])
      return models.withShortWeights(model)
    },
    "fully_connected 16x16": { models in
      guard let dense = weighted["fully_connected"] else { throw Diagnostic("test.operator", .usage, "no dense layer") }
      return models.withShortWeights(try models.widened(try dense(&models), biases: [.int64, .int32]))
    },
    "average_pool_2d int16": { try $0.widened(try $0.pool(average: true), biases: []) },
    "average_pool_2d uint8": { models in
      let (op, operands, outputs) = try models.pool(average: true)
      let quantization = try Quantization.perTensor(scale: models.scale(), zeroPoint: Int32(models.int(0...255)))
      models.graph[operands[0]].type.element = .uint8
      models.graph[operands[0]].type.quantization = quantization
      return (op, operands, [TensorType(.uint8, outputs[0].shape, quantization)])
    },
    "max_pool_2d int16": { try $0.widened(try $0.pool(average: false), biases: []) },
  ]

  /// The model with weights of 16 bits, among them the largest and the smallest.
  mutating func withShortWeights(_ model: Model) -> Model {
    var (op, operands, outputs) = model
    var type = graph[operands[1]].type
    type.element = .int16
    let isExtreme = coin()
    let values = (0..<type.shape.elementCount).map { _ in
      Int32(isExtreme ? pick([-32768, -1, 0, 32767]) : int(-32768...32767))
    }
    operands[1] = graph.add(constant: Tensor(type, ints: values), name: "weights")
    return (op, operands, outputs)
  }

  /// The model with int16 data, and with a bias of one of the types `biases`.
  mutating func widened(_ model: Model, biases: [ElementType]) throws -> Model {
    var (op, operands, outputs) = model
    let scale = self.scale() / 256
    graph[operands[0]].type.element = .int16
    graph[operands[0]].type.quantization = try .perTensor(scale: scale, zeroPoint: 0)
    outputs[0].element = .int16
    guard operands.count > 1 else {
      outputs[0].quantization = graph[operands[0]].type.quantization
      return (op, operands, outputs)
    }
    // 64-bit accumulators allow ratios of scales below 128.
    let largest = graph[operands[1]].type.quantization?.scales.max() ?? 1
    outputs[0].quantization = try .perTensor(
      scale: max(self.scale() / 256, scale * largest / Float(pick([0.0001, 0.01, 1, 100]))), zeroPoint: 0)
    if operands.count > 2 {
      let element = pick(biases)
      let shape = graph[operands[2]].type.shape
      let isLarge = element == .int64 && coin()
      let values = (0..<shape.elementCount).map { _ in
        Int64(isLarge ? int(-1 << 45...1 << 45) : int(-1 << 30...1 << 30))
      }
      operands[2] = graph.add(constant: Tensor(TensorType(element, shape), wide: values), name: "bias")
    }
    return (op, operands, outputs)
  }
}
