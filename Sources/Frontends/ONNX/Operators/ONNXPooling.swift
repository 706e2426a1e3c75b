import IR
import Operators
import Support

/// Maximum and mean over windows and whole images.
extension ONNXCall {
  static let pooling: [String: Builder] = [
    "MaxPool": { (call) throws(Diagnostic) in
      guard call.node?.outputs.count == 1 else {
        throw call.failure("outputs", "the indices of MaxPool are not supported")
      }
      guard try call.int("storage_order", default: 0) == 0 else { throw call.failure("attribute", "column order") }
      let x = try call.pooled(try call.data(0))
      guard try call.isPlainPool(try call.shape(0)) else {
        return [.tensor(try call.maxima(x), try call.element(0))]
      }
      let geometry = try call.poolGeometry(try call.shape(0))
      let op = MaxPool2D(
        filter: geometry.filter, stride: geometry.stride, padding: geometry.padding, activation: .none)
      return [.tensor(try call.pool(op, x), try call.element(0))]
    },
    "AveragePool": { (call) throws(Diagnostic) in
      [.tensor(try call.averagePool(try call.float(0)), .float32)]
    },
    "GlobalMaxPool": { (call) throws(Diagnostic) in
      let image = try call.shape(0)
      let x = try call.pooled(try call.data(0))
      guard image.rank == 3 || image.rank == 4 else {
        guard image.rank > 4 else { throw call.failure("rank", "an input of the shape \(image) is no image") }
        let op = Reduce(.maximum, axes: Array(2..<image.rank), keepDimensions: true)
        return [.tensor(try call.move(op, x), try call.element(0))]
      }
      let filter = image.rank == 3 ? Extent(1, image[2]) : Extent(image[2], image[3])
      let op = MaxPool2D(filter: filter, stride: Extent(1, 1), padding: .valid, activation: .none)
      return [.tensor(try call.pool(op, x), try call.element(0))]
    },
    "GlobalAveragePool": { (call) throws(Diagnostic) in
      let rank = try call.shape(0).rank
      guard rank >= 3 else { throw call.failure("rank", "an input of \(rank) dimensions is no image") }
      let op = Mean(axes: Array(2..<rank), keepDimensions: true)
      return [.tensor(try call.emit(op, [try call.float(0)], .float32), .float32)]
    },
  ]

  /// An image of integers without a known scale gets one, since pooling of integers asks for it; its maxima are the same
  /// with every scale.
  mutating func pooled(_ id: TensorID) throws(Diagnostic) -> TensorID {
    let type = graph[id].type
    guard type.element != .float32, type.quantization == nil else { return id }
    let plain = try tagged(id, try .perTensor(scale: 1, zeroPoint: 0))
    guard type.element == .uint8 else { return plain }
    return try emit(Quantize(), [plain], .int8, try .perTensor(scale: 1, zeroPoint: -128))
  }

  func poolGeometry(_ image: Shape) throws(Diagnostic) -> Geometry {
    let geometry = try geometry(image)
    return try geometry.isCeiled ? ceiled(geometry, image) : geometry
  }

  /// The same windows with so much padding behind the image that the last ones, which end outside, are whole.
  ///
  /// A window that begins behind the image (and its padding) doesn't count.
  private func ceiled(_ geometry: Geometry, _ image: Shape) throws(Diagnostic) -> Geometry {
    let extent = image.rank == 3 ? Extent(1, image[2]) : Extent(image[2], image[3])
    let window = try Window(filter: geometry.filter, stride: geometry.stride, dilation: geometry.dilation)
    let (before, after) = try window.amounts(geometry.padding, over: extent)
    func grown(_ size: Int, _ before: Int, _ after: Int, _ filter: Int, _ stride: Int) -> Int {
      let room = size + before + after - filter
      guard room >= 0 else { return after }
      var steps = (room + stride - 1) / stride
      if steps * stride >= size + before { steps -= 1 }
      return max(after, steps * stride + filter - size - before)
    }
    let padding = Padding.explicit(
      before: before,
      after: Extent(
        grown(extent.height, before.height, after.height, geometry.filter.height, geometry.stride.height),
        grown(extent.width, before.width, after.width, geometry.filter.width, geometry.stride.width)))
    return Geometry(
      filter: geometry.filter, stride: geometry.stride, dilation: geometry.dilation, padding: padding, isCeiled: false)
  }

  mutating func pool(_ op: any SourceOperator, _ x: TensorID) throws(Diagnostic) -> TensorID {
    let rank = graph[x].type.shape.rank
    return try channelsFirst(try move(op, try channelsLast(x)), rank: rank)
  }

  /// The mean over windows of `x`; taps outside of the image count as zeros when the attribute says so.
  mutating func averagePool(_ x: TensorID, countsPadding: Bool? = nil) throws(Diagnostic) -> TensorID {
    let image = graph[x].type.shape
    let isCounted = try int("count_include_pad", default: 0) != 0
    let countsPadding = countsPadding ?? isCounted
    guard try isPlainPool(image) else { return try means(x, countsPadding: countsPadding) }
    let geometry = try poolGeometry(image)
    func op(_ padding: Padding) -> AveragePool2D {
      AveragePool2D(filter: geometry.filter, stride: geometry.stride, padding: padding, activation: .none)
    }
    let window = try Window(filter: geometry.filter, stride: geometry.stride, dilation: geometry.dilation)
    let (before, after) = try window.amounts(
      geometry.padding, over: image.rank == 3 ? Extent(1, image[2]) : Extent(image[2], image[3]))
    guard countsPadding, before.list + after.list != [0, 0, 0, 0] else { return try pool(op(geometry.padding), x) }
    let declared = try self.geometry(image)
    guard
      try window.amounts(
        declared.padding, over: image.rank == 3 ? Extent(1, image[2]) : Extent(image[2], image[3])) == (before, after)
    else { return try means(x, countsPadding: countsPadding) }
    let zero = graph[x].type.quantization?.zeroPoints.first ?? 0
    let padded = try move(
      Pad(before: [0] + before.list + [0], after: [0] + after.list + [0], value: Int(zero)), try channelsLast(x))
    return try channelsFirst(try move(op(.valid), padded), rank: image.rank)
  }
}
