import IR
import Support

/// The filters of a layer whose weights are differences of bytes: a table of bytes, and what is taken off those of each filter.
///
/// Weights without their zero point can need 9 bits, but those of one filter span 8 bits.
struct OffsetFilters {
  let image: [Int]
  let filters: Int
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
  private let values: [Int32]

  init?(_ layer: Layer) {
    guard let values = try? layer.inputs.dropFirst().first?.constantInts("the weights") else { return nil }
    let (own, weights) = (layer.inputs[0].type.shape, layer.inputs[1].type.shape)
    switch layer.op {
    case let op as IntegerSums:
      (image, stride, dilation, padBefore, padValue) = (op.image, op.stride, op.dilation, op.padBefore, op.padValue)
      (output, stage) = (op.output, nil)
      (filters, filter, depth) = (weights[0], Extent(weights[1], weights[2]), weights[3])
      self.values = values
    case let op as any IntegerConvolution where layer.hasWideWeights:
      let geometry = op.geometry
      (image, stride, dilation) = (own.dims, geometry.stride, geometry.dilation)
      (padBefore, padValue) = (geometry.padBefore, geometry.padValue)
      (output, stage) = (geometry.output, geometry.stage)
      filter = Extent(weights[1], weights[2])
      if op is IntegerDepthwiseConv2D {
        let (taps, count) = (weights[1] * weights[2], weights[3])
        (filters, depth) = (count, 1)
        self.values = (0..<count * taps).map { values[$0 % taps * count + $0 / taps] }
      } else {
        (filters, depth) = (weights[0], weights[3])
        self.values = values
      }
    case let op as IntegerMatrixProduct where layer.hasWideWeights:
      let rows = own.elementCount / max(1, weights[1])
      image = [1, rows, 1, weights[1]]
      (stride, dilation, padBefore, padValue) = (Extent(1, 1), Extent(1, 1), Extent(0, 0), 0)
      (output, stage) = (Extent(rows, 1), op.stage)
      (filters, filter, depth) = (weights[0], Extent(1, 1), weights[1])
      self.values = values
    default: return nil
    }
    guard depth > 0, image[3] % depth == 0, filters > 0, filters % (image[3] / depth) == 0, filter.height > 0,
      filter.width > 0, Self.rows(self.values, filters).allSatisfy({ ($0.max() ?? 0) - ($0.min() ?? 0) <= 255 })
    else { return nil }
    groupSize = filters / (image[3] / depth)
  }

  private static func rows(_ values: [Int32], _ filters: Int) -> [ArraySlice<Int32>] {
    let size = values.count / filters
    return (0..<filters).map { values[$0 * size..<($0 + 1) * size] }
  }

  /// What is taken off the bytes of each filter; one number where that is enough.
  private var zeroPoints: [Int32] {
    let each = Self.rows(values, filters).map { row -> Int32 in
      let (low, high) = (row.min() ?? 0, row.max() ?? 0)
      return low >= -128 && high <= 127 ? 0 : -128 - low
    }
    let low = each.min() ?? 0
    // All filters may share one, as they do where the file has one zero point.
    for common in [low, each.max() ?? 0] where values.allSatisfy({ (-128...127).contains($0 + common) }) {
      return [common]
    }
    return each
  }

  var byteCount: Int { values.count + 2 * zeroPoints.count }

  var multiplyAccumulates: Int {
    image[0] * output.height * output.width * values.count
  }

  var outputs: Int { image[0] * output.height * output.width * filters }

  /// Adds the tables and gives the arguments for the shape and for them.
  func write(_ code: inout LayerCode) -> [String] {
    let points = zeroPoints
    let size = values.count / filters
    let bytes = values.enumerated().map { $1 + points[points.count == 1 ? 0 : $0 / size] }
    let row = depth < 8 ? filter.width * depth : depth
    let weights = code.table(
      "weights", .int8, bytes, rowLength: row * max(1, 16 / max(1, row)),
      comment: "Weights, \(filters) filters, as bytes plus their zero points.")
    let zeros = code.table(
      "zeros", .int16, points, comment: "Zero points of the weights.")
    return [
      "/* input */ \(image[1]), \(image[2]), \(image[3])", "/* output */ \(output.height), \(output.width), \(filters)",
      "/* filter */ \(filter.height), \(filter.width), /* stride */ \(stride.height), \(stride.width), "
        + "/* dilation */ \(dilation.height), \(dilation.width)",
      "/* channels of a filter, filters of a group */ \(depth), \(groupSize)",
      "/* padding: top, left, value */ \(padBefore.height), \(padBefore.width), \(padValue)",
      "\(weights), \(zeros), /* step */ \(points.count > 1 ? 1 : 0)",
    ]
  }
}

extension Layer {
  /// The layer is one of 8-bit data whose weights need more than 8 bits.
  package var hasWideWeights: Bool {
    (op is any IntegerConvolution || op is IntegerMatrixProduct) && inputs.count > 1
      && inputs[1].type.element == .int16
  }
}
