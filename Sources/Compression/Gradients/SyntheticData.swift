package import IR
package import Support

/// Calibration vectors for a network of which no data is at hand.
package enum SyntheticData {
  package enum Source: String, Sendable {
    /// Inputs whose statistics at normalizations are those of the training data.
    case distilled
    /// Noise, since the network stores no statistics.
    case random
  }

  /// Vectors for the inputs of a network, the same for the same seed on every machine.
  ///
  /// Floats come from ``StatisticsMatching`` where the graph holds statistics that gradients reach, and otherwise are standard
  /// normal. int8, uint8 and int16 are smooth noise whose values are spread evenly over the whole range of the type, since a
  /// quantized network was calibrated so that its inputs fill it; truth values are tossed.
  ///
  /// - Throws: for inputs of other integers, which are indices or counts that nothing tells the range of.
  package static func vectors(
    _ graph: Graph, count: Int, seed: UInt64
  ) throws(Diagnostic) -> (vectors: [[Tensor]], source: Source) {
    var random = SplitMix64(seed: seed)
    var vectors: [[Tensor]] = []
    for index in 0..<max(0, count) {
      var vector: [Tensor] = []
      for id in graph.inputs { vector.append(try noise(graph, id, index, &random)) }
      vectors.append(vector)
    }
    guard let matching = try StatisticsMatching(graph) else { return (vectors, .random) }
    return (try matching.improved(vectors), .distilled)
  }

  private static func noise(
    _ graph: Graph, _ id: TensorID, _ index: Int, _ random: inout SplitMix64
  ) throws(Diagnostic) -> Tensor {
    let type = graph[id].type
    let count = type.shape.elementCount
    switch type.element {
    case .float32: return Tensor(type, floats: (0..<count).map { _ in Float(random.nextNormal()) })
    case .bool: return Tensor(type, ints: (0..<count).map { _ in random.nextSign() > 0 ? 1 : 0 })
    case .int8, .uint8, .int16:
      guard let range = type.element.range else { break }
      return Tensor(
        type,
        ints: evenly(smoothNoise(type.shape, Self.reaches[index % Self.reaches.count], &random), over: range, &random))
    case .int32, .int64: break
    }
    throw Diagnostic(
      "synthetic.input", at: .file(graph.file),
      "the input `\(graph[id].name)` is \(type.element.rawValue), and nothing tells which values make sense for it")
  }

  /// Parts of an axis over which values are averaged to both sides, in one vector after the other: from small shapes to large
  /// ones.
  private static let reaches = [16, 8, 4, 2]

  /// Normal noise after a mean over a window along each axis but the first and the last one, which count the images and the
  /// channels; of tensors of two axes or less along the last one, as the values of a signal or a spectrum hang together.
  private static func smoothNoise(_ shape: Shape, _ part: Int, _ random: inout SplitMix64) -> [Double] {
    var values = (0..<shape.elementCount).map { _ in random.nextNormal() }
    for axis in shape.rank > 2 ? Array(1..<shape.rank - 1) : Array(max(0, shape.rank - 1)..<shape.rank) {
      let (size, step) = (shape[axis], shape.strides[axis])
      let reach = max(1, size / part)
      var smooth = values
      for place in values.indices {
        let position = place / step % size
        let window = max(0, position - reach)...min(size - 1, position + reach)
        smooth[place] = window.reduce(0) { $0 + values[place + ($1 - position) * step] } / Double(window.count)
      }
      values = smooth
    }
    return values
  }

  /// Integers in the order of `values`, spread evenly over `range`: each gets a part of the range as wide as that of the
  /// others, and a random integer of it.
  private static func evenly(
    _ values: [Double], over range: ClosedRange<Int32>, _ random: inout SplitMix64
  ) -> [Int32] {
    let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
    let width = Double(range.upperBound) - Double(range.lowerBound) + 1
    var result = [Int32](repeating: 0, count: values.count)
    for (rank, place) in order.enumerated() {
      let share = (Double(rank) + random.nextUnit()) / Double(values.count)
      result[place] = min(range.upperBound, range.lowerBound + Int32(share * width))
    }
    return result
  }
}
