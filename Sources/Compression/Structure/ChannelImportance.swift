package import IR
package import Support

/// How much output channels of layers matter.
package protocol ChannelImportance: Sendable {
  /// Whether importances of different layers are in one unit, so that they can be compared.
  var isComparable: Bool { get }

  /// Whether it takes calibration vectors.
  var isMeasured: Bool { get }

  /// For each of the structure's layers one number for each output channel, the larger the more it matters; nil for a layer of
  /// which nothing can be told. Channels that go together matter as much as the sum.
  ///
  /// - Parameter vectors: for each vector the values of all inputs of the network; may be empty.
  func importances(
    of structure: ChannelStructure, vectors: [[Tensor]], _ context: CompressionContext
  ) throws(Diagnostic) -> [[Double]?]
}

/// The norms of filters: sums of magnitudes, or the roots of sums of squares.
///
/// Sources: H. Li et al., Pruning Filters for Efficient ConvNets, ICLR 2017; Y. He et al., Soft Filter Pruning, IJCAI 2018.
package struct FilterNorms: ChannelImportance {
  package let isEuclidean: Bool
  package let isComparable = false
  package let isMeasured = false

  package init(isEuclidean: Bool) { self.isEuclidean = isEuclidean }

  package func importances(
    of structure: ChannelStructure, vectors: [[Tensor]], _ context: CompressionContext
  ) -> [[Double]?] {
    structure.layers.map { layer in
      (0..<layer.channels).map { channel in
        let row = layer.row(channel)
        return isEuclidean
          ? row.reduce(0) { $0 + $1 * $1 }.squareRoot() : row.reduce(0) { $0 + $1.magnitude }
      }
    }
  }
}

extension ChannelStructure {
  /// What each class matters, as the sum over the output channels that make it; nil for a class of which nothing is known.
  func scores(_ importances: [[Double]?]) -> [Double?] {
    classes.map { own in
      let values = own.rows.compactMap { row in
        importances[row.layer].flatMap { row.channel < $0.count ? $0[row.channel] : nil }
      }
      return values.isEmpty ? nil : values.reduce(0, +)
    }
  }

  /// Runs the network for each vector.
  func forEachVector(
    _ vectors: [[Tensor]], _ body: ([TensorID: Tensor]) throws(Diagnostic) -> Void
  ) throws(Diagnostic) {
    let interpreter = try Interpreter(graph)
    var states = try interpreter.initialStates()
    for vector in vectors {
      let values = try interpreter.run(vector, states: states)
      states = graph.states.compactMap { values[$0.next] }
      try body(values)
    }
  }
}
