import IR
import Support

/// The filters of a convolution or matrix product in one form: rows of weights one behind the other, a filter's taps each with
/// the channels that it reads.
struct LayerFilters {
  let image: [Int]
  let count: Int
  /// Height and width.
  let filter: Extent
  /// Channels that a filter reads.
  let depth: Int
  /// Filters of a group.
  let groupSize: Int
  let stride: Extent
  let dilation: Extent
  let padBefore: Extent
  let padValue: Int32
  let output: Extent
  /// nil for sums.
  let stage: OutputStage?
  let values: [Int32]

  /// - Returns: nil for other layers, and for those whose weights are int8.
  init?(_ layer: Layer) {
    guard let values = try? layer.inputs.dropFirst().first?.constantInts("the weights") else { return nil }
    let (own, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    switch layer.op {
    case let op as IntegerSums:
      (image, stride, dilation, padBefore, padValue) = (op.image, op.stride, op.dilation, op.padBefore, op.padValue)
      (output, stage) = (op.output, nil)
      (count, filter, depth) = (weights[0], Extent(weights[1], weights[2]), weights[3])
      self.values = values
    case let op as any IntegerConvolution where layer.hasWideWeights:
      let geometry = op.geometry
      (image, stride, dilation) = (own.dims, geometry.stride, geometry.dilation)
      (padBefore, padValue) = (geometry.padBefore, geometry.padValue)
      (output, stage) = (geometry.output, geometry.stage)
      filter = Extent(weights[1], weights[2])
      if type(of: op).channelAxis == 3 {
        let (taps, filters) = (weights[1] * weights[2], weights[3])
        (count, depth) = (filters, 1)
        self.values = (0..<filters * taps).map { values[$0 % taps * filters + $0 / taps] }
      } else {
        (count, depth) = (weights[0], weights[3])
        self.values = values
      }
    case is IntegerMatrixProduct, is WideMatrixProduct:
      guard layer.hasWideWeights else { return nil }
      let rows = own.elementCount / max(1, weights[1])
      image = [1, rows, 1, weights[1]]
      (stride, dilation, padBefore, padValue) = (Extent(1, 1), Extent(1, 1), Extent(0, 0), 0)
      (output, stage) = (Extent(rows, 1), (layer.op as? IntegerMatrixProduct)?.stage)
      (count, filter, depth) = (weights[0], Extent(1, 1), weights[1])
      self.values = values
    default: return nil
    }
    guard depth > 0, image[3] % depth == 0, count > 0, count % (image[3] / depth) == 0, filter.height > 0,
      filter.width > 0
    else { return nil }
    groupSize = count / (image[3] / depth)
  }

  /// The weights of each filter.
  var rows: [ArraySlice<Int32>] {
    let size = values.count / count
    return (0..<count).map { values[$0 * size..<($0 + 1) * size] }
  }

  var multiplyAccumulates: Int { image[0] * output.height * output.width * values.count }

  var outputs: Int { image[0] * output.height * output.width * count }

  /// Taps of all outputs.
  var taps: Int { outputs * filter.height * filter.width }

  /// Those that meet the image.
  var tapsInside: Int {
    func inside(_ size: Int, _ positions: Int, _ filter: Int, _ stride: Int, _ dilation: Int, _ before: Int) -> Int {
      TapCount(
        size: size, positions: positions, filter: filter, stride: stride, dilation: dilation, before: before
      ).inside
    }
    return image[0] * count
      * inside(image[1], output.height, filter.height, stride.height, dilation.height, padBefore.height)
      * inside(image[2], output.width, filter.width, stride.width, dilation.width, padBefore.width)
  }

  /// The numbers of weights in a row of a table.
  var rowLength: Int {
    let row = depth < 8 ? filter.width * depth : depth
    return row * max(1, 16 / max(1, row))
  }

  /// Arguments for the shape.
  var arguments: [String] {
    [
      "/* input */ \(image[1]), \(image[2]), \(image[3])", "/* output */ \(output.height), \(output.width), \(count)",
      "/* filter */ \(filter.height), \(filter.width), /* stride */ \(stride.height), \(stride.width), "
        + "/* dilation */ \(dilation.height), \(dilation.width)",
      "/* channels of a filter, filters of a group */ \(depth), \(groupSize)",
    ]
  }

  /// Calls a function for each image.
  func call(_ function: String, _ arguments: [String], _ code: inout LayerCode) {
    code.forEachImage(image[0], image[1] * image[2] * image[3], output.height * output.width * count) {
      code, input, output in
      code.call(function, ["\(input), \(output)"] + arguments)
    }
  }
}

extension Layer {
  /// The layer's weights need more than 8 bits.
  package var hasWideWeights: Bool {
    (op is any IntegerConvolution || op is IntegerMatrixProduct || op is WideMatrixProduct) && inputs.count > 1
      && inputs[1].type.element == .int16
  }
}
