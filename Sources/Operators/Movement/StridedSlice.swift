package import IR
package import Support

/// Every `strides[i]`-th element of each axis from `begin[i]` on; axes in `dropped` lose their dimension.
///
/// `begin` is normalized to indices inside of the input, `sizes` counts the elements that are kept.
package struct StridedSlice: MovementOperator, SourceOperator {
  package static let mnemonic = "strided_slice"
  package private(set) var begin: [Int]
  package private(set) var sizes: [Int]
  package let strides: [Int]
  package let dropped: [Int]

  private init(begin: [Int], sizes: [Int], strides: [Int], dropped: [Int]) {
    self.begin = begin
    self.sizes = sizes
    self.strides = strides
    self.dropped = dropped
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    begin = try attributes.ints("begin")
    sizes = try attributes.ints("sizes")
    strides = try attributes.ints("strides")
    dropped = try attributes.ints("dropped")
  }

  package init(begin: [Int], sizes: [Int], strides: [Int]) {
    self.begin = begin
    self.sizes = sizes
    self.strides = strides
    dropped = []
  }

  /// The slice that TFLite's masks mean; bit i of a mask belongs to axis i.
  ///
  /// Source: `tensorflow/lite/kernels/internal/strided_slice_logic.h`.
  package init(
    of shape: Shape, begin: [Int], end: [Int], strides: [Int], beginMask: Int, endMask: Int, shrinkMask: Int
  ) throws(Diagnostic) {
    guard begin.count == shape.rank, end.count == shape.rank, strides.count == shape.rank else {
      throw Diagnostic("operator.slice", "begin, end and strides must have \(shape.rank) values each")
    }
    var starts: [Int] = []
    var sizes: [Int] = []
    var dropped: [Int] = []
    for axis in 0..<shape.rank {
      let (size, stride) = (shape[axis], strides[axis])
      guard stride != 0, stride.magnitude <= Shape.maximumElements else {
        throw Diagnostic("operator.slice", "the stride \(stride) of axis \(axis) is not supported")
      }
      func inside(_ index: Int) -> Int {
        let fromFront = index < 0 ? index + size : index
        return stride > 0 ? min(max(fromFront, 0), size) : min(max(fromFront, -1), size - 1)
      }
      func bit(_ mask: Int) -> Bool { mask >> axis & 1 == 1 }
      let start = bit(beginMask) ? (stride > 0 ? 0 : size - 1) : inside(begin[axis])
      if bit(shrinkMask) {
        sizes.append(1)
        dropped.append(axis)
      } else {
        let stop = bit(endMask) ? (stride > 0 ? size : -1) : inside(end[axis])
        sizes.append(max(0, stride > 0 ? (stop - start + stride - 1) / stride : (start - stop - stride - 1) / -stride))
      }
      starts.append(start)
    }
    self.begin = starts
    self.sizes = sizes
    self.strides = strides
    self.dropped = dropped
  }

  package var attributes: Attributes {
    Attributes([
      ("begin", .ints(begin)), ("sizes", .ints(sizes)), ("strides", .ints(strides)), ("dropped", .ints(dropped)),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard begin.count == shape.rank, sizes.count == shape.rank, strides.count == shape.rank else {
      throw failure("rank", "begin, sizes and strides must have \(shape.rank) values each")
    }
    for axis in 0..<shape.rank {
      let (reach, overflow) = strides[axis].multipliedReportingOverflow(by: sizes[axis] &- 1)
      let (last, overflow2) = begin[axis].addingReportingOverflow(reach)
      guard strides[axis].magnitude <= Shape.maximumElements, sizes[axis] > 0, !overflow, !overflow2,
        (0..<shape[axis]).contains(begin[axis]),
        (0..<shape[axis]).contains(last)
      else {
        throw failure("slice", "the slice of axis \(axis) is empty or reaches outside of the shape \(shape)")
      }
    }
    return [try Shape((0..<shape.rank).filter { !dropped.contains($0) }.map { sizes[$0] })]
  }

  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies {
    let source = inputs[0].strides
    let target = (try? Shape(sizes))?.strides ?? []
    let start = zip(begin, source).reduce(0) { $0 + $1.0 * $1.1 }
    let copy = StridedCopy(
      sizes, sourceStart: start, sourceStrides: zip(strides, source).map { $0 * $1 }, targetStrides: target)
    return [(0, 0, copy)]
  }
}

extension StridedSlice: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    guard order.count == begin.count, sizes.count == begin.count, strides.count == begin.count,
      dropped.allSatisfy({ order.indices.contains($0) })
    else { return nil }
    let op = StridedSlice(
      begin: AxisOrder.before(begin, order), sizes: AxisOrder.before(sizes, order),
      strides: AxisOrder.before(strides, order), dropped: dropped.map { order[$0] }.sorted())
    return (op, AxisOrder.dropping(dropped, order))
  }
}

extension StridedSlice {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    guard let first = begin.last, strides.last == 1, !dropped.contains(begin.count - 1) else { return nil }
    return (0..<layer.outputs[0].channelCount).map {
      ChannelLink(input: 0, inputChannel: first + $0, output: 0, outputChannel: $0)
    }
  }

  package func narrowed(_ channels: LayerChannels) throws(Diagnostic) -> NarrowedLayer {
    var op = self
    let last = begin.count - 1
    op.begin[last] = channels.inputs[0].kept.count { $0 < begin[last] }
    op.sizes[last] = channels.outputs[0].kept.count
    return NarrowedLayer(op)
  }
}
