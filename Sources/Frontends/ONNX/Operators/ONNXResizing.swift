import IR
import Operators
import Support

/// Tensors in other sizes, each element the nearest one.
extension ONNXCall {
  static let resizing: [String: Builder] = [
    "Resize": { (call) throws(Diagnostic) in
      let first = call.version >= 11 ? 1 : 0
      guard try call.string("mode", default: "nearest") == "nearest" else {
        throw call.failure("resize", "only the mode `nearest` is supported")
      }
      guard try call.int("antialias", default: 0) == 0 else {
        throw call.failure("resize", "`antialias` is not supported")
      }
      let isOld = call.version < 11
      return [
        try call.resized(
          scales: call.has(first + 1) ? first + 1 : nil, sizes: call.has(first + 2) ? first + 2 : nil,
          coordinates: isOld
            ? "asymmetric" : try call.string("coordinate_transformation_mode", default: "half_pixel"),
          rounding: isOld ? "floor" : try call.string("nearest_mode", default: "round_prefer_floor"))
      ]
    },
    "Upsample": { (call) throws(Diagnostic) in
      guard try call.string("mode", default: "nearest") == "nearest" else {
        throw call.failure("resize", "only the mode `nearest` is supported")
      }
      return [
        try call.resized(scales: call.has(1) ? 1 : nil, sizes: nil, coordinates: "asymmetric", rounding: "floor")
      ]
    },
  ]

  /// The first input with its axes resized.
  ///
  /// - Parameters:
  ///   - scales: the input that holds the factors of the sizes.
  ///   - sizes: the input that holds the sizes.
  private mutating func resized(
    scales: Int?, sizes: Int?, coordinates: String, rounding: String
  ) throws(Diagnostic) -> ONNXValue {
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
    guard try string("keep_aspect_ratio_policy", default: "stretch") == "stretch" else {
      throw failure("resize", "`keep_aspect_ratio_policy` is not supported")
    }
    var places = [[Int]](repeating: [], count: shape.rank)
    for (index, axis) in axes.enumerated() {
      let size = shape[axis]
      let factor = factors.isEmpty ? Double(targets[index]) / Double(size) : Double(factors[index])
      let length = factors.isEmpty ? Double(targets[index]) : (factor * Double(size)).rounded(.down)
      guard factor.isFinite, factor > 0, length >= 1, length <= Double(Shape.maximumElements) else {
        throw failure("resize", "axis \(axis) of \(shape) can't be resized by \(factor)")
      }
      let target = Int(length)
      if factor == 1, target == size { continue }
      var list: [Int] = []
      for place in 0..<target {
        list.append(
          min(
            max(
              try rounded(
                try coordinate(place, factor, size, target, coordinates), rounding), 0), size - 1))
      }
      places[axis] = list
    }
    return .tensor(try take(places, try data(0)), try element(0))
  }

  /// Where an element of the result lies in the input.
  private func coordinate(
    _ place: Int, _ factor: Double, _ size: Int, _ target: Int, _ mode: String
  ) throws(Diagnostic) -> Double {
    let x = Double(place)
    switch mode {
    case "half_pixel": return (x + 0.5) / factor - 0.5
    case "pytorch_half_pixel": return target > 1 ? (x + 0.5) / factor - 0.5 : 0
    case "half_pixel_symmetric":
      let exact = factor * Double(size)
      let center = Double(size) / 2
      return center * (1 - Double(target) / exact) + (x + 0.5) / factor - 0.5
    case "align_corners": return target > 1 ? x * Double(size - 1) / Double(target - 1) : 0
    case "asymmetric": return x / factor
    default: throw failure("resize", "the coordinates `\(mode)` are not supported")
    }
  }

  private func rounded(_ coordinate: Double, _ mode: String) throws(Diagnostic) -> Int {
    switch mode {
    case "round_prefer_floor": return Int((coordinate - 0.5).rounded(.up))
    case "round_prefer_ceil": return Int((coordinate + 0.5).rounded(.down))
    case "floor": return Int(coordinate.rounded(.down))
    case "ceil": return Int(coordinate.rounded(.up))
    default: throw failure("resize", "the rounding `\(mode)` is not supported")
    }
  }
}
