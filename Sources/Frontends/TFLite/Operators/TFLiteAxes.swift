import IR
import Operators
import Support

/// Operators over axes and windows, beside the ones that most networks have.
extension TFLiteCall {
  static let axes: [String: Builder] = [
    "SUM": { (call) throws(Diagnostic) in
      let (axes, keepDimensions) = try call.reducedAxes()
      return (Sum(axes: axes, keepDimensions: keepDimensions), try call.data(1))
    },
    "REDUCE_MAX": { (call) throws(Diagnostic) in try call.reduce(.maximum) },
    "REDUCE_MIN": { (call) throws(Diagnostic) in try call.reduce(.minimum) },
    "REDUCE_ALL": { (call) throws(Diagnostic) in try call.reduce(.all) },
    "ARG_MIN": { (call) throws(Diagnostic) in
      let axis = try call.constants(1, "the axis").first ?? 0
      return (ArgMin(axis: try call.shape(0).normalized(axis: axis)), try call.data(1))
    },
    "CUMSUM": { (call) throws(Diagnostic) in
      let axis = try call.constants(1, "the axis").first ?? 0
      let sum = CumulativeSum(
        axis: try call.shape(0).normalized(axis: axis), isExclusive: try call.options?.bool(0, "exclusive") ?? false,
        isReverse: try call.options?.bool(1, "reverse") ?? false)
      return (sum, try call.data(1))
    },
    "L2_NORMALIZATION": { (call) throws(Diagnostic) in
      guard try call.activation(0) == .none else {
        throw call.failure("activation", "a fused activation is not supported, as in the reference")
      }
      return (L2Normalization(), call.inputs)
    },
    "LOG_SOFTMAX": { (call) throws(Diagnostic) in (LogSoftmax(), call.inputs) },
    "RESIZE_BILINEAR": { (call) throws(Diagnostic) in
      let size = try call.constants(1, "the size")
      guard size.count == 2 else { throw call.failure("size", "the size has \(size.count) numbers, not 2") }
      let resize = ResizeBilinear(
        size: Extent(size[0], size[1]), alignsCorners: try call.options?.bool(2, "align_corners") ?? false,
        usesHalfPixels: try call.options?.bool(3, "half_pixel_centers") ?? false)
      return (resize, try call.data(1))
    },
    "L2_POOL_2D": { (call) throws(Diagnostic) in
      (
        L2Pool2D(
          filter: try call.extent(4, 3, "filter"), stride: try call.extent(2, 1, "stride"),
          padding: try call.padding(0), activation: try call.activation(5)), call.inputs
      )
    },
  ]

  private func reducedAxes() throws(Diagnostic) -> (axes: [Int], keepDimensions: Bool) {
    var axes: Set<Int> = []
    for axis in try constants(1, "the axes") { axes.insert(try shape(0).normalized(axis: axis)) }
    return (axes.sorted(), try options?.bool(0, "keep_dims") ?? false)
  }

  private func reduce(_ kind: Reduce.Kind) throws(Diagnostic) -> Operation {
    let (axes, keepDimensions) = try reducedAxes()
    return (Reduce(kind, axes: axes, keepDimensions: keepDimensions), try data(1))
  }
}
