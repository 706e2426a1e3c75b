import Compression
import IR
import Support
import Testing

/// Compares gradients with differences of the values themselves.
struct GradientDifferences {
  let differentiator: Differentiator
  var random: SplitMix64
  /// How many derivatives were compared, and how many were left out since the values have a kink or are no numbers there.
  private(set) var compared = 0
  private(set) var skipped = 0
  /// The largest error over the size of the gradient.
  private(set) var largestError = 0.0

  init(_ graph: Graph, seed: UInt64) throws {
    differentiator = try Differentiator(graph)
    random = SplitMix64(seed: seed)
  }

  /// Inputs and constants of floats that nodes read.
  var targets: [TensorID] {
    let graph = differentiator.graph
    var seen: Set<TensorID> = []
    return graph.nodes.flatMap(\.inputs).filter { id in
      let isGiven = graph.inputs.contains(id) || graph[id].constant != nil
      return isGiven && graph[id].type.element == .float32 && graph[id].type.shape.elementCount > 0
        && seen.insert(id).inserted
    }
  }

  /// Compares the derivatives of a random sum of the outputs by up to `count` elements of every target.
  mutating func compare(_ inputs: [Tensor], elements count: Int) throws {
    let graph = differentiator.graph
    var weights: [TensorID: [Float]] = [:]
    for id in graph.outputs where graph[id].type.element == .float32 {
      weights[id] = (0..<graph[id].type.shape.elementCount).map { _ in Float(random.nextUnit()) * 2 - 1 }
    }
    try compare(inputs, elements: count) { values in
      var sum = 0.0
      for output in graph.outputs {
        guard let weights = weights[output] else { continue }
        for (value, weight) in zip(try #require(values[output]).floats("output"), weights) {
          sum += Double(value) * Double(weight)
        }
      }
      return (sum, weights)
    }
  }

  /// Compares the derivatives of a loss by up to `count` elements of every target.
  ///
  /// Differences over two distances, one twice as large as the other, are combined so that their leading errors cancel.
  mutating func compare(
    _ inputs: [Tensor], elements count: Int, step: Float = 0x1p-7,
    _ loss: ([TensorID: Tensor]) throws -> (loss: Double, seeds: [TensorID: [Float]])
  ) throws {
    let graph = differentiator.graph
    let values = try differentiator.values(inputs)
    let (middle, seeds) = try loss(values)
    // What rounding may change in the values that the loss is made of, over the distance.
    var noise = middle.magnitude * 2e-7 / Double(step)
    for (id, weights) in seeds {
      for (value, weight) in zip(try #require(values[id]).floats("a value"), weights) {
        noise += Double((value * weight).magnitude) * 2e-7 / Double(step)
      }
    }
    let gradients = try differentiator.gradients(of: targets, values: values, seeds: seeds)
    for id in targets {
      let own = try #require(values[id]).floats("a target")
      let gradient = try #require(gradients[id])
      #expect(gradient.count == own.count)
      let largest = gradient.reduce(0) { max($0, Double($1.magnitude)) }
      for _ in 0..<min(count, own.count) {
        let place = Int.random(in: 0..<own.count, using: &random)
        func moved(_ steps: Float) throws -> Double {
          var floats = own
          floats[place] += steps * step
          return try loss(
            try differentiator.values(values, replacing: [id: Tensor(graph[id].type, floats: floats)])
          ).loss
        }
        let (down, up) = ((far: try moved(-2), near: try moved(-1)), (near: try moved(1), far: try moved(2)))
        let (near, far) = ((up.near - down.near) / (2 * Double(step)), (up.far - down.far) / (4 * Double(step)))
        // How much the slopes of both sides differ, which of smooth functions grows in proportion to the distance.
        let (nearBend, farBend) = (
          (up.near - 2 * middle + down.near) / Double(step), (up.far - 2 * middle + down.far) / (2 * Double(step))
        )
        let difference = (4 * near - far) / 3
        let size = max(0.1, largest, difference.magnitude)
        guard difference.isFinite, (far - near).magnitude <= 1e-3 * size + noise,
          (farBend - 2 * nearBend).magnitude <= 2e-3 * size + 4 * noise
        else {
          skipped += 1
          continue
        }
        compared += 1
        let error = max(0, (difference - Double(gradient[place])).magnitude - noise) / size
        largestError = max(largestError, error.isNaN ? .infinity : error)
      }
    }
  }
}

extension SplitMix64 {
  /// With magnitudes from 0.3 to 1.5, so that quotients stay small.
  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in nextSign() * Float(0.3 + 1.2 * nextUnit()) }
  }

  /// Values for the inputs of a graph; integers are small enough to be indices.
  mutating func vector(_ graph: Graph) -> [Tensor] {
    graph.inputs.map { id in
      let type = graph[id].type
      let count = type.shape.elementCount
      if type.element == .float32 { return Tensor(type, floats: floats(count)) }
      return Tensor(type, ints: (0..<count).map { _ in Int32(truncatingIfNeeded: next() & 1) })
    }
  }
}
