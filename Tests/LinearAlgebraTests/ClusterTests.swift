import LinearAlgebra
import Support
import Testing

@Suite struct ClusterTests {
  /// The least errors of all ways to cut the values, found by trying them.
  @Test func scalarClustersAreTheBest() throws {
    let found = try LinearAlgebraFixtures.items("lists") { (item) throws(Diagnostic) in
      let values = try item.member("values").doubles()
      let clusters = ScalarClusters(values, count: try item.member("count").int())
      return (clusters.error(of: values), try item.member("error").double())
    }
    #expect(found.count == 6)
    for (error, wanted) in found { #expect(abs(error - wanted) <= 1e-12 * max(wanted, 1)) }
  }

  @Test func eachValueHasItsNearestCentroid() {
    for seed in UInt64(1)...20 {
      let values = Self.values(count: 300, seed: seed)
      let clusters = ScalarClusters(values, count: Int(seed))
      #expect(clusters.centroids == clusters.centroids.sorted())
      for (value, cluster) in zip(values, clusters.assignment) {
        let least = clusters.centroids.map { abs($0 - value) }.min() ?? 0
        #expect(abs(clusters.centroids[cluster] - value) == least)
      }
    }
  }

  /// Above the limit clusters come from bins; with as many values they must be close to the best ones for fewer.
  @Test func manyValuesAreClusteredAsWell() {
    let few = Self.values(count: ScalarClusters.mostDistinct, seed: 3)
    // Each value five times, moved by less than the distance between two values: the best error is nearly five times as large.
    let many = (0..<5).flatMap { copy in few.map { $0 + Double(copy) * 1e-9 } }
    let (small, large) = (ScalarClusters(few, count: 16), ScalarClusters(many, count: 16))
    #expect(abs(large.error(of: many) / (5 * small.error(of: few)) - 1) < 1e-3)
  }

  @Test func degenerateListsHaveClusters() {
    #expect(ScalarClusters([], count: 3) == ScalarClusters([], count: 1))
    #expect(ScalarClusters([2, 2, 2], count: 3).centroids == [2])
    #expect(ScalarClusters([5, -1], count: 7).assignment == [1, 0])
  }

  @Test func vectorClustersFindSeparateClouds() {
    let values = Self.values(count: 400, seed: 9)
    let corners: [[Double]] = [[0, 0, 0], [20, 0, 0], [0, 20, 0], [0, 0, 20]]
    let vectors = (0..<100).map { index -> [Double] in
      let corner = corners[index % 4]
      return (0..<3).map { axis -> Double in corner[axis] + values[3 * index + axis] }
    }
    let clusters = VectorClusters(vectors, count: 4, seed: 1)
    for (index, cluster) in clusters.assignment.enumerated() { #expect(cluster == clusters.assignment[index % 4]) }
    #expect(Set(clusters.assignment).count == 4)
    #expect(clusters == VectorClusters(vectors, count: 4, seed: 1))
  }

  /// At the end no vector is closer to another centroid, and each centroid is the mean of its vectors.
  @Test func vectorClustersCannotBeImprovedByOneStep() {
    for seed in UInt64(1)...10 {
      let values = Self.values(count: 240, seed: seed)
      let vectors = stride(from: 0, to: 240, by: 2).map { [values[$0], values[$0 + 1]] }
      let clusters = VectorClusters(vectors, count: 7, seed: seed)
      for (number, centroid) in clusters.centroids.enumerated() {
        let members = zip(vectors, clusters.assignment).filter { $1 == number }.map { $0.0 }
        for axis in 0..<2 {
          let mean = members.reduce(0.0) { $0 + $1[axis] } / Double(members.count)
          #expect(abs(centroid[axis] - mean) < 1e-12)
        }
      }
    }
    #expect(VectorClusters([[1, 2], [1, 2]], count: 5, seed: 1).centroids == [[1, 2]])
  }

  /// Sums of four uniform values, about normal.
  private static func values(count: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &generator) } }
  }
}
