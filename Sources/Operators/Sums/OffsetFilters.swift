import IR
import Support

/// The filters of a layer whose weights are differences of bytes: a table of bytes, and what is taken off those of each filter.
///
/// Weights without their zero point can need 9 bits, but those of one filter span 8 bits.
struct OffsetFilters {
  let filters: LayerFilters

  init?(_ layer: Layer) {
    guard let filters = LayerFilters(layer),
      filters.rows.allSatisfy({ ($0.max() ?? 0) - ($0.min() ?? 0) <= 255 })
    else { return nil }
    self.filters = filters
  }

  /// What is taken off the bytes of each filter; one number where that is enough.
  private var zeroPoints: [Int32] {
    let each = filters.rows.map { row -> Int32 in
      let (low, high) = (row.min() ?? 0, row.max() ?? 0)
      return low >= -128 && high <= 127 ? 0 : -128 - low
    }
    let low = each.min() ?? 0
    // All filters may share one, as they do where the file has one zero point.
    for common in [low, each.max() ?? 0] where filters.values.allSatisfy({ (-128...127).contains($0 + common) }) {
      return [common]
    }
    return each
  }

  var byteCount: Int { filters.values.count + 2 * zeroPoints.count }

  /// Adds the tables and gives the arguments for the shape and for them.
  func write(_ code: inout LayerCode) -> [String] {
    let points = zeroPoints
    let size = filters.values.count / filters.count
    let bytes = filters.values.enumerated().map { $1 + points[points.count == 1 ? 0 : $0 / size] }
    let weights = code.table(
      "weights", .int8, bytes, rowLength: filters.rowLength,
      comment: "Weights, \(filters.count) filters, as bytes plus their zero points.")
    let zeros = code.table(
      "zeros", .int16, points, comment: "Zero points of the weights.")
    return filters.arguments + [
      "/* padding: top, left, value */ \(filters.padBefore.height), \(filters.padBefore.width), \(filters.padValue)",
      "\(weights), \(zeros), /* step */ \(points.count > 1 ? 1 : 0)",
    ]
  }
}
