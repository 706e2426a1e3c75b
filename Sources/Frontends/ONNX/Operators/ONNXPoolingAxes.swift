import IR
import Operators
import Support

// Pooling axis by axis, for windows with gaps and for more than two axes: the largest value and the mean of a box are those of
// the largest values and means of its rows.

extension ONNXCall {
  static let generalPooling: [String: Builder] = [
    "LpPool": { (call) throws(Diagnostic) in
      let taps = (try call.ints("kernel_shape") ?? []).reduce(1) { $0 &* $1 }
      let terms = try call.powers(try call.float(0))
      let sums = try call.scaled(try call.averagePool(terms, countsPadding: true), by: Float(taps))
      return [.tensor(try call.root(sums), .float32)]
    },
    "GlobalLpPool": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      guard shape.rank > 2 else { throw call.failure("rank", "an input of \(shape.rank) dimensions is no image") }
      let terms = try call.powers(try call.float(0))
      let mean = try call.emit(Mean(axes: Array(2..<shape.rank), keepDimensions: true), [terms], .float32)
      let taps = shape.dims[2...].reduce(1, *)
      return [.tensor(try call.root(try call.scaled(mean, by: Float(taps))), .float32)]
    },
  ]

  /// |x|^p
  private mutating func powers(_ x: TensorID) throws(Diagnostic) -> TensorID {
    switch try int("p", default: 2) {
    case 1: return try function(.absolute, x)
    case 2: return try product(x, x)
    case let p where (3...64).contains(p): return try function(.power, try function(.absolute, x), Float(p))
    case let p: throw failure("attribute", "`p` of \(p) is not supported")
    }
  }

  private mutating func root(_ x: TensorID) throws(Diagnostic) -> TensorID {
    switch try int("p", default: 2) {
    case 1: x
    case 2: try function(.squareRoot, x)
    case let p: try function(.power, x, 1 / Float(p))
    }
  }

  /// Whether the operators of the graph for images compute the pooling.
  func isPlainPool(_ image: Shape) throws(Diagnostic) -> Bool {
    let dilations = try ints("dilations") ?? []
    return (3...4).contains(image.rank) && dilations.allSatisfy { $0 == 1 }
  }

  /// How windows move along an axis.
  private struct Windows {
    let size: Int
    let filter: Int
    let stride: Int
    let dilation: Int
    let before: Int
    let after: Int
    let count: Int

    /// Where the taps of a window lie, outside of the axis too.
    func taps(_ window: Int) -> [Int] { (0..<filter).map { window * stride - before + $0 * dilation } }
  }

  /// The windows along each axis behind batch and channels.
  private func windows(_ image: Shape) throws(Diagnostic) -> [Windows] {
    let axes = image.rank - 2
    let kernel = try ints("kernel_shape") ?? []
    let strides = try ints("strides") ?? [Int](repeating: 1, count: max(0, axes))
    let dilations = try ints("dilations") ?? [Int](repeating: 1, count: max(0, axes))
    let pads = try ints("pads") ?? [Int](repeating: 0, count: 2 * max(0, axes))
    guard axes > 0, [kernel, strides, dilations].allSatisfy({ $0.count == axes }), pads.count == 2 * axes,
      (kernel + strides + dilations).allSatisfy({ (1...65_535).contains($0) }),
      pads.allSatisfy({ (0...65_535).contains($0) })
    else { throw failure("attribute", "the windows do not suit an input of the shape \(image)") }
    let isCeiled = try int("ceil_mode", default: 0) != 0
    let mode = try string("auto_pad", default: "NOTSET")
    var result: [Windows] = []
    for axis in 0..<axes {
      let (size, stride) = (image[axis + 2], strides[axis])
      let length = (kernel[axis] - 1) * dilations[axis] + 1
      var (before, after) = (pads[axis], pads[axes + axis])
      if mode == "VALID" { (before, after) = (0, 0) }
      if mode == "SAME_UPPER" || mode == "SAME_LOWER" {
        let total = max(0, ((size - 1) / stride) * stride + length - size)
        before = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        after = total - before
      }
      let room = size + before + after - length
      guard room >= 0 else { throw failure("attribute", "the window is larger than axis \(axis + 2) of \(image)") }
      var count = (room + (isCeiled ? stride - 1 : 0)) / stride + 1
      // A window that begins behind the axis doesn't count.
      if isCeiled, (count - 1) * stride >= size + before { count -= 1 }
      result.append(
        Windows(
          size: size, filter: kernel[axis], stride: stride, dilation: dilations[axis], before: before, after: after,
          count: count))
    }
    return result
  }

  /// The largest values of windows, one axis after the other.
  mutating func maxima(_ x: TensorID) throws(Diagnostic) -> TensorID {
    var result = x
    for (index, windows) in try windows(graph[x].type.shape).enumerated() {
      let axis = index + 2
      try spend(windows.count * windows.filter)
      var places: [Int] = []
      for window in 0..<windows.count {
        let taps = windows.taps(window)
        guard let inner = taps.first(where: { (0..<windows.size).contains($0) }) else {
          throw failure("attribute", "a window lies outside of axis \(axis)")
        }
        // An element that counts twice changes nothing.
        places += taps.map { (0..<windows.size).contains($0) ? $0 : inner }
      }
      let dims = graph[result].type.shape.dims
      var lists = [[Int]](repeating: [], count: dims.count)
      lists[axis] = places
      let taken = try take(lists, result)
      let inner = dims[(axis + 1)...].reduce(1, *)
      let rows = try reshaped(taken, [dims[..<axis].reduce(1, *), places.count, 1, inner])
      let extent = Extent(windows.filter, 1)
      let pooled = try move(MaxPool2D(filter: extent, stride: extent, padding: .valid, activation: .none), rows)
      result = try reshaped(pooled, dims[..<axis] + [windows.count] + dims[(axis + 1)...])
    }
    return result
  }

  /// The means of windows, each axis as a matrix of shares.
  mutating func means(_ x: TensorID, countsPadding: Bool) throws(Diagnostic) -> TensorID {
    guard graph[x].type.element == .float32 else {
      throw failure("attribute", "such windows are only supported for floats")
    }
    var result = x
    for (index, windows) in try windows(graph[x].type.shape).enumerated() {
      try spend(windows.count * (windows.size + windows.filter))
      var weights = [Float](repeating: 0, count: windows.count * windows.size)
      for window in 0..<windows.count {
        let taps = windows.taps(window)
        let inner = taps.filter { (0..<windows.size).contains($0) }
        let counted =
          countsPadding
          ? taps.count { (-windows.before..<windows.size + windows.after).contains($0) } : inner.count
        for tap in inner { weights[window * windows.size + tap] += 1 / Float(max(1, counted)) }
      }
      result = try mapped(result, axis: index + 2, rows: windows.count, weights)
    }
    return result
  }
}
