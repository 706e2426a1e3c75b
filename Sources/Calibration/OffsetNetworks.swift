import IR
import Operators
import Support

/// Networks of layers whose weights need more than 8 bits, and of layers that give their sums.
extension CalibrationNetworks {
  static func offsets() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("offsets", input: [1, 9, 8, 3], seed: 36)
    func parameters(_ dims: [Int], axis: Int) throws(Diagnostic) -> [TensorID] {
      let shape = try Shape(dims)
      let taps = Float(shape.elementCount / dims[axis])
      let scales = (0..<dims[axis]).map { 0.01 * (1 + Float($0 % 5) / 5) / taps.squareRoot() }
      let points = (0..<dims[axis]).map { -60 - Int32($0 % 7) }
      let type = TensorType(.int8, shape, try Quantization(scales: scales, zeroPoints: points, axis: axis))
      let bias = TensorType(.int32, try Shape([dims[axis]]))
      return [network.constant(type, -128...127), network.constant(bias, -2000...2000)]
    }
    func options(_ stride: Int, _ dilation: Int) -> ConvolutionOptions {
      ConvolutionOptions(
        stride: Extent(stride, stride), dilation: Extent(dilation, dilation), padding: .same, activation: .none,
        arithmetic: .singlePrecision)
    }
    // Filters of many and few taps and channels, as layers and as sums.
    for (dims, stride, dilation, sums) in [
      ([8, 3, 3, 3], 1, 1, false), ([12, 1, 1, 8], 1, 1, false), ([6, 3, 3, 12], 2, 1, false),
      ([10, 2, 1, 6], 1, 2, true), ([16, 1, 1, 10], 1, 1, true), ([5, 3, 3, 16], 1, 1, true),
    ] as [([Int], Int, Int, Bool)] {
      try network.add(
        Conv2D(options(stride, dilation)), [network.last] + (try parameters(dims, axis: 0)),
        as: sums ? .int32 : .int8)
      if sums { try network.add(Cast()) }
    }
    for (dims, sums) in [([1, 3, 3, 5], false), ([1, 5, 2, 10], false), ([1, 2, 3, 20], true)] as [([Int], Bool)] {
      try network.add(
        DepthwiseConv2D(options(1, 1)), [network.last] + (try parameters(dims, axis: 3)), as: sums ? .int32 : .int8)
      if sums { try network.add(Cast()) }
    }
    let count = network.type.shape.elementCount
    for (depth, units, sums) in [(count, 14, false), (14, 40, false), (40, 9, true), (9, 30, true)] {
      let op = FullyConnected(activation: .none, shape: [1, units], arithmetic: .singlePrecision)
      try network.add(op, [network.last] + (try parameters([units, depth], axis: 0)), as: sums ? .int32 : .int8)
      if sums { try network.add(Cast()) }
    }
    try network.add(Reshape(shape: [5, 6]))
    try network.add(BatchMatMul(adjointX: true, adjointY: false), [network.last, network.last], as: .int32)
    return try network.network()
  }
}
