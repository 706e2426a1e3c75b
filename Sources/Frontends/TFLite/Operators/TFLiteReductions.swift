import IR
import Operators
import Support

/// Operators along axes.
extension TFLiteCall {
  static let reductions: [String: Builder] = [
    "MEAN": { (call) throws(Diagnostic) in (try call.mean(), try call.data(1)) },
    "TOPK_V2": { (call) throws(Diagnostic) in
      let count = try call.constants(1, "the number of elements")
      guard count.count == 1 else { throw call.failure("count", "the number of elements is no single number") }
      return (TopK(axis: try call.shape(0).rank - 1, count: count[0]), try call.data(1))
    },
    "ARG_MAX": { (call) throws(Diagnostic) in
      let axis = try call.constants(1, "the axis").first ?? 0
      return (ArgMax(axis: try call.shape(0).normalized(axis: axis)), try call.data(1))
    },
  ]

  private func mean() throws(Diagnostic) -> Mean {
    var axes: Set<Int> = []
    for axis in try constants(1, "the axes") { axes.insert(try shape(0).normalized(axis: axis)) }
    return Mean(axes: axes.sorted(), keepDimensions: try options?.bool(0, "keep_dims") ?? false)
  }
}
