import IR
import Machine

/// What the C function `lane_patch` does for a convolution: it gathers what the filter sees at four pixels.
enum LanePatch {
  /// - Parameter image: height, width and channels.
  static func work(
    _ geometry: ConvolutionGeometry, image: [Int], filter: Extent, images: Int
  ) -> [WorkItem] {
    let pixels = geometry.output.height * geometry.output.width
    let groups = images * ((pixels + 3) / 4)
    let positions = filter.height * filter.width
    // Windows that lie inside of the image's columns are read row by row, others column by column.
    let columns = geometry.stride.width > 0 ? insideColumns(geometry, width: image[1], filter: filter) : 0
    let share = geometry.dilation.width == 1 ? Double(columns) / Double(max(1, geometry.output.width)) : 0
    let runs = Double(filter.height) * (share * share + (1 - share * share) * Double(filter.width))
    return [
      WorkItem("fill", groups * positions * image[2] * 2),
      WorkItem("gather", Int((Double(groups) * runs * 2).rounded())),
      WorkItem("group", groups),
    ]
  }

  /// Columns of the output whose windows lie within the columns of the image.
  private static func insideColumns(_ geometry: ConvolutionGeometry, width: Int, filter: Extent) -> Int {
    let reach = (filter.width - 1) * geometry.dilation.width
    return (0..<geometry.output.width).count {
      let left = $0 * geometry.stride.width - geometry.padBefore.width
      return left >= 0 && left + reach < width
    }
  }
}
