package import IR
package import Support

/// How a window steps over an image: SAME keeps ceil(size / stride) positions, VALID only those inside of the image.
package enum Padding: String, Sendable {
  case same, valid
}

/// Height and width.
package struct Extent: Equatable, Sendable {
  package var height: Int
  package var width: Int

  package init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  package var list: [Int] { [height, width] }
}

/// Filter size, stride and dilation of a convolution or pooling over an NHWC image.
package struct Window: Equatable, Sendable {
  package let filter: Extent
  package let stride: Extent
  package let dilation: Extent

  package init(filter: Extent, stride: Extent, dilation: Extent) throws(Diagnostic) {
    let sizes = filter.list + stride.list + dilation.list
    guard sizes.allSatisfy({ (1...65_535).contains($0) }) else {
      throw Diagnostic(
        "window.size",
        "filter \(filter.list), stride \(stride.list) and dilation \(dilation.list) must be "
          + "from 1 to 65535")
    }
    let reach = max((filter.height - 1) * dilation.height, (filter.width - 1) * dilation.width)
    guard reach <= Shape.maximumElements else {
      throw Diagnostic("window.size", "the filter \(filter.list) with dilation \(dilation.list) spans too many pixels")
    }
    self.filter = filter
    self.stride = stride
    self.dilation = dilation
  }

  /// Positions of the window along one axis, and how far the first one reaches over the edge.
  ///
  /// Source: `ComputePaddingHeightWidth` in `tensorflow/lite/kernels/padding.h`.
  private static func positions(
    _ padding: Padding, size: Int, filter: Int, stride: Int, dilation: Int
  ) throws(Diagnostic) -> (count: Int, before: Int) {
    let reach = (filter - 1) * dilation + 1
    let count = padding == .same ? (size + stride - 1) / stride : (size + stride - reach) / stride
    guard count > 0 else {
      throw Diagnostic("window.empty", "a filter that spans \(reach) does not fit into \(size) without padding")
    }
    return (count, max(0, (count - 1) * stride + reach - size) / 2)
  }

  /// Size of the output and padding above and to the left, for an image of the size `image`.
  package func positions(_ padding: Padding, over image: Extent) throws(Diagnostic) -> (output: Extent, before: Extent)
  {
    let rows = try Self.positions(
      padding, size: image.height, filter: filter.height, stride: stride.height, dilation: dilation.height)
    let columns = try Self.positions(
      padding, size: image.width, filter: filter.width, stride: stride.width, dilation: dilation.width)
    return (Extent(rows.count, columns.count), Extent(rows.before, columns.before))
  }
}

extension Attributes {
  /// The member `name` as a height and a width.
  package func extent(_ name: String) throws(Diagnostic) -> Extent {
    let values = try ints(name)
    guard values.count == 2 else { throw Diagnostic("attribute.extent", "`\(name)` must be [height, width]") }
    return Extent(values[0], values[1])
  }

  /// The member `padding`.
  package func padding() throws(Diagnostic) -> Padding {
    let name = try string("padding")
    guard let padding = Padding(rawValue: name) else {
      throw Diagnostic("attribute.padding", "unknown padding `\(name)`")
    }
    return padding
  }
}

extension Operator {
  /// Fails unless `type` has four dimensions: batch, height, width, channels.
  package func requireImage(_ type: TensorType, _ role: String) throws(Diagnostic) {
    guard type.shape.rank == 4 else {
      throw failure("rank", "the \(role) must have 4 dimensions (batch, height, width, channels), not \(type.shape)")
    }
  }
}
