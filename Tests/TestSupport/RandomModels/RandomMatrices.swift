import IR
import Operators
import Support

/// Transposed convolutions and products of matrices.
extension RandomModels {
  static let matrices: [String: Generator] = [
    "transpose_conv": { try $0.transposeConv() },
    "transpose_conv 16x8": { try $0.widened(try $0.transposeConv(), biases: [.int64]) },
    "batch_matmul": { try $0.batchMatMul(.int8) },
    "batch_matmul int16": { try $0.batchMatMul(.int16) },
    "fully_connected data": { models in
      let (rows, depth, units) = (models.int(1...3), models.int(1...20), models.int(1...6))
      let data = models.input(try models.type([rows, depth]))
      let weights = models.matrix(try models.type([units, depth]))
      return (
        FullyConnected(activation: models.activation(), shape: [rows, units]),
        [data, weights] + (models.coin() ? [try models.bias(units)] : []), [try models.type([rows, units])]
      )
    },
  ]

  mutating func transposeConv() throws -> Model {
    let stride = Extent(int(1...3), int(1...3))
    let filter = Extent(int(1...5), int(1...5))
    let image = [int(1...2), int(1...4), int(1...4), int(1...4)]
    let filters = int(1...4)
    let padding = padding()
    // Sizes that the filters just cover, and others.
    func size(_ pixels: Int, _ filter: Int, _ stride: Int) -> Int {
      let usual = padding == .same ? pixels * stride : (pixels - 1) * stride + filter
      return max(padding == .valid ? filter : 1, usual + (coin() ? 0 : int(-3...3)))
    }
    let output = Extent(size(image[1], filter.height, stride.height), size(image[2], filter.width, stride.width))
    let data = input(try type(image))
    let kernel = try weights([filters, filter.height, filter.width, image[3]], channelAxis: 0)
    let op = TransposeConv(stride: stride, padding: padding, activation: activation(), output: output)
    let operands = [data, kernel] + (coin() ? [try bias(filters)] : [])
    return (op, operands, [try type([image[0], output.height, output.width, filters])])
  }

  /// An input of the type `type`, or sometimes a constant.
  mutating func matrix(_ type: TensorType) -> TensorID {
    guard int(0...2) == 0 else { return input(type) }
    let range = type.element.range ?? 0...0
    let values = (0..<type.shape.elementCount).map { _ in Int32.random(in: range, using: &random) }
    return graph.add(constant: Tensor(type, ints: values), name: "matrix")
  }

  mutating func batchMatMul(_ element: ElementType) throws -> Model {
    let (rows, depth, columns) = (int(1...4), int(1...6), int(1...4))
    let op = BatchMatMul(adjointX: coin(), adjointY: coin())
    let batches = shape(ranks: 0...3, sizes: 1...3)
    func side(_ a: Int, _ b: Int, _ isTurned: Bool) -> [Int] {
      let own = batches.map { int(0...3) == 0 ? 1 : $0 }
      return Array(own.dropFirst(coin() ? 0 : int(0...own.count))) + (isTurned ? [b, a] : [a, b])
    }
    func matrixType(_ dims: [Int], scale: Float) throws -> TensorType {
      let zeroPoint = element == .int16 ? 0 : zeroPoint()
      return TensorType(element, try Shape(dims), try .perTensor(scale: scale, zeroPoint: zeroPoint))
    }
    let scales = (scale() / 16, scale() / 16)
    let x = input(try matrixType(side(rows, depth, op.adjointX), scale: scales.0))
    let y = matrix(try matrixType(side(depth, columns, op.adjointY), scale: scales.1))
    let dims = try op.outputShapes([Operand(graph[x].type), Operand(graph[y].type)])[0].dims
    // 64-bit accumulators allow ratios of scales below 128.
    let ratio: Float = pick([0.00001, 0.001, 0.01, 1, 100])
    return (op, [x, y], [try matrixType(dims, scale: scales.0 * scales.1 / ratio)])
  }
}
