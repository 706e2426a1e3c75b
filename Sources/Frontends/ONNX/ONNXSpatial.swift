import IR
import Operators
import Support

// Images in ONNX have the axes batch, channel, height, width (or batch, channel, length); operators of the graph want the
// channels last. Each operator gets transpositions around it, which the pass `PushTransposes` removes between operators.

extension ONNXCall {
  static let toChannelsLast = [0, 2, 3, 1]
  static let toChannelsFirst = [0, 3, 1, 2]

  /// How an operator's window moves over an image, along height and width.
  struct Geometry {
    let filter: Extent
    let stride: Extent
    let dilation: Extent
    let padding: Padding
    /// Whether windows count that begin inside, but end outside of the padded image.
    let isCeiled: Bool
  }

  /// The image `id` with its channels last: [N,C,L] is an image of height 1.
  mutating func channelsLast(_ id: TensorID) throws(Diagnostic) -> TensorID {
    var (id, dims) = (id, graph[id].type.shape.dims)
    guard dims.count == 3 || dims.count == 4 else {
      throw failure(
        "rank", "an input of the shape \(graph[id].type.shape) is not supported, only [N,C,L] and [N,C,H,W] are")
    }
    if dims.count == 3 {
      dims.insert(1, at: 2)
      id = try move(Reshape(shape: dims), id)
    }
    return try move(Transpose(permutation: Self.toChannelsLast), id)
  }

  /// The image `id` with its channels first, and with `rank` dimensions.
  mutating func channelsFirst(_ id: TensorID, rank: Int) throws(Diagnostic) -> TensorID {
    let image = try move(Transpose(permutation: Self.toChannelsFirst), id)
    guard rank == 3 else { return image }
    let dims = graph[image].type.shape.dims
    return try move(Reshape(shape: [dims[0], dims[1], dims[3]]), image)
  }

  /// A list with one number for each spatial axis as height and width.
  private func extent(_ list: [Int]?, _ role: String, default value: Int, axes: Int) throws(Diagnostic) -> Extent {
    let list = list ?? [Int](repeating: value, count: axes)
    guard list.count == axes else { throw failure("attribute", "`\(role)` has \(list.count) values for \(axes) axes") }
    return axes == 1 ? Extent(1, list[0]) : Extent(list[0], list[1])
  }

  /// The attributes of a windowed operator.
  ///
  /// - Parameters:
  ///   - image: shape of the input, with the channels first.
  ///   - filter: what stands in for a missing `kernel_shape`.
  func geometry(_ image: Shape, filter: [Int]? = nil) throws(Diagnostic) -> Geometry {
    let axes = image.rank - 2
    guard axes == 1 || axes == 2 else {
      throw failure("rank", "an input of the shape \(image) is not supported, only [N,C,L] and [N,C,H,W] are")
    }
    let own = try ints("kernel_shape")
    if let own, let filter, own != filter {
      throw failure("attribute", "`kernel_shape` is \(own), but the weights have \(filter)")
    }
    guard let kernel = own ?? filter else { throw failure("attribute", "`kernel_shape` is missing") }
    let size = try extent(kernel, "kernel_shape", default: 1, axes: axes)
    let stride = try extent(try ints("strides"), "strides", default: 1, axes: axes)
    let dilation = try extent(try ints("dilations"), "dilations", default: 1, axes: axes)
    let isCeiled = try int("ceil_mode", default: 0) != 0
    let padding: Padding
    let window = try Window(filter: size, stride: stride, dilation: dilation)
    let extent = axes == 1 ? Extent(1, image[2]) : Extent(image[2], image[3])
    switch try string("auto_pad", default: "NOTSET") {
    case "VALID": padding = .valid
    case "SAME_UPPER": padding = .same
    case "SAME_LOWER":
      let (before, after) = try window.amounts(.same, over: extent)
      padding = .explicit(before: after, after: before)
    case "NOTSET", "":
      let pads = try ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
      guard pads.count == 2 * axes, pads.allSatisfy({ (0...65_535).contains($0) }) else {
        throw failure("attribute", "the padding \(pads) is not supported")
      }
      let before = axes == 1 ? Extent(0, pads[0]) : Extent(pads[0], pads[1])
      let after = axes == 1 ? Extent(0, pads[1]) : Extent(pads[2], pads[3])
      padding = try window.padding(before: before, after: after, over: extent)
    case let mode: throw failure("attribute", "the padding `\(mode)` is not supported")
    }
    return Geometry(filter: size, stride: stride, dilation: dilation, padding: padding, isCeiled: isCeiled)
  }
}
