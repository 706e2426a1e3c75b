import IR
import Operators
import Support

/// Images that are read at places between their pixels: with places that are known, a matrix over all pixels.
extension ONNXCall {
  static let sampling: [String: Builder] = [
    "GridSample": { (call) throws(Diagnostic) in [.tensor(try call.sampled(), .float32)] },
    "AffineGrid": { (call) throws(Diagnostic) in [.tensor(try call.affineGrid(), .float32)] },
  ]

  /// Each image has a matrix of its own.
  private static let maximumImages = 256

  /// How a place becomes shares of pixels along an axis.
  private struct SamplingRule {
    let filter: ResizingRule
    let padding: String
    let aligns: Bool

    /// Mirrored at the ends of an axis of `size` until it lies inside.
    private func reflected(_ place: Float, _ size: Int) -> Float {
      let low: Float = aligns ? 0 : -0.5
      let high = aligns ? Float(size - 1) : Float(size) - 0.5
      let span = high - low
      guard span > 0 else { return 0 }
      guard place < low || place > high else { return place }
      let distance = place < low ? low - place : place - high
      let count = (distance / span).rounded(.down)
      let rest = distance - count * span
      return (place < low) == (count.truncatingRemainder(dividingBy: 2) == 0) ? low + rest : high - rest
    }

    /// The pixels along an axis with their shares for a place from −1 to 1.
    func taps(_ normal: Float, _ size: Int) -> [(pixel: Int, share: Double)] {
      var place = aligns ? (normal + 1) / 2 * Float(size - 1) : ((normal + 1) * Float(size) - 1) / 2
      if filter.mode == "nearest" { place.round(.toNearestOrEven) }
      guard place.magnitude < 0x1p24 else { return [] }
      let isOutside = aligns ? place < 0 || place > Float(size - 1) : place < -0.5 || place > Float(size) - 0.5
      if isOutside, padding == "border" { place = min(max(place, 0), Float(size - 1)) }
      if isOutside, padding == "reflection" { place = reflected(place, size) }
      let first = Int(place.rounded(.down))
      let shares: [(Int, Double)]
      switch filter.mode {
      case "nearest": shares = [(Int(place), 1)]
      case "linear": shares = [first, first + 1].map { ($0, filter.share((Double($0) - Double(place)).magnitude)) }
      default: shares = (first - 1...first + 2).map { ($0, filter.share((Double($0) - Double(place)).magnitude)) }
      }
      return shares.compactMap { index, share in
        switch padding {
        case "border": return (min(max(index, 0), size - 1), share)
        case "reflection": return (min(max(Int(reflected(Float(index), size)), 0), size - 1), share)
        default: return (0..<size).contains(index) ? (index, share) : nil
        }
      }
    }
  }

  private mutating func sampled() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let shape = graph[x].type.shape
    guard let grid = try known(1) else {
      throw failure("places", "places that are computed at run time are not supported: no kernel reads between pixels")
    }
    let axes = shape.rank - 2
    guard axes > 0, grid.shape.rank == shape.rank, grid.shape[0] == shape[0], grid.shape.dims.last == axes else {
      throw failure("places", "places of the shape \(grid.shape) do not suit an image of the shape \(shape)")
    }
    // "bilinear" and "bicubic" are the names of version 16.
    let mode = try string("mode", default: "linear")
    let name = ["bilinear": "linear", "bicubic": "cubic"][mode] ?? mode
    guard ["nearest", "linear", "cubic"].contains(name), shape[0] <= Self.maximumImages else {
      throw failure("places", "the mode `\(name)` for \(shape[0]) images is not supported")
    }
    let rule = SamplingRule(
      filter: ResizingRule(mode: name, coordinates: "", rounding: ""),
      padding: try string("padding_mode", default: "zeros"), aligns: try int("align_corners", default: 0) != 0)
    let (target, sizes) = (Array(grid.shape.dims.dropFirst().dropLast()), Array(shape.dims[2...]))
    let (count, pixels) = (target.reduce(1, *), sizes.reduce(1, *))
    let places = try grid.floats("the places")
    let strides = try Shape(sizes).strides
    let rows = try reshaped(x, [shape[0], shape[1], pixels])
    var results: [TensorID] = []
    for image in 0..<shape[0] {
      try spend(count * pixels)
      var weights = [Float](repeating: 0, count: count * pixels)
      for place in 0..<count {
        var taps: [(pixel: Int, share: Double)] = [(0, 1)]
        for axis in 0..<axes {
          // The last axis comes first.
          let normal = places[(image * count + place) * axes + axes - 1 - axis]
          let own = rule.taps(normal, sizes[axis])
          taps = taps.flatMap { tap in own.map { (tap.pixel + $0.pixel * strides[axis], tap.share * $0.share) } }
        }
        for tap in taps { weights[place * pixels + tap.pixel] += Float(tap.share) }
      }
      let own = shape[0] == 1 ? rows : try take([[image], [], []], rows)
      results.append(try mapped(own, axis: 2, rows: count, weights))
    }
    let all = results.count == 1 ? results[0] : try emit(Concatenation(axis: 0), results, .float32)
    return try reshaped(all, Array(shape.dims[..<2]) + target)
  }

  /// The places of a regular grid, turned and moved by matrices [batch, axes, axes + 1].
  private mutating func affineGrid() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let shape = graph[x].type.shape
    let size = try constantInts(1, "the size")
    let axes = size.count - 2
    let target = try Shape(Array(size.dropFirst(2)))
    guard axes == 2 || axes == 3, shape.dims == [size[0], axes, axes + 1], target.elementCount > 0 else {
      throw failure("places", "matrices of the shape \(shape) do not suit an image of \(size)")
    }
    let aligns = try int("align_corners", default: 0) != 0
    try spend(target.elementCount * (axes + 1))
    var weights: [Float] = []
    for place in 0..<target.elementCount {
      for axis in (0..<axes).reversed() {
        let (step, length) = (place / target.strides[axis] % target[axis], target[axis])
        let start = aligns ? -1 : 1 / Float(length) - 1
        weights.append(length == 1 && aligns ? -1 : start + Float(step) * 2 / Float(aligns ? length - 1 : length))
      }
      weights.append(1)
    }
    let places = try mapped(x, axis: 2, rows: target.elementCount, weights)
    return try reshaped(try transposed(places, [0, 2, 1]), [size[0]] + target.dims + [axes])
  }
}
