package import IR
import Operators
package import Support

/// Networks whose layers are measured to find out what kernels cost: the usual building blocks in different sizes, small
/// enough for the RAM of an ATmega2560. None of them is a benchmark.
package enum CalibrationNetworks {
  package static func all() throws(Diagnostic) -> [Graph] {
    [
      try dense("dense", 300, [96, 40, 12]), try dense("wide", 48, [200, 64, 64, 64, 10]),
      try dense("narrow", 77, [9, 5, 50, 3, 30, 1]),
      try convolutions(), try smallFilters(), try largeFilters(), try separable(), try mobile(), try largeDepthwise(),
      try depthwiseShapes(), try depthwiseFilters(), try depthwiseColumns(), try residual(),
      try dilated(),
      try sparse(), try sparseDense(), try pruned(), try packed(4), try packed(2), try packedDense(),
      try bells(), try pools(), try maxima(), try elementwise(), try movement(), try rearrangement(), try means(),
      try arithmetic(), try axes(), try lists(), try wideImages(), try wideConvolutions(),
      try wideDense(), try shortWeights(), try widePools(), try unsignedPools(),
      try matrices(.int8), try matrices(.int16), try svdfs(), try lstms(),
      try wideLstms(), try grus(), try rnns(), try offsets(),
    ]
  }

  private static func dense(_ name: String, _ input: Int, _ units: [Int]) throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder(name, input: [1, input], seed: UInt64(input))
    for count in units { try network.dense(count) }
    try network.add(Softmax(beta: 1))
    return try network.network()
  }

  private static func convolutions() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("convolutions", input: [1, 16, 14, 3], seed: 1)
    try network.convolution(10, Extent(3, 3))
    try network.convolution(12, Extent(3, 3))
    try network.convolution(20, Extent(3, 3), stride: 2)
    try network.convolution(24, Extent(1, 1))
    try network.convolution(32, Extent(3, 3), padding: .valid)
    try network.convolution(16, Extent(1, 1), stride: 2)
    try network.convolution(12, Extent(1, 1))
    return try network.network()
  }

  /// 3×3 filters over whole and partial tiles, with few and many channels on either side.
  private static func smallFilters() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("small filters", input: [1, 12, 12, 2], seed: 13)
    try network.convolution(3, Extent(3, 3))
    try network.convolution(14, Extent(3, 3))
    try network.convolution(6, Extent(3, 3))
    try network.convolution(12, Extent(3, 3), padding: .valid)
    try network.convolution(8, Extent(3, 3), padding: .valid)
    try network.convolution(16, Extent(3, 3), padding: .valid)
    try network.convolution(10, Extent(3, 3), padding: .valid)
    try network.convolution(24, Extent(3, 3), padding: .valid)
    return try network.network()
  }

  private static func largeFilters() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("large filters", input: [1, 24, 12, 1], seed: 2)
    try network.convolution(16, Extent(8, 5), stride: 2)
    try network.convolution(12, Extent(5, 5))
    try network.convolution(8, Extent(1, 7))
    try network.convolution(8, Extent(6, 2), stride: 2)
    try network.dense(16)
    return try network.network()
  }

  private static func separable() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("separable", input: [1, 20, 10, 2], seed: 3)
    try network.convolution(36, Extent(3, 3), stride: 2)
    try network.depthwise(Extent(3, 3))
    try network.convolution(40, Extent(1, 1))
    try network.depthwise(Extent(5, 5))
    try network.convolution(48, Extent(1, 1))
    try network.depthwise(Extent(3, 3), stride: 2)
    try network.convolution(64, Extent(1, 1))
    try network.averagePool(Extent(5, 3), stride: 1)
    try network.dense(10)
    try network.add(Softmax(beta: 1))
    return try network.network()
  }

  private static func mobile() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("mobile", input: [1, 24, 24, 3], seed: 4)
    try network.convolution(8, Extent(3, 3), stride: 2)
    try network.depthwise(Extent(3, 3))
    try network.convolution(16, Extent(1, 1))
    try network.depthwise(Extent(3, 3), stride: 2)
    try network.convolution(32, Extent(1, 1))
    try network.depthwise(Extent(3, 3))
    try network.convolution(32, Extent(1, 1))
    try network.depthwise(Extent(3, 3), stride: 2)
    try network.convolution(96, Extent(1, 1))
    try network.depthwise(Extent(3, 3))
    try network.convolution(96, Extent(1, 1))
    try network.averagePool(Extent(3, 3), stride: 1)
    return try network.network()
  }

  private static func largeDepthwise() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("large depthwise", input: [1, 30, 22, 1], seed: 12)
    try network.depthwise(Extent(7, 6), stride: 2, multiplier: 6)
    try network.depthwise(Extent(4, 7))
    try network.depthwise(Extent(2, 2), stride: 2)
    return try network.network()
  }

  /// Wide and narrow images, with few and with many channels.
  private static func depthwiseShapes() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("depthwise shapes", input: [1, 9, 40, 4], seed: 13)
    try network.depthwise(Extent(3, 3))
    try network.depthwise(Extent(3, 3), stride: 2, multiplier: 3)
    try network.depthwise(Extent(3, 3), padding: .valid)
    try network.convolution(80, Extent(1, 1), stride: 3)
    try network.depthwise(Extent(3, 3))
    try network.convolution(20, Extent(1, 1))
    try network.depthwise(Extent(3, 3), multiplier: 2)
    return try network.network()
  }

  /// Filters of many forms over rows of all lengths.
  private static func depthwiseFilters() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("depthwise filters", input: [1, 14, 17, 3], seed: 20)
    try network.depthwise(Extent(5, 5))
    try network.depthwise(Extent(3, 3), dilation: 2)
    try network.depthwise(Extent(1, 7))
    try network.depthwise(Extent(1, 3), padding: .valid)
    try network.depthwise(Extent(7, 1))
    try network.depthwise(Extent(5, 5), stride: 2, multiplier: 3)
    try network.depthwise(Extent(5, 5))
    try network.depthwise(Extent(7, 7))
    try network.depthwise(Extent(2, 2), multiplier: 2, padding: .valid)
    try network.depthwise(Extent(5, 3), stride: 3)
    try network.depthwise(Extent(3, 3), dilation: 2, multiplier: 2)
    return try network.network()
  }

  /// Images that are one pixel wide: time series.
  private static func depthwiseColumns() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("depthwise columns", input: [1, 120, 1, 6], seed: 21)
    try network.depthwise(Extent(9, 1))
    try network.depthwise(Extent(5, 1), stride: 2)
    try network.depthwise(Extent(3, 1), dilation: 4)
    try network.depthwise(Extent(4, 1), stride: 3, multiplier: 5)
    try network.depthwise(Extent(16, 1))
    return try network.network()
  }

  private static func residual() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("residual", input: [1, 12, 12, 8], seed: 5)
    for (filters, stride) in [(8, 1), (16, 2), (32, 2)] {
      let start = network.last
      try network.convolution(filters, Extent(3, 3), stride: stride)
      try network.convolution(filters, Extent(3, 3))
      let path = network.last
      if stride > 1 { try network.convolutionOn(start, filters, stride: stride) }
      try network.add(Add(activation: .relu), [path, stride > 1 ? network.last : start])
    }
    try network.add(Mean(axes: [1, 2], keepDimensions: false))
    try network.dense(10)
    return try network.network()
  }

  private static func dilated() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("dilated", input: [1, 10, 10, 4], seed: 6)
    try network.convolution(12, Extent(3, 3), dilation: 2)
    try network.convolution(16, Extent(3, 3), groups: 4)
    try network.convolution(4, Extent(3, 3), dilation: 3)
    try network.depthwise(Extent(3, 3), multiplier: 2)
    try network.depthwise(Extent(3, 3), multiplier: 3)
    return try network.network()
  }

  /// Convolutions with few weights that are not zero.
  private static func sparse() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("sparse", input: [1, 15, 12, 4], seed: 13)
    network.density = 0.3
    try network.convolution(16, Extent(3, 3))
    network.density = 0.1
    try network.convolution(24, Extent(1, 1))
    try network.convolution(20, Extent(3, 3))
    network.density = 0.02
    try network.convolution(40, Extent(1, 1), stride: 2)
    network.density = 0.15
    try network.convolution(32, Extent(5, 3), stride: 2)
    try network.convolution(64, Extent(1, 1))
    network.density = 0.5
    try network.convolution(10, Extent(1, 1))
    return try network.network()
  }

  private static func sparseDense() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("sparse dense", input: [1, 400], seed: 14)
    for (units, density) in [(100, 0.2), (150, 0.05), (60, 0.5), (90, 0.01), (10, 0.8)] {
      network.density = density
      try network.dense(units)
    }
    return try network.network()
  }

  /// Pruned weights of few and of many bits, whose codes are short and long.
  private static func pruned() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("pruned", input: [1, 14, 11, 6], seed: 31)
    network.isBellShaped = true
    for (filters, size, stride, bits, density) in [
      (20, 3, 1, 8, 0.3), (32, 1, 1, 4, 0.15), (24, 3, 2, 3, 0.05), (40, 3, 1, 5, 0.1), (16, 1, 2, 8, 0.4),
    ] {
      network.weightBits = bits
      network.density = density
      try network.convolution(filters, Extent(size, size), stride: stride)
    }
    for (units, bits, density) in [(90, 8, 0.3), (120, 4, 0.1), (64, 3, 0.03), (100, 5, 0.5), (8, 8, 0.2)] {
      network.weightBits = bits
      network.density = density
      try network.dense(units)
    }
    return try network.network()
  }

  /// Convolutions with weights of few bits, of short and of long filters.
  private static func packed(_ bits: Int) throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("\(bits) bits", input: [1, 15, 12, 3], seed: UInt64(14 + bits))
    network.weightBits = bits
    try network.convolution(8, Extent(3, 3))
    try network.convolution(24, Extent(1, 1))
    try network.convolution(20, Extent(3, 3), stride: 2)
    try network.convolution(32, Extent(5, 3))
    try network.convolution(48, Extent(1, 1))
    try network.convolution(16, Extent(3, 3), stride: 2)
    try network.convolution(40, Extent(1, 1))
    return try network.network()
  }

  private static func packedDense() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("dense of 4 bits", input: [1, 500], seed: 19)
    network.weightBits = 4
    for units in [64, 200, 48, 9, 100, 12] { try network.dense(units) }
    return try network.network()
  }

  /// Weights of few and of many bits that are distributed like a bell, as codes of variable length need them.
  private static func bells() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("bells", input: [1, 9, 8, 4], seed: 23)
    network.isBellShaped = true
    for (filters, size, bits) in [(12, 3, 8), (20, 1, 5), (16, 3, 6), (40, 1, 7), (8, 3, 4)] {
      network.weightBits = bits
      try network.convolution(filters, Extent(size, size), stride: size == 3 ? 1 : 2)
    }
    for (units, bits) in [(64, 8), (100, 6), (24, 4), (80, 7), (7, 5)] {
      network.weightBits = bits
      try network.dense(units)
    }
    return try network.network()
  }

  private static func pools() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("pools", input: [1, 18, 18, 8], seed: 7)
    try network.maxPool(Extent(2, 2), stride: 2)
    try network.averagePool(Extent(3, 3), stride: 1, padding: .same)
    try network.maxPool(Extent(3, 3), stride: 1, padding: .same)
    try network.averagePool(Extent(2, 2), stride: 2)
    try network.maxPool(Extent(3, 2), stride: 1)
    try network.averagePool(Extent(2, 3), stride: 1)
    return try network.network()
  }

  private static func maxima() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("maxima", input: [1, 20, 16, 12], seed: 11)
    try network.maxPool(Extent(2, 2), stride: 2)
    try network.maxPool(Extent(2, 1), stride: 1)
    try network.maxPool(Extent(3, 3), stride: 2)
    try network.maxPool(Extent(4, 3), stride: 1)
    return try network.network()
  }

  private static func elementwise() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("elementwise", input: [1, 10, 10, 8], seed: 8)
    let start = network.last
    try network.add(Logistic())
    let gate = network.last
    try network.add(Mul(activation: .none), [start, gate])
    let product = network.last
    try network.add(Tanh())
    try network.add(Add(activation: .none), [product, network.last])
    try network.add(HardSwish())
    try network.add(Sub(activation: .relu), [network.last, start])
    try network.averagePool(Extent(10, 10), stride: 1)
    let pooled = network.last
    try network.add(Mul(activation: .none), [product, pooled])
    try network.add(Add(activation: .none), [network.last, pooled])
    return try network.network()
  }

  private static func movement() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("movement", input: [1, 10, 12, 6], seed: 9)
    try network.add(Transpose(permutation: [0, 2, 1, 3]))
    try network.add(Pad(before: [0, 1, 2, 0], after: [0, 2, 1, 0], value: -5))
    try network.maxPool(Extent(2, 2), stride: 2)
    try network.add(Transpose(permutation: [0, 3, 1, 2]))
    try network.add(Pad(before: [0, 0, 1, 1], after: [0, 1, 0, 1], value: -5))
    let padded = network.last
    try network.add(Concatenation(axis: 3), [padded, padded])
    try network.add(Softmax(beta: 1))
    try network.add(ArgMax(axis: 3))
    return try network.network()
  }

  /// Copies with tables, casts, and gathers of runs of several lengths.
  private static func rearrangement() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("rearrangement", input: [1, 6, 7, 4], seed: 23)
    try network.add(ResizeNearest(size: [7, 5], alignCorners: false, halfPixelCenters: true))
    try network.add(MirrorPad(before: [0, 2, 1, 0], after: [0, 1, 3, 0], isReflecting: true))
    try network.add(ArgMax(axis: 3))
    try network.add(Gather(axis: 0), [try network.table([4, 5]), network.last])
    try network.add(ArgMax(axis: 3))
    try network.add(Cast(), element: .int16)
    try network.add(Gather(axis: 1), [try network.table([3, 5, 2]), network.last])
    try network.add(Cast(), element: .int32)
    try network.add(Gather(axis: 0), [try network.table([5, 12]), network.last])
    try network.add(ArgMax(axis: 5))
    try network.add(Gather(axis: 2), [try network.table([2, 2, 12]), network.last])
    return try network.network()
  }

  private static func means() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("means", input: [1, 12, 14, 12], seed: 10)
    try network.add(Mean(axes: [1], keepDimensions: true))
    try network.add(Mean(axes: [3], keepDimensions: true))
    try network.add(Mean(axes: [1, 2], keepDimensions: true))
    return try network.network()
  }
}

extension NetworkBuilder {
  /// A 1×1 convolution that reads another tensor than the newest one.
  fileprivate mutating func convolutionOn(_ input: TensorID, _ filters: Int, stride: Int) throws(Diagnostic) {
    select(input)
    try convolution(filters, Extent(1, 1), stride: stride)
  }
}
