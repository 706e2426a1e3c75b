package import IR
import LinearAlgebra
package import Support

/// The mean rank of a channel's feature maps, as matrices of height × width: maps of low rank hold little information. Layers
/// whose outputs are no images keep all of their channels.
///
/// Source: M. Lin et al., HRank: Filter Pruning using High-Rank Feature Map, CVPR 2020. Ranks are numerical ones: singular
/// values below what rounding of single precision, or to integers, leaves of a zero don't count.
package struct RankImportance: ChannelImportance {
  package let isComparable = false
  package let isMeasured = true

  /// The paper finds mean ranks stable over few images.
  static let mostVectors = 48

  package init() {}

  package func importances(
    of structure: ChannelStructure, vectors: [[Tensor]], _ context: CompressionContext
  ) throws(Diagnostic) -> [[Double]?] {
    let count = min(Self.mostVectors, vectors.count)
    let vectors = (0..<count).map { vectors[$0 * vectors.count / count] }
    let graph = structure.graph
    let outputs = structure.layers.map { layer in graph.nodes[layer.nodes[0]].outputs[0] }
    let isImage = outputs.map { id in
      let shape = graph[id].type.shape
      return shape.rank == 4 && min(shape[1], shape[2]) > 1
    }
    var ranks = structure.layers.map { [Double](repeating: 0, count: $0.channels) }
    var done = 0
    try structure.forEachVector(vectors) { (values) throws(Diagnostic) in
      for (layer, id) in outputs.enumerated() where isImage[layer] {
        guard let tensor = values[id] else { continue }
        for (channel, rank) in try tensor.meanRanks().enumerated() where channel < ranks[layer].count {
          ranks[layer][channel] += rank / Double(count)
        }
      }
      done += 1
      context.progress("ranks", done, count)
    }
    return ranks.enumerated().map { isImage[$0] ? $1 : nil }
  }
}

extension Tensor {
  /// For each channel of images [batch, height, width, channels] the mean rank of its maps.
  fileprivate func meanRanks() throws(Diagnostic) -> [Double] {
    let shape = type.shape
    let values = try realFloats().floats("the images")
    // Integers are off by up to half of a step.
    let step = type.element == .float32 ? 0 : Double(try type.affine("the images").scale)
    let (rows, columns, channels) = (shape[1], shape[2], shape[3])
    return (0..<channels).map { channel in
      var sum = 0.0
      for image in 0..<shape[0] {
        let map = (0..<rows * columns).map { Double(values[(image * rows * columns + $0) * channels + channel]) }
        sum += Double(Self.rank(Matrix(rows: rows, columns: columns, map), step: step))
      }
      return sum / Double(max(1, shape[0]))
    }
  }

  /// The number of singular values that are not what errors of elements by half of `step`, or by one unit in the last place of
  /// the largest, make of 0: a random matrix with elements of variance step² / 12 has none above about
  /// step / √12 · (√rows + √columns).
  private static func rank(_ matrix: Matrix, step: Double) -> Int {
    let values = SingularValues(matrix).values
    let (rows, columns) = (Double(matrix.rows), Double(matrix.columns))
    let noise = step / 12.0.squareRoot() * (rows.squareRoot() + columns.squareRoot())
    let least = max(noise, (values.first ?? 0) * Double(Float.ulpOfOne) * max(rows, columns))
    return values.count { $0 > least }
  }
}
