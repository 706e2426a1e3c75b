package import IR
package import Support

/// How a window steps over an image: SAME keeps ceil(size / stride) positions, VALID only those inside of the image.
package enum Padding: Equatable, Sendable {
  case same, valid
  /// So many taps above and to the left, and below and to the right; windows stay inside of the padded image.
  case explicit(before: Extent, after: Extent)

  /// As an attribute: a name, or [top, left, bottom, right].
  package var value: Attributes.Value {
    switch self {
    case .same: .string("same")
    case .valid: .string("valid")
    case .explicit(let before, let after): .ints(before.list + after.list)
    }
  }
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
    _ padding: AxisPadding, size: Int, filter: Int, stride: Int, dilation: Int
  ) throws(Diagnostic) -> (count: Int, before: Int, after: Int) {
    let reach = (filter - 1) * dilation + 1
    switch padding {
    case .same:
      let count = (size + stride - 1) / stride
      let both = max(0, (count - 1) * stride + reach - size)
      return (count, both / 2, both - both / 2)
    case .explicit(let before, let after):
      guard before >= 0, after >= 0, max(before, after) <= Shape.maximumElements else {
        throw Diagnostic("window.padding", "the padding \(before) and \(after) is not supported")
      }
      let padded = size + before + after
      guard padded >= reach else {
        throw Diagnostic(
          "window.empty",
          "a filter that spans \(reach) does not fit into \(size) "
            + (before + after == 0 ? "without padding" : "with the padding \(before) and \(after)"))
      }
      return ((padded - reach) / stride + 1, before, after)
    }
  }

  /// Padding along one axis.
  private enum AxisPadding {
    case same
    case explicit(before: Int, after: Int)
  }

  /// Size of the output and padding above and to the left, for an image of the size `image`.
  package func positions(_ padding: Padding, over image: Extent) throws(Diagnostic) -> (output: Extent, before: Extent)
  {
    let all = try layout(padding, over: image)
    return (all.output, all.before)
  }

  /// How far windows reach over the edges above and to the left, and below and to the right.
  package func amounts(_ padding: Padding, over image: Extent) throws(Diagnostic) -> (before: Extent, after: Extent) {
    let all = try layout(padding, over: image)
    return (all.before, all.after)
  }

  private func layout(
    _ padding: Padding, over image: Extent
  ) throws(Diagnostic) -> (output: Extent, before: Extent, after: Extent) {
    let (rows, columns): (AxisPadding, AxisPadding) =
      switch padding {
      case .same: (.same, .same)
      case .valid: (.explicit(before: 0, after: 0), .explicit(before: 0, after: 0))
      case .explicit(let before, let after):
        (
          .explicit(before: before.height, after: after.height), .explicit(before: before.width, after: after.width)
        )
      }
    let y = try Self.positions(
      rows, size: image.height, filter: filter.height, stride: stride.height, dilation: dilation.height)
    let x = try Self.positions(
      columns, size: image.width, filter: filter.width, stride: stride.width, dilation: dilation.width)
    return (Extent(y.count, x.count), Extent(y.before, x.before), Extent(y.after, x.after))
  }

  /// The padding of so many taps in the form that says it shortest: converters write SAME as numbers.
  package func padding(before: Extent, after: Extent, over image: Extent) throws(Diagnostic) -> Padding {
    if before.list + after.list == [0, 0, 0, 0] { return .valid }
    let explicit = Padding.explicit(before: before, after: after)
    let same = try layout(.same, over: image)
    let own = try layout(explicit, over: image)
    return same.output == own.output && same.before == before ? .same : explicit
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
    if let amounts = try? ints("padding") {
      guard amounts.count == 4 else {
        throw Diagnostic("attribute.padding", "`padding` must be a name or [top, left, bottom, right]")
      }
      return .explicit(before: Extent(amounts[0], amounts[1]), after: Extent(amounts[2], amounts[3]))
    }
    switch try string("padding") {
    case "same": return .same
    case "valid": return .valid
    case let name: throw Diagnostic("attribute.padding", "unknown padding `\(name)`")
    }
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
