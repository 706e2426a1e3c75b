import IR
import Operators
import Support

/// Networks of operators on single elements and over axes.
extension CalibrationNetworks {
  /// Expressions with and without factors and calls, over long and short runs.
  static func arithmetic() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("arithmetic", input: [1, 10, 12, 6], seed: 30)
    let first = network.last
    try network.add(Extremum(.maximum), [first, first])
    let largest = network.last
    try network.add(SquaredDifference(), [first, largest])
    let squares = network.last
    try network.add(Comparison(.greater), [first, squares], as: .bool)
    try network.add(Select(), [network.last, largest, squares])
    let selected = network.last
    try network.add(AddN(), [selected, selected, selected])
    try network.add(Prelu(), [network.last, first])
    try network.add(Division(activation: .none), [network.last, selected])
    try network.add(Reduce(.maximum, axes: [1], keepDimensions: true))
    try network.add(Extremum(.minimum), [first, network.last])
    try network.add(Quantize(), as: .int16)
    let wide = network.last
    try network.add(Add(activation: .none), [wide, wide], as: .int16)
    try network.add(Tanh(), as: .int16)
    try network.add(Logistic(), as: .int16)
    try network.add(Mul(activation: .none), [network.last, wide], as: .int16)
    return try network.network()
  }

  /// Lists of the first elements of long and short rows.
  static func lists() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("lists", input: [2, 30, 6], seed: 37)
    // All of them read the input: what is sorted already takes less time.
    let input = network.last
    var lists: [TensorID] = []
    for (element, dims, op) in [
      (.int8, [2, 30, 6], TopK(axis: 1, count: 24)), (.int8, [2, 30, 6], TopK(axis: 2, count: 4, isLargest: false)),
      (.int8, [2, 180], TopK(axis: 1, count: 60)), (.int8, [1, 360], TopK(axis: 1, count: 3)),
      (.uint8, [10, 36], TopK(axis: 0, count: 8, isLargest: false)), (.int16, [18, 20], TopK(axis: 1, count: 9)),
      (.int32, [12, 30], TopK(axis: 0, count: 5)),
    ] as [(ElementType, [Int], TopK)] {
      try network.add(Cast(), [input], element: element)
      try network.add(Reshape(shape: dims))
      try network.add(op)
      try network.add(Cast(), element: .int16)
      try network.add(Reshape(shape: [network.type.shape.elementCount]))
      lists.append(network.last)
    }
    try network.add(Concatenation(axis: 0), lists)
    return try network.network()
  }

  /// Images of 16-bit values of other sizes.
  static func wideImages() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("wide images", input: [1, 6, 8, 10], seed: 38, element: .int16)
    try network.add(ResizeBilinear(size: Extent(11, 9), alignsCorners: false, usesHalfPixels: true))
    try network.add(ResizeBilinear(size: Extent(5, 4), alignsCorners: true, usesHalfPixels: false))
    try network.add(Reshape(shape: [1, 25, 8, 1]))
    try network.add(ResizeBilinear(size: Extent(20, 9), alignsCorners: false, usesHalfPixels: false))
    return try network.network()
  }

  /// Rows that are long and short.
  static func axes() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("axes", input: [1, 6, 8, 10], seed: 31)
    try network.add(CumulativeSum(axis: 1, isExclusive: false, isReverse: false))
    try network.add(CumulativeSum(axis: 3, isExclusive: true, isReverse: true))
    try network.add(L2Normalization())
    try network.add(ResizeBilinear(size: Extent(11, 9), alignsCorners: false, usesHalfPixels: true))
    let image = network.last
    try network.add(Reduce(.minimum, axes: [2], keepDimensions: false))
    try network.add(LogSoftmax())
    try network.add(L2Normalization())
    try network.add(Reduce(.maximum, axes: [1, 2], keepDimensions: false))
    try network.add(LogSoftmax())
    network.select(image)
    try network.add(ResizeBilinear(size: Extent(5, 4), alignsCorners: true, usesHalfPixels: false))
    try network.add(Reshape(shape: [2, 100]))
    try network.add(CumulativeSum(axis: 1, isExclusive: false, isReverse: false))
    try network.add(L2Normalization())
    try network.add(LogSoftmax())
    try network.add(Quantize(), as: .int16)
    try network.add(Softmax(beta: 1), as: .int16)
    try network.add(Reshape(shape: [40, 5]), as: .int16)
    try network.add(Softmax(beta: 1), as: .int16)
    return try network.network()
  }
}
