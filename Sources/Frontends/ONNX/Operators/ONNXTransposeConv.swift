import IR
import Operators
import Support

/// Transposed convolutions.
extension ONNXCall {
  static let transposed: [String: Builder] = [
    "ConvTranspose": { (call) throws(Diagnostic) in [.tensor(try call.transposedConvolution(), .float32)] }
  ]

  /// Each group is a layer.
  private static let maximumGroups = 1024

  /// How a transposed convolution places its windows along height and width.
  private struct Upscaling {
    let stride: Extent
    let dilation: Extent
    /// What is cut off; negative where something is added.
    let before: [Int]
    let output: Extent
  }

  /// The attributes, for weights with a filter of `filter`.
  private func upscaling(_ image: Shape, _ filter: [Int]) throws(Diagnostic) -> Upscaling {
    let axes = image.rank - 2
    let strides = try ints("strides") ?? [Int](repeating: 1, count: axes)
    let dilations = try ints("dilations") ?? [Int](repeating: 1, count: axes)
    let extra = try ints("output_padding") ?? [Int](repeating: 0, count: axes)
    var pads = try ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    let mode = try string("auto_pad", default: "NOTSET")
    var targets = try ints("output_shape") ?? []
    if targets.count == image.rank { targets = Array(targets[2...]) }
    if mode == "VALID" { pads = [Int](repeating: 0, count: 2 * axes) }
    guard strides.count == axes, dilations.count == axes, extra.count == axes, pads.count == 2 * axes,
      targets.isEmpty || targets.count == axes,
      (strides + dilations + filter).allSatisfy({ (1...65_535).contains($0) }),
      (pads + extra + targets).allSatisfy({ (0...65_535).contains($0) })
    else { throw failure("attribute", "the attributes do not suit an input of the shape \(image)") }
    var (before, sizes): ([Int], [Int]) = ([], [])
    for axis in 0..<axes {
      let whole = strides[axis] * (image[axis + 2] - 1) + extra[axis] + (filter[axis] - 1) * dilations[axis] + 1
      let isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER"
      guard isSame || !targets.isEmpty else {
        before.append(pads[axis])
        sizes.append(whole - pads[axis] - pads[axes + axis])
        continue
      }
      let target = targets.isEmpty ? image[axis + 2] * strides[axis] : targets[axis]
      let total = whole - target
      let half = Int((Double(total) / 2).rounded(.down))
      before.append(mode == "SAME_UPPER" ? half : total - half)
      sizes.append(target)
    }
    guard sizes.allSatisfy({ $0 > 0 }) else { throw failure("attribute", "the output is empty") }
    func extent(_ list: [Int], _ missing: Int) -> Extent {
      axes == 1 ? Extent(missing, list[0]) : Extent(list[0], list[1])
    }
    return Upscaling(
      stride: extent(strides, 1), dilation: extent(dilations, 1), before: axes == 1 ? [0] + before : before,
      output: extent(sizes, 1))
  }

  /// Weights [channels, filters of a group, height, width], or without a height.
  private mutating func transposedConvolution() throws(Diagnostic) -> TensorID {
    let x = try float(0)
    let image = graph[x].type.shape
    let weights = try constant(1, "the weights")
    guard image.rank == 3 || image.rank == 4, weights.shape.rank == image.rank else {
      throw failure("rank", "an input of the shape \(image) is not supported, only [N,C,L] and [N,C,H,W] are")
    }
    let groups = try int("group", default: 1)
    guard (1...Self.maximumGroups).contains(groups), image[1] % groups == 0, image[1] == weights.shape[0] else {
      throw failure(
        "channels", "weights of the shape \(weights.shape) in \(groups) groups do not suit the input \(image)")
    }
    let rule = try upscaling(image, Array(weights.shape.dims[2...]))
    let bias = has(2) ? try constant(2, "the bias") : nil
    let filters = weights.shape[1]
    guard bias == nil || bias?.shape.elementCount == filters * groups else {
      throw failure("bias", "the bias does not suit \(filters * groups) filters")
    }
    let whole = try channelsLast(x)
    let filter = try weights.withHeight().spread(rule.dilation)
    let channels = image[1] / groups
    var parts = [whole]
    if groups > 1 { parts = try emitAll(Split(axis: 3, count: groups), [whole], .float32) }
    var results: [TensorID] = []
    for (group, part) in parts.enumerated() {
      // [filters, height, width, channels]
      let own = groups == 1 ? filter : try filter.sliced(axis: 0, group * channels..<(group + 1) * channels)
      let kernel = try parameter(try own.transposed([1, 2, 3, 0]), "weights")
      var operands = [part, kernel]
      if let bias {
        let own = groups == 1 ? bias : try bias.sliced(axis: 0, group * filters..<(group + 1) * filters)
        operands.append(try parameter(try own.flattened(), "bias"))
      }
      results.append(try upscaled(operands, rule))
    }
    let result =
      results.count == 1 ? results[0] : try emit(Concatenation(axis: 3), results, .float32)
    return try channelsFirst(result, rank: image.rank)
  }

  private mutating func upscaled(_ operands: [TensorID], _ rule: Upscaling) throws(Diagnostic) -> TensorID {
    // Where something is added before, the operator leaves it to a border.
    let extra = rule.before.map { max(0, -$0) }
    let before = Extent(max(0, rule.before[0]), max(0, rule.before[1]))
    let output = Extent(rule.output.height - extra[0], rule.output.width - extra[1])
    guard extra.allSatisfy({ $0 == 0 }) || operands.count == 2 else {
      throw failure("attribute", "an output with a border before what the filters reach is not supported with a bias")
    }
    let filter = graph[operands[1]].type.shape
    let image = graph[operands[0]].type.shape
    func after(_ output: Int, _ before: Int, _ stride: Int, _ size: Int, _ filter: Int) -> Int {
      max(0, (size - 1) * stride + filter - output - before)
    }
    let padding = Padding.explicit(
      before: before,
      after: Extent(
        after(output.height, before.height, rule.stride.height, image[1], filter[1]),
        after(output.width, before.width, rule.stride.width, image[2], filter[2])))
    let op = TransposeConv(stride: rule.stride, padding: padding, activation: .none, output: output)
    let result = try emit(op, operands, .float32)
    guard extra.contains(where: { $0 > 0 }) else { return result }
    return try move(Pad(before: [0] + extra + [0], after: [0, 0, 0, 0], value: 0), result)
  }
}

extension ONNXConstant {
  /// The slices of an axis in a range.
  func sliced(axis: Int, _ range: Range<Int>) throws(Diagnostic) -> ONNXConstant {
    var dims = shape.dims
    dims[axis] = range.count
    let target = try Shape(dims)
    let positions = target.positions(in: shape) { $0 == axis ? $1 + range.lowerBound : $1 }
    var result = gathered(positions, target)
    if var quantized {
      quantized.ints = positions.map { quantized.ints[$0] }
      if quantized.scales.count > 1, quantized.axis == axis { quantized.scales = Array(quantized.scales[range]) }
      result.quantized = quantized
    }
    return result
  }

  /// Filters [channels, filters, height, width] with zeros between their taps.
  fileprivate func spread(_ dilation: Extent) throws(Diagnostic) -> ONNXConstant {
    guard dilation != Extent(1, 1) else { return self }
    let target = try Shape([
      shape[0], shape[1], (shape[2] - 1) * dilation.height + 1, (shape[3] - 1) * dilation.width + 1,
    ])
    var result = ONNXConstant(
      element, target, .floats([Float](repeating: 0, count: target.elementCount)), quantized: quantized)
    var floats = [Float](repeating: 0, count: target.elementCount)
    var ints = [Int32](repeating: 0, count: target.elementCount)
    for (index, value) in try self.floats("the weights").enumerated() {
      let (x, y) = (index % shape[3], index / shape[3] % shape[2])
      let place = (index / shape.strides[1]) * target.strides[1] + y * dilation.height * target[3] + x * dilation.width
      floats[place] = value
      if let quantized { ints[place] = quantized.ints[index] }
    }
    result.values = .floats(floats)
    result.quantized?.ints = ints
    return result
  }
}
