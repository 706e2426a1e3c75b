import IR

/// The ways in which the windows of a convolution meet its image: which taps lie inside, for each kind of position.
struct TapPatterns: Equatable {
  /// More taps in all patterns than this are not looked at.
  static let maximumTaps = 1 << 14

  /// For each pattern, for each tap in row-major order, whether it lies inside. No two are equal.
  let inside: [[Bool]]

  /// One tap pattern without padding.
  init(taps: Int) { inside = [[Bool](repeating: true, count: taps)] }

  /// Nil when there are too many patterns.
  init?(_ geometry: ConvolutionGeometry, image: Shape, weights: Shape) {
    let rows = Self.spans(
      size: image[1], positions: geometry.output.height, filter: weights[1], stride: geometry.stride.height,
      dilation: geometry.dilation.height, before: geometry.padBefore.height)
    let columns = Self.spans(
      size: image[2], positions: geometry.output.width, filter: weights[2], stride: geometry.stride.width,
      dilation: geometry.dilation.width, before: geometry.padBefore.width)
    guard weights[1] * weights[2] <= Self.maximumTaps,
      rows.count * columns.count * weights[1] * weights[2] <= Self.maximumTaps
    else { return nil }
    inside = rows.flatMap { row in
      columns.map { column in
        (0..<weights[1] * weights[2]).map { row.contains($0 / weights[2]) && column.contains($0 % weights[2]) }
      }
    }
  }

  /// The different ranges of taps that meet the image along one axis, over all positions of the filter.
  private static func spans(
    size: Int, positions: Int, filter: Int, stride: Int, dilation: Int, before: Int
  ) -> [Range<Int>] {
    var spans: [Range<Int>] = []
    var known: Set<Range<Int>> = []
    for position in 0..<positions {
      let start = position * stride - before
      let first = start < 0 ? min(filter, (dilation - 1 - start) / dilation) : 0
      let end = start < size ? min(filter, (size - 1 - start) / dilation + 1) : 0
      let span = first < end ? first..<end : 0..<0
      if known.insert(span).inserted { spans.append(span) }
    }
    return spans
  }
}
