import IR
import Operators
import Support

/// Convolutions, dense layers and pooling.
extension RandomModels {
  static let weighted: [String: Generator] = [
    "conv_2d": { try $0.convolution(depthwise: false) },
    "depthwise_conv_2d": { try $0.convolution(depthwise: true) },
    "average_pool_2d": { try $0.pool(average: true) },
    "max_pool_2d": { try $0.pool(average: false) },
    "fully_connected": { models in
      let (rows, depth, units) = (
        models.int(1...3), models.isDeep ? models.int(250...700) : models.int(1...40),
        models.int(1...(models.isDeep ? 19 : 9))
      )
      let data = models.input(try models.type([rows, depth]))
      let operands =
        [data, try models.weights([units, depth], channelAxis: 0)] + (models.coin() ? [try models.bias(units)] : [])
      return (
        FullyConnected(activation: models.activation(), shape: [rows, units]), operands,
        [try models.type([rows, units])]
      )
    },
  ]

  mutating func convolution(depthwise: Bool) throws -> Model {
    let same = padding()
    // What kernels of their own compute.
    let isPlain = !depthwise && int(0...2) == 0
    let isColumn = depthwise && int(0...5) == 0
    var filter = isPlain ? Extent(3, 3) : Extent(int(1...4), int(1...4))
    if depthwise, !isDeep, int(0...2) != 0 { filter = Extent(int(1...8), int(1...8)) }
    if isColumn { filter = Extent(filter.height, 1) }
    let stride = isPlain ? Extent(1, 1) : Extent(int(1...3), int(1...3))
    let dilation = isPlain ? Extent(1, 1) : Extent(pick([1, 1, 2, 3]), pick([1, 1, 2]))
    let reach = Extent((filter.height - 1) * dilation.height + 1, (filter.width - 1) * dilation.width + 1)
    // VALID needs an image at least as large as the filter; SAME takes any.
    let low = same == .valid ? reach : Extent(1, 1)
    let groups = depthwise || isPlain ? 1 : pick([1, 1, 2])
    let depth = isDeep ? int(90...300) : int(1...6)
    let width = isColumn ? 1 : int(low.width...low.width + 6)
    let image = [int(1...2), int(low.height...low.height + 6), width, depth * groups]
    let channels = depthwise ? depth * int(1...3) : groups * int(1...4)
    let data = input(try type(image))
    let dims = depthwise ? [1, filter.height, filter.width, channels] : [channels, filter.height, filter.width, depth]
    let kernel = try weights(dims, channelAxis: depthwise ? 3 : 0)
    let operands = [data, kernel] + (coin() ? [try bias(channels)] : [])
    let op: any SourceOperator =
      depthwise
      ? DepthwiseConv2D(stride: stride, dilation: dilation, padding: same, activation: activation())
      : Conv2D(stride: stride, dilation: dilation, padding: same, activation: activation())
    var known: [Operand] = []
    for id in operands { known.append(try graph.operand(id)) }
    return (op, operands, [try type(try op.outputShapes(known)[0].dims)])
  }

  mutating func pool(average: Bool) throws -> Model {
    let same = padding()
    let filter = Extent(int(1...4), int(1...4))
    let stride = Extent(int(1...3), int(1...3))
    let low = same == .valid ? filter : Extent(1, 1)
    let data = try type([int(1...2), int(low.height...low.height + 5), int(low.width...low.width + 5), int(1...5)])
    let op: any SourceOperator =
      average
      ? AveragePool2D(filter: filter, stride: stride, padding: same, activation: activation())
      : MaxPool2D(filter: filter, stride: stride, padding: same, activation: activation())
    let result = try op.outputShapes([Operand(data)])[0]
    return (op, [input(data)], [TensorType(.int8, result, data.quantization)])
  }
}
