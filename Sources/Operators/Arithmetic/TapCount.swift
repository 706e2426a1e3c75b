import IR

/// How many taps of a moving filter meet an image, along one axis.
struct TapCount: Equatable {
  /// Positions of the filter.
  let positions: Int
  /// Taps that meet the image, over all positions.
  private(set) var inside = 0
  /// Positions at which all taps meet it.
  private(set) var complete = 0

  /// - Parameters:
  ///   - size: of the image.
  ///   - before: how far the first position reaches over the edge.
  init(size: Int, positions: Int, filter: Int, stride: Int, dilation: Int, before: Int) {
    self.positions = positions
    for position in 0..<positions {
      let start = position * stride - before
      let first = start < 0 ? (-start + dilation - 1) / dilation : 0
      let last = start < size ? min(filter - 1, (size - 1 - start) / dilation) : -1
      let count = max(0, last - first + 1)
      inside += count
      if count == filter { complete += 1 }
    }
  }
}

extension ConvolutionGeometry {
  /// Taps along height and width for an image and weights whose axes 1 and 2 are height and width.
  func taps(_ image: Shape, _ weights: Shape) -> (rows: TapCount, columns: TapCount) {
    (
      TapCount(
        size: image[1], positions: output.height, filter: weights[1], stride: stride.height,
        dilation: dilation.height, before: padBefore.height),
      TapCount(
        size: image[2], positions: output.width, filter: weights[2], stride: stride.width, dilation: dilation.width,
        before: padBefore.width)
    )
  }
}
