import IR
import Machine
import Support

/// A convolution or matrix product for kernels that take four pixels at a time, two of them in the 16-bit halves (lanes) of
/// a word: what the filters see there is copied into a patch of two words for each tap, function `lane_patch`.
struct LaneConvolution {
  let stage: OutputStage
  let geometry: ConvolutionGeometry
  /// Height, width and channels of an image.
  let image: [Int]
  let images: Int
  /// Height and width of the filter.
  let filter: Extent
  let filters: Int

  var pixels: Int { geometry.output.height * geometry.output.width }
  var taps: Int { filter.height * filter.width * image[2] }
  /// Room at the beginning of the scratch memory for the sums of 16 filters at four pixels.
  static let sumBytes = 16 * 4 * 4
  /// How often the filters are walked.
  var groups: Int { images * ((pixels + 3) / 4) }

  /// Nil for layers that are none, and for those with a single pixel: there is nothing to share.
  init?(_ layer: Layer) {
    let weights = layer.inputs[1].type.shape
    let input = layer.inputs[0].type.shape
    if let dense = layer.op as? IntegerMatrixProduct {
      let units = layer.outputs[0].shape.dims.last ?? 1
      let rows = layer.outputs[0].shape.elementCount / units
      stage = dense.stage
      geometry = ConvolutionGeometry(
        stride: Extent(1, 1), dilation: Extent(1, 1), padBefore: Extent(0, 0), padValue: 0, output: Extent(rows, 1),
        stage: dense.stage)
      image = [rows, 1, weights.elementCount / units]
      images = 1
      filter = Extent(1, 1)
      filters = units
    } else {
      guard let conv = (layer.op as? IntegerConv2D)?.geometry, weights[3] == input[3] else { return nil }
      stage = conv.stage
      geometry = conv
      image = [input[1], input[2], input[3]]
      images = input[0]
      filter = Extent(weights[1], weights[2])
      filters = weights[0]
    }
    guard pixels > 1 else { return nil }
  }

  /// Four pixels are gathered into the patch before their outputs are written.
  static let order = AccessOrder.pixels(count: 4, gathers: true)

  /// What filling the patches takes.
  var patchWork: [WorkItem] {
    // Windows that lie inside of the image's columns are read row by row, others column by column.
    let share = geometry.dilation.width == 1 ? Double(insideColumns) / Double(max(1, geometry.output.width)) : 0
    let runs = Double(filter.height) * (share * share + (1 - share * share) * Double(filter.width))
    return [
      WorkItem("fill", groups * taps * 2), WorkItem("gather", Int((Double(groups) * runs * 2).rounded())),
      WorkItem("group", groups),
    ]
  }

  /// Columns of the output whose windows lie within the columns of the image.
  private var insideColumns: Int {
    let reach = (filter.width - 1) * geometry.dilation.width
    return (0..<geometry.output.width).count {
      let left = $0 * geometry.stride.width - geometry.padBefore.width
      return left >= 0 && left + reach < image[1]
    }
  }

  /// Writes the calls of the function `name`, one for each image; `arguments` follow those for the shape.
  func call(_ name: String, _ arguments: [String], _ code: inout LayerCode) {
    _ = code.function("lane_patch")
    let function = code.function(name)
    let (width, height) = (geometry.output.width, geometry.output.height)
    let (rows, padTop) = (code.inputHeight(image[0]), code.padTop(geometry.padBefore.height))
    let pixels = code.outputRows(height, times: width)
    code.forEachImage(images, image[0] * image[1] * image[2], self.pixels * filters) { code, input, output in
      code.call(
        function,
        [
          "\(input), \(output), (uint32_t *)(void *)\(code.scratch)",
          "/* input */ \(rows), \(image[1]), \(image[2])",
          "/* output: width, pixels, channels */ \(width), \(pixels), \(filters)",
          "/* filter */ \(filter.height), \(filter.width), "
            + "/* stride */ \(geometry.stride.height), \(geometry.stride.width), "
            + "/* dilation */ \(geometry.dilation.height), \(geometry.dilation.width)",
          "/* padding */ \(padTop), \(geometry.padBefore.width), \(geometry.padValue)",
        ] + arguments)
    }
  }
}
