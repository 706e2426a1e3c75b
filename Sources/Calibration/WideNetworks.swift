import IR
import Operators
import Support

/// Networks with 16-bit activations, with uint8 ones, and of products of matrices.
extension CalibrationNetworks {
  static func wideConvolutions() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("wide convolutions", input: [1, 10, 9, 3], seed: 31, element: .int16)
    try network.convolution(6, Extent(3, 3))
    try network.depthwise(Extent(3, 3))
    try network.convolution(10, Extent(1, 1))
    try network.depthwise(Extent(5, 2), multiplier: 2)
    try network.convolution(4, Extent(2, 2), stride: 2, dilation: 2)
    try network.depthwise(Extent(1, 4))
    try network.convolution(12, Extent(3, 3), padding: .valid)
    try network.convolution(30, Extent(1, 1))
    try network.convolution(8, Extent(1, 1))
    return try network.network()
  }

  static func wideDense() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("wide dense", input: [1, 150], seed: 32, element: .int16)
    for units in [30, 4, 40, 12, 1] { try network.dense(units) }
    return try network.network()
  }

  static func shortWeights() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("short weights", input: [1, 10, 9, 3], seed: 39, element: .int16)
    network.weightBits = 16
    try network.convolution(6, Extent(3, 3))
    try network.depthwise(Extent(3, 3))
    try network.convolution(10, Extent(1, 1))
    try network.depthwise(Extent(5, 2), multiplier: 2)
    try network.convolution(4, Extent(2, 2), stride: 2, dilation: 2)
    try network.convolution(12, Extent(3, 3), padding: .valid)
    try network.convolution(30, Extent(1, 1))
    for units in [20, 6] { try network.dense(units) }
    return try network.network()
  }

  static func widePools() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("wide pools", input: [1, 12, 12, 5], seed: 33, element: .int16)
    try network.averagePool(Extent(3, 3), stride: 1)
    try network.maxPool(Extent(2, 2), stride: 1)
    try network.averagePool(Extent(1, 4), stride: 2)
    try network.maxPool(Extent(2, 3), stride: 1)
    return try network.network()
  }

  static func unsignedPools() throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("unsigned pools", input: [1, 12, 12, 5], seed: 35, element: .uint8)
    try network.averagePool(Extent(3, 3), stride: 1)
    try network.averagePool(Extent(1, 4), stride: 2)
    return try network.network()
  }

  /// Products of an input with itself, with many and few rows.
  static func matrices(_ element: ElementType) throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder("matrices \(element.rawValue)", input: [2, 6, 10], seed: 34, element: element)
    try network.product(adjointX: false, adjointY: true)
    try network.product(adjointX: true, adjointY: false)
    try network.add(Reshape(shape: [1, 24, 3]))
    try network.product(adjointX: false, adjointY: true)
    try network.product(adjointX: false, adjointY: false)
    try network.add(Reshape(shape: [16, 12, 3]))
    try network.product(adjointX: true, adjointY: false)
    return try network.network()
  }
}
