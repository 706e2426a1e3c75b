import Support

/// Vectors in `k` clusters by k-means: Lloyd's iterations ("Least squares quantization in PCM", 1982) from centroids that are
/// drawn by their distances (Arthur and Vassilvitskii, "k-means++", 2007).
package struct VectorClusters: Equatable, Sendable {
  /// As many as clusters, or as vectors when there are fewer.
  package private(set) var centroids: [[Double]] = []
  /// The cluster of each vector.
  package private(set) var assignment: [Int] = []

  private static let mostIterations = 100

  /// - Parameters:
  ///   - vectors: at least one, all of one length.
  ///   - seed: of the drawn centroids; equal seeds give equal clusters.
  package init(_ vectors: [[Double]], count: Int, seed: UInt64) {
    draw(vectors, count: max(1, min(count, vectors.count)), SplitMix64(seed: seed))
    for _ in 0..<Self.mostIterations {
      let next = vectors.map(nearest)
      if next == assignment { return }
      assignment = next
      move(vectors)
    }
    assignment = vectors.map(nearest)
  }

  /// The sum of the squared distances of `vectors` to their centroids.
  package func error(of vectors: [[Double]]) -> Double {
    zip(vectors, assignment).reduce(0) { $0 + Self.distance($1.0, centroids[$1.1]) }
  }

  /// The first centroid is any vector; each further one a vector that is drawn with the square of its distance to the ones
  /// before as its weight.
  private mutating func draw(_ vectors: [[Double]], count: Int, _ generator: SplitMix64) {
    guard !vectors.isEmpty else { return }
    var generator = generator
    centroids = [vectors[Int(generator.next() % UInt64(vectors.count))]]
    var distances = vectors.map { Self.distance($0, centroids[0]) }
    while centroids.count < count {
      let whole = distances.reduce(0, +)
      guard whole > 0 else { return }
      // 53 bits: every one of these numbers is a double.
      var rest = Double(generator.next() >> 11) * 0x1p-53 * whole
      // The last one that can be drawn, should rounding leave a rest.
      var chosen = distances.lastIndex { $0 > 0 } ?? 0
      for (index, distance) in distances.enumerated() where distance > 0 {
        rest -= distance
        if rest < 0 {
          chosen = index
          break
        }
      }
      centroids.append(vectors[chosen])
      for index in vectors.indices {
        distances[index] = min(distances[index], Self.distance(vectors[index], vectors[chosen]))
      }
    }
  }

  private func nearest(_ vector: [Double]) -> Int {
    var (best, least) = (0, Double.infinity)
    for (index, centroid) in centroids.enumerated() {
      let distance = Self.distance(vector, centroid)
      if distance < least { (best, least) = (index, distance) }
    }
    return best
  }

  /// Centroids become the means of their vectors; one without vectors becomes the vector that is farthest from its own.
  private mutating func move(_ vectors: [[Double]]) {
    var sums = centroids.map { [Double](repeating: 0, count: $0.count) }
    var counts = [Double](repeating: 0, count: centroids.count)
    for (vector, cluster) in zip(vectors, assignment) {
      counts[cluster] += 1
      for index in vector.indices { sums[cluster][index] += vector[index] }
    }
    for cluster in centroids.indices where counts[cluster] > 0 {
      centroids[cluster] = sums[cluster].map { $0 / counts[cluster] }
    }
    for cluster in centroids.indices where counts[cluster] == 0 {
      var (farthest, most) = (0, -1.0)
      for (index, vector) in vectors.enumerated() {
        let distance = Self.distance(vector, centroids[assignment[index]])
        if distance > most { (farthest, most) = (index, distance) }
      }
      centroids[cluster] = vectors[farthest]
    }
  }

  private static func distance(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += (first[index] - second[index]) * (first[index] - second[index]) }
    return sum
  }
}
