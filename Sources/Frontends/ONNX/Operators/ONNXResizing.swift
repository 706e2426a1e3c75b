import IR
import Operators
import Support

/// Tensors in other sizes.
extension ONNXCall {
  static let resizing: [String: Builder] = [
    "Resize": { (call) throws(Diagnostic) in
      let first = call.version >= 11 ? 1 : 0
      let isOld = call.version < 11
      let mode = try call.string("mode", default: "nearest")
      let coordinates = try call.string("coordinate_transformation_mode", default: "half_pixel")
      return [
        try call.resized(
          scales: call.has(first + 1) ? first + 1 : nil, sizes: call.has(first + 2) ? first + 2 : nil,
          ResizingRule(
            mode: mode, coordinates: isOld ? "asymmetric" : coordinates,
            rounding: isOld ? "floor" : try call.string("nearest_mode", default: "round_prefer_floor"),
            cubic: Double(try call.float("cubic_coeff_a", default: -0.75)),
            isSmoothed: try call.int("antialias", default: 0) != 0,
            excludesOutside: try call.int("exclude_outside", default: 0) != 0))
      ]
    },
    "Upsample": { (call) throws(Diagnostic) in
      let mode = try call.string("mode", default: "nearest")
      return [
        try call.resized(
          scales: call.has(1) ? 1 : nil, sizes: nil,
          ResizingRule(mode: mode, coordinates: "asymmetric", rounding: "floor"))
      ]
    },
  ]

  /// The axes that are resized, each with its size and the factor by which the file resizes it.
  private func resizedAxes(
    scales: Int?, sizes: Int?
  ) throws(Diagnostic) -> [(axis: Int, target: Int, factor: Double)] {
    let shape = try shape(0)
    var axes = Array(0..<shape.rank)
    if let list = try ints("axes") {
      axes = []
      for axis in list { axes.append(try shape.normalized(axis: axis)) }
    }
    var factors = try floats("scales") ?? []
    if let scales { factors = try constant(scales, "the scales").floats("the scales") }
    var targets: [Int] = []
    if let sizes { targets = try constantInts(sizes, "the sizes") }
    guard factors.isEmpty ? targets.count == axes.count : factors.count == axes.count else {
      throw failure("resize", "scales or sizes do not suit \(axes.count) axes")
    }
    var ratios = axes.indices.map { index in
      factors.isEmpty ? Double(targets[index]) / Double(shape[axes[index]]) : Double(factors[index])
    }
    let policy = try string("keep_aspect_ratio_policy", default: "stretch")
    if factors.isEmpty, policy != "stretch", let least = ratios.min(), let most = ratios.max() {
      ratios = ratios.map { _ in policy == "not_larger" ? least : most }
    }
    var result: [(axis: Int, target: Int, factor: Double)] = []
    for (axis, factor) in zip(axes, ratios) {
      let length = factor * Double(shape[axis])
      let whole = factors.isEmpty ? (length + 0.5).rounded(.down) : length.rounded(.down)
      guard factor.isFinite, factor > 0, whole >= 1, whole <= Double(Shape.maximumElements) else {
        throw failure("resize", "axis \(axis) of \(shape) can't be resized by \(factor)")
      }
      result.append((axis, Int(whole), factor))
    }
    return result
  }

  /// The first input with its axes resized.
  ///
  /// - Parameters:
  ///   - scales: the input that holds the factors of the sizes.
  ///   - sizes: the input that holds the sizes.
  private mutating func resized(
    scales: Int?, sizes: Int?, _ rule: ResizingRule
  ) throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let axes = try resizedAxes(scales: scales, sizes: sizes)
    let element = try element(0)
    let crops = rule.coordinates == "tf_crop_and_resize"
    var region: [Float] = []
    if crops {
      region = try constant(1, "the region").floats("the region")
      guard region.count == 2 * axes.count else { throw failure("resize", "the region does not suit the axes") }
    }
    if rule.mode == "linear", element.isFloat, let image = try bilinear(axes, rule) { return .tensor(image, element) }
    let outside = try float("extrapolation_value", default: 0)
    var places = [[Int]](repeating: [], count: shape.rank)
    var id = try data(0)
    for (index, (axis, target, factor)) in axes.enumerated() {
      let size = shape[axis]
      if !crops, factor == 1, target == size { continue }
      let span = crops ? (Double(region[index]), Double(region[axes.count + index])) : (0, 1)
      if rule.mode == "nearest", !crops {
        places[axis] = try (0..<target).map { (place) throws(Diagnostic) in
          let position = try rule.coordinate(place, factor, size, target, span)
          return min(max(try rule.rounded(position), 0), size - 1)
        }
        continue
      }
      guard element.isFloat else { throw failure("resize", "of integers only the mode `nearest` is supported") }
      try spend(target * size)
      var (weights, addends): ([Float], [Float]) = ([], [])
      for place in 0..<target {
        let position = try rule.coordinate(place, factor, size, target, span)
        let isOutside = crops && (position < 0 || position > Double(size - 1))
        addends.append(isOutside ? outside : 0)
        weights += isOutside ? [Float](repeating: 0, count: size) : try rule.weights(position, factor, size)
      }
      id = try mapped(id, axis: axis, rows: target, weights, addends: addends)
    }
    return .tensor(places.allSatisfy(\.isEmpty) ? id : try take(places, id), element)
  }

  /// An image whose height and width are resized as an operator of the graph does it; nil for others.
  private mutating func bilinear(
    _ axes: [(axis: Int, target: Int, factor: Double)], _ rule: ResizingRule
  ) throws(Diagnostic) -> TensorID? {
    let shape = try shape(0)
    guard shape.rank == 4, !rule.isSmoothed, shape.elementCount > 0 else { return nil }
    var size = [shape[2], shape[3]]
    for (axis, target, factor) in axes {
      guard axis >= 2 else {
        guard target == shape[axis] else { return nil }
        continue
      }
      guard (factor * Double(shape[axis]) - Double(target)).magnitude < 1e-6 * Double(target), target < 1 << 15,
        shape[axis] < 1 << 15, target > 1 || rule.coordinates != "pytorch_half_pixel"
      else { return nil }
      size[axis - 2] = target
    }
    let aligns = rule.coordinates == "align_corners"
    let isCentered = ["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"].contains(rule.coordinates)
    guard aligns || isCentered || rule.coordinates == "asymmetric" else { return nil }
    let op = ResizeBilinear(size: Extent(size[0], size[1]), alignsCorners: aligns, usesHalfPixels: isCentered)
    return try channelsFirst(try move(op, try channelsLast(try float(0))), rank: 4)
  }
}
