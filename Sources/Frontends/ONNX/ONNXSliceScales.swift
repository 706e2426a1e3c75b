import IR
import Support

/// The scales and zero points of QuantizeLinear and DequantizeLinear: one, one for each slice of an axis, or one for each block
/// of some neighbours along an axis.
struct ONNXSliceScales {
  let shape: Shape
  let scales: [Float]
  /// As many as scales.
  let points: [Int64]
  /// The type of the integers.
  let element: ONNXElement
  let axis: Int
  /// Neighbours that share a scale; nil when a scale belongs to a slice.
  let block: Int?

  /// Those of a call, whose inputs 1 and 2 they are.
  ///
  /// - Parameters:
  ///   - shape: of the values.
  ///   - element: of the integers, unless a zero point says it.
  init(_ call: ONNXCall, of shape: Shape, default element: ONNXElement) throws(Diagnostic) {
    let given = try call.constant(1, "the scale")
    scales = try given.floats("the scale")
    let zeros = call.has(2) ? try call.constant(2, "the zero point") : nil
    self.element = zeros?.element ?? element
    points = try zeros?.ints("the zero point") ?? [Int64](repeating: 0, count: scales.count)
    self.shape = shape
    guard !scales.isEmpty, points.count == scales.count else {
      throw call.failure("scale", "\(scales.count) scales and \(points.count) zero points do not belong together")
    }
    let size = try call.int("block_size", default: 0)
    guard scales.count > 1 || size > 0 else {
      (axis, block) = (0, nil)
      return
    }
    axis = try shape.normalized(axis: try call.int("axis", default: 1))
    var dims = shape.dims
    if size > 0 {
      dims[axis] = dims[axis] / size + (dims[axis] % size == 0 ? 0 : 1)
      block = size
    } else {
      dims = [dims[axis]]
      block = nil
    }
    guard given.shape.dims == dims else {
      throw call.failure("scale", "scales of the shape \(given.shape) do not suit axis \(axis) of the shape \(shape)")
    }
  }

  /// The only scale and zero point; nil when there are more.
  var affine: ONNXCall.Affine? {
    scales.count == 1 ? ONNXCall.Affine(scale: scales[0], zeroPoint: points[0], element: element) : nil
  }

  /// The number of the scale of the element at an index.
  func slice(_ index: Int) -> Int {
    if scales.count == 1 { return 0 }
    let inner = shape.strides[axis]
    guard let block else { return index / inner % shape[axis] }
    let blocks = (shape[axis] - 1) / block + 1
    let (outer, place) = (index / inner / shape[axis], index / inner % shape[axis])
    return (outer * blocks + place / block) * inner + index % inner
  }

  /// Values for each scale as a tensor that broadcasts to the shape.
  func constant(_ values: [Float]) throws(Diagnostic) -> ONNXConstant {
    if block != nil {
      return ONNXConstant(.float32, shape, .floats((0..<shape.elementCount).map { values[slice($0)] }))
    }
    var dims = [Int](repeating: 1, count: shape.rank)
    dims[axis] = values.count
    return ONNXConstant(.float32, try Shape(dims), .floats(values))
  }
}
