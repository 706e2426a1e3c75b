import IR
import LinearAlgebra
import Quantization
package import Support

/// Weights beside each other in a row become the next of a few vectors: k-means in several dimensions. With several stages the
/// vectors of the later ones stand for what the earlier ones leave.
///
/// Source: Y. Gong et al., Compressing Deep Convolutional Networks using Vector Quantization, 2014: product and residual
/// quantization.
package struct ProductQuantizationStep: CompressionStep {
  package static let name = "product-quantize"
  package static let summary = "few different vectors of weights in each layer, in one or several stages"
  package static let options = [
    StepOption("values", "2...4096", "how many vectors a table has"),
    StepOption("length", "2...64", "weights of a vector; a layer whose rows it does not divide is left alone"),
    StepOption("stages", "1...8", "tables whose vectors are summed (residual quantization); 1 without it"),
  ]

  let values: Int
  let length: Int
  let stages: Int

  package init(_ json: JSONCursor) throws(Diagnostic) {
    try Self.check(json)
    values = try json.member("values").int(2...4096)
    length = try json.member("length").int(2...64)
    stages = try json.whole("stages", 1...8) ?? 1
  }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    var walk = try LayerWalk(network.graph, vectors: try network.graph.inputs(context.calibration))
    var notes: [String] = []
    try walk.run({ context.progress(Self.name, $0, $1) }) { (_, problem) throws(Diagnostic) in
      let layer = problem.layer
      guard layer.columns % length == 0, layer.weights.count / length > values else {
        notes.append("\(layer.name): left alone")
        return nil
      }
      // What makes up for the changes of the layers before is kept, but a vector is chosen as a whole.
      var rest = stride(from: 0, to: problem.targets.count, by: length).map {
        Array(problem.targets[$0..<$0 + length])
      }
      guard rest.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        throw Diagnostic("compress.weights", "holds a weight that is no finite number")
      }
      var sums = rest.map { $0.map { _ in 0.0 } }
      for stage in 0..<stages {
        let clusters = VectorClusters(rest, count: values, seed: context.seed &+ UInt64(stage))
        for (place, cluster) in clusters.assignment.enumerated() {
          let centroid = clusters.centroids[cluster]
          for i in 0..<length {
            sums[place][i] += centroid[i]
            rest[place][i] -= centroid[i]
          }
        }
      }
      let weights = sums.flatMap { $0 }
      let largest = weights.reduce(0) { max($0, $1.magnitude) }
      let grid = WeightGrid(scales: [Float(max(largest / 127, 0x1p-100))], largest: 127)
      notes.append("\(layer.name): rate \(tenths(rate(layer.weights.count)))")
      return (weights.map { Double(grid.steps($0, 0)) * grid.scale(0) }, grid)
    }
    network.graph = walk.graph
    return notes
  }

  /// n weights of 32 bits over the places of their vectors in all stages, and the tables.
  private func rate(_ weights: Int) -> Double {
    let bits = Double(max(1, Int.bitWidth - (values - 1).leadingZeroBitCount))
    let places = Double(weights / length) * bits * Double(stages)
    return Double(weights) * 32 / (places + Double(stages * values * length) * 32)
  }
}
