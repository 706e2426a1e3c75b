/// Values in `k` clusters with the least sum of squared distances to the centroids: k-means in one dimension.
///
/// Exact, not a search: in one dimension clusters are intervals of the sorted values, and the best cuts follow by dynamic
/// programming over them (Wang and Song, "Ckmeans.1d.dp", The R Journal 3/2, 2011), with the monotonicity of the cuts to do it
/// in `k n log n` steps. No seed plays a part.
package struct ScalarClusters: Equatable, Sendable {
  /// Ascending; as many as clusters, or as distinct values when there are fewer.
  package let centroids: [Double]
  /// The cluster of each value.
  package let assignment: [Int]

  /// More distinct values than these are first put into that many bins of neighbours with like numbers of values; their
  /// clusters are then improved over all values by Lloyd's iterations.
  package static let mostDistinct = 4096
  private static let mostIterations = 100

  /// - Parameters:
  ///   - values: finite.
  ///   - count: how many clusters, at least 1.
  package init(_ values: [Double], count: Int) {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    let sorted = order.map { values[$0] }
    var points = Self.distinct(sorted)
    let isReduced = points.count > Self.mostDistinct
    if isReduced { points = Self.bins(sorted) }
    var centroids = Self.optimal(points, count: max(1, min(count, points.count)))
    if isReduced {
      for _ in 0..<Self.mostIterations {
        let next = Self.means(sorted, centroids)
        if next == centroids { break }
        centroids = next
      }
    }
    var assignment = [Int](repeating: 0, count: values.count)
    var cluster = 0
    for (place, index) in order.enumerated() {
      cluster = Self.nearest(sorted[place], centroids, from: cluster)
      assignment[index] = cluster
    }
    self.centroids = centroids
    self.assignment = assignment
  }

  /// The sum of the squared distances of `values` to their centroids.
  package func error(of values: [Double]) -> Double {
    zip(values, assignment).reduce(0) { $0 + ($1.0 - centroids[$1.1]) * ($1.0 - centroids[$1.1]) }
  }

  // MARK: points

  /// A value and how many there are of it.
  private struct Point {
    var value: Double
    var weight: Double
  }

  private static func distinct(_ sorted: [Double]) -> [Point] {
    var points: [Point] = []
    for value in sorted {
      if points.last?.value == value {
        points[points.count - 1].weight += 1
      } else {
        points.append(Point(value: value, weight: 1))
      }
    }
    return points
  }

  private static func bins(_ sorted: [Double]) -> [Point] {
    var points: [Point] = []
    for bin in 0..<mostDistinct {
      let part = sorted[sorted.count * bin / mostDistinct..<sorted.count * (bin + 1) / mostDistinct]
      guard let mean = mean(part) else { continue }
      points.append(Point(value: mean, weight: Double(part.count)))
    }
    return points
  }

  private static func mean(_ part: ArraySlice<Double>) -> Double? {
    part.isEmpty ? nil : part.reduce(0, +) / Double(part.count)
  }

  // MARK: the best cuts

  /// Centroids of the best clusters of points that ascend.
  private static func optimal(_ points: [Point], count: Int) -> [Double] {
    guard !points.isEmpty else { return [] }
    let costs = Costs(points)
    // The least error of the first points in a number of clusters, and where the last of these begins.
    var errors = (0...points.count).map { $0 == 0 ? 0 : costs.error(0, $0) }
    var starts: [[Int]] = [[Int](repeating: 0, count: points.count + 1)]
    for clusters in 1..<max(count, 1) {
      var next = [Double](repeating: .infinity, count: points.count + 1)
      var cuts = [Int](repeating: 0, count: points.count + 1)
      // Ranges of ends with the cuts between which theirs lie, since the best cut never moves back as the end moves on.
      var tasks = [(first: clusters + 1, last: points.count, low: clusters, high: points.count - 1)]
      while let task = tasks.popLast() {
        guard task.first <= task.last else { continue }
        let end = (task.first + task.last) / 2
        for cut in task.low...max(task.low, min(task.high, end - 1)) {
          let error = errors[cut] + costs.error(cut, end)
          if error < next[end] { (next[end], cuts[end]) = (error, cut) }
        }
        tasks.append((task.first, end - 1, task.low, cuts[end]))
        tasks.append((end + 1, task.last, cuts[end], task.high))
      }
      errors = next
      starts.append(cuts)
    }
    var centroids: [Double] = []
    var end = points.count
    for cuts in starts.reversed() {
      centroids.append(costs.mean(cuts[end], end))
      end = cuts[end]
    }
    return centroids.reversed()
  }

  /// Means and errors of intervals of points, in constant time.
  private struct Costs {
    /// Sums over the first points of weights, values and squares; values less `origin`, so that little cancels out.
    private var weights = [0.0]
    private var sums = [0.0]
    private var squares = [0.0]
    private let origin: Double

    init(_ points: [Point]) {
      let weight = points.reduce(0) { $0 + $1.weight }
      origin = points.reduce(0) { $0 + $1.weight * $1.value } / weight
      for (index, point) in points.enumerated() {
        let value = point.value - origin
        weights.append(weights[index] + point.weight)
        sums.append(sums[index] + point.weight * value)
        squares.append(squares[index] + point.weight * value * value)
      }
    }

    func mean(_ start: Int, _ end: Int) -> Double {
      origin + (sums[end] - sums[start]) / (weights[end] - weights[start])
    }

    func error(_ start: Int, _ end: Int) -> Double {
      let sum = sums[end] - sums[start]
      return max(0, squares[end] - squares[start] - sum * sum / (weights[end] - weights[start]))
    }
  }

  // MARK: Lloyd's iteration

  private static func means(_ sorted: [Double], _ centroids: [Double]) -> [Double] {
    var sums = centroids.map { _ in (sum: 0.0, count: 0.0) }
    var cluster = 0
    for value in sorted {
      cluster = nearest(value, centroids, from: cluster)
      sums[cluster].sum += value
      sums[cluster].count += 1
    }
    return zip(sums, centroids).map { $0.count == 0 ? $1 : $0.sum / $0.count }
  }

  /// The nearest centroid of a value that is not below those whose nearest one is `from`.
  private static func nearest(_ value: Double, _ centroids: [Double], from: Int) -> Int {
    var cluster = from
    while cluster + 1 < centroids.count, abs(centroids[cluster + 1] - value) < abs(centroids[cluster] - value) {
      cluster += 1
    }
    return cluster
  }
}
