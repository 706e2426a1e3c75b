package import IR
import Operators
package import Support

/// Networks with weights of different bits and densities that are otherwise the same, to see what compression buys.
package enum CompressedNetworks {
  package struct Weights: Sendable {
    package let name: String
    let bits: Int
    let density: Double
  }

  /// The first ones are neither pruned nor of few bits.
  package static let weights = [
    Weights(name: "8 bits", bits: 8, density: 1), Weights(name: "15 % density", bits: 8, density: 0.15),
    Weights(name: "4 bits", bits: 4, density: 1), Weights(name: "4 bits, 15 % density", bits: 4, density: 0.15),
  ]

  /// A network of 3×3 and 1×1 convolutions and dense layers.
  package static func network(_ weights: Weights) throws(Diagnostic) -> Graph {
    var network = try NetworkBuilder(weights.name, input: [1, 24, 24, 8], seed: 20)
    network.weightBits = weights.bits
    network.density = weights.density
    network.isBellShaped = true
    try network.convolution(48, Extent(3, 3), stride: 2)
    try network.convolution(64, Extent(3, 3), stride: 2)
    try network.convolution(96, Extent(1, 1))
    try network.convolution(64, Extent(3, 3))
    try network.convolution(96, Extent(1, 1))
    try network.averagePool(Extent(6, 6), stride: 1)
    try network.dense(64)
    try network.dense(10)
    return try network.network()
  }
}
