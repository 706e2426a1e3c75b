import IR
import Support

/// Changes float inputs until means and variances in the network are those that the file stores: what the network sees then is
/// distributed as the data was with which it was trained.
///
/// The distance is that of ZeroQ, in units of the stored deviations: for each tensor with statistics the mean over its channels
/// of ((m − μ)² + (s − σ)²) / σ², with m and s over all vectors of a group, added up over the tensors. It is minimized by Adam,
/// until it is so small that a group as small as this one could hardly be told from the training data by it.
///
/// Sources: Y. Cai et al., ZeroQ: A Novel Zero Shot Quantization Framework, CVPR 2020, section 3.1; D. Kingma and J. Ba, Adam: A
/// Method for Stochastic Optimization, ICLR 2015, algorithm 1.
struct StatisticsMatching {
  /// So many vectors are distilled together, so that memory for all of their values is bounded.
  private static let groupSize = 16
  private static let iterations = 100
  /// A distance below this for each tensor is small enough: errors of 3 % of the deviations.
  private static let smallDistance = 1e-3
  /// Of the first iteration; it falls to 0 along half a cosine.
  private static let learningRate = 0.1

  private let differentiator: Differentiator
  private let statistics: [ChannelStatistics]
  /// The inputs that are changed.
  private let inputs: [TensorID]

  /// - Returns: nil when the network has no statistics that gradients from them to a float input reach.
  init?(_ graph: Graph) throws(Diagnostic) {
    let computed = Set(graph.inputs).union(graph.nodes.flatMap(\.outputs))
    var distinct: Set<TensorID> = []
    let statistics = graph.statistics.filter { own in
      let shape = graph[own.tensor].type.shape
      return computed.contains(own.tensor) && own.axis < shape.rank && shape[own.axis] == own.means.count
        && own.variances.count == own.means.count && shape.elementCount > 0 && distinct.insert(own.tensor).inserted
    }
    let inputs = graph.inputs.filter { graph[$0].type.element == .float32 }
    guard !statistics.isEmpty, !inputs.isEmpty, let own = try? Differentiator(graph, results: statistics.map(\.tensor))
    else { return nil }
    differentiator = own
    self.statistics = statistics
    self.inputs = inputs
  }

  /// The vectors after minimization, group by group.
  func improved(_ vectors: [[Tensor]]) throws(Diagnostic) -> [[Tensor]] {
    var results: [[Tensor]] = []
    for start in stride(from: 0, to: vectors.count, by: Self.groupSize) {
      results += try improved(group: Array(vectors[start..<min(vectors.count, start + Self.groupSize)]))
    }
    return results
  }

  private func improved(group: [[Tensor]]) throws(Diagnostic) -> [[Tensor]] {
    var vectors = group
    var best = (distance: Double.infinity, vectors: vectors)
    var moments = group.map { _ in inputs.map { Moments(differentiator.graph[$0].type.shape.elementCount) } }
    for iteration in 0...Self.iterations {
      let values = try vectors.map { (vector) throws(Diagnostic) in try differentiator.values(vector) }
      let (distance, seeds) = try self.distance(values)
      if distance < best.distance { best = (distance, vectors) }
      guard iteration < Self.iterations, distance.isFinite,
        distance > Self.smallDistance * Double(statistics.count)
      else { break }
      let angle = Double.pi * Double(iteration) / Double(Self.iterations)
      let rate = Self.learningRate * (1 + RealFunctions.cosine(angle)) / 2
      for index in vectors.indices {
        let gradients = try differentiator.gradients(of: inputs, values: values[index], seeds: seeds[index])
        for (number, id) in inputs.enumerated() {
          guard let gradient = gradients[id], let position = differentiator.graph.inputs.firstIndex(of: id) else {
            continue
          }
          var floats = try vectors[index][position].floats("an input")
          moments[index][number].step(&floats, gradient, iteration + 1, rate)
          vectors[index][position] = Tensor(vectors[index][position].type, floats: floats)
        }
      }
    }
    return best.vectors
  }

  /// The distance of the statistics of a group, and its derivatives by the tensors of each vector.
  private func distance(
    _ values: [[TensorID: Tensor]]
  ) throws(Diagnostic) -> (distance: Double, seeds: [[TensorID: [Float]]]) {
    var total = 0.0
    var seeds = [[TensorID: [Float]]](repeating: [:], count: values.count)
    for own in statistics {
      let tensors = try values.map { (values) throws(Diagnostic) in try values[own.tensor]?.floats("a tensor") ?? [] }
      let shape = differentiator.graph[own.tensor].type.shape
      let (inner, channels) = (shape.strides[own.axis], own.means.count)
      var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
      for floats in tensors { for (place, x) in floats.enumerated() { sums[place / inner % channels] += Double(x) } }
      let count = Double(max(1, shape.elementCount / max(1, channels) * values.count))
      let means = sums.map { $0 / count }
      for floats in tensors {
        for (place, x) in floats.enumerated() {
          let channel = place / inner % channels
          let centred = Double(x) - means[channel]
          squares[channel] += centred * centred
        }
      }
      // A channel that was nearly constant must not outweigh all others.
      let smallest = max(1e-12, own.variances.reduce(0) { $0 + Double($1) } / Double(channels) * 1e-3)
      var slopes: [(mean: Double, deviation: Double)] = []
      for channel in 0..<channels {
        let wanted = max(smallest, Double(own.variances[channel]))
        let deviation = (squares[channel] / count).squareRoot()
        let errors = (
          mean: means[channel] - Double(own.means[channel]), deviation: deviation - wanted.squareRoot()
        )
        let scale = 1 / (wanted * Double(channels))
        total += (errors.mean * errors.mean + errors.deviation * errors.deviation) * scale
        // ∂m/∂x = 1/n and ∂s/∂x = (x − m) / (n s).
        slopes.append(
          (2 * errors.mean * scale / count, deviation > 0 ? 2 * errors.deviation * scale / (count * deviation) : 0))
      }
      for (index, floats) in tensors.enumerated() {
        seeds[index][own.tensor] = floats.enumerated().map { place, x in
          let channel = place / inner % channels
          return Float(slopes[channel].mean + slopes[channel].deviation * (Double(x) - means[channel]))
        }
      }
    }
    return (total, seeds)
  }
}

/// Moving means of a gradient and of its squares.
private struct Moments {
  private var first: [Float]
  private var second: [Float]

  init(_ count: Int) {
    first = [Float](repeating: 0, count: count)
    second = first
  }

  /// Step number `time`, from 1 on, of `values` against `gradient`.
  mutating func step(_ values: inout [Float], _ gradient: [Float], _ time: Int, _ rate: Double) {
    let (keep, keepSquares): (Float, Float) = (0.9, 0.999)
    let unbiased = Float(1 / (1 - RealFunctions.power(0.9, Double(time))))
    let unbiasedSquares = Float(1 / (1 - RealFunctions.power(0.999, Double(time))))
    for place in values.indices {
      first[place] = keep * first[place] + (1 - keep) * gradient[place]
      second[place] = keepSquares * second[place] + (1 - keepSquares) * gradient[place] * gradient[place]
      let size = (second[place] * unbiasedSquares).squareRoot() + 1e-12
      values[place] -= Float(rate) * first[place] * unbiased / size
    }
  }
}
