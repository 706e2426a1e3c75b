package import IR
package import Support

/// Pooling in integer normal form: clamped to a range; taps outside of the image do not count.
package struct IntegerPool2D: SpatialOperator, ClampingOperator {
  package static let mnemonic = "integer.pool_2d"
  package static let kernels: [any Kernel] = [AveragePoolKernel(), MaxPoolKernel()]

  package let kind: PoolKind
  package let filter: Extent
  package let stride: Extent
  package var padBefore: Extent
  package var output: Extent
  package var clamp: ClosedRange<Int32>

  package var attributes: Attributes {
    Attributes([
      ("kind", .string(kind.rawValue)), ("filter", .ints(filter.list)), ("stride", .ints(stride.list)),
      ("pad_before", .ints(padBefore.list)), ("output", .ints(output.list)),
      ("clamp", .ints([Int(clamp.lowerBound), Int(clamp.upperBound)])),
    ])
  }

  package func access(_ layer: Layer, input: Int) -> SpatialAccess? {
    guard layer.outputs[0].element == .int8, let image = layer.inputs[0].type.bytesOfImage,
      let output = layer.outputs[0].bytesOfImage
    else { return nil }
    return SpatialAccess(
      image: image, output: output,
      rows: Reach(stride: stride.height, before: padBefore.height, taps: filter.height),
      columns: Reach(stride: stride.width, before: padBefore.width, taps: filter.width))
  }

  package func stripe(_ stripe: Stripe) -> IntegerPool2D {
    var op = self
    op.padBefore.height = stripe.padTop
    op.output.height = stripe.rows
    return op
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let image = inputs[0].type.shape
    return [try Shape([image[0], output.height, output.width, image[3]])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .int16, .uint8])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let image = inputs[0].type.shape
    let x = try inputs[0].ints("input")
    var result: [Int32] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    for n in 0..<image[0] {
      for oy in 0..<output.height {
        let top = oy * stride.height - padBefore.height
        let rows = max(0, top)..<min(image[1], top + filter.height)
        for ox in 0..<output.width {
          let left = ox * stride.width - padBefore.width
          let columns = max(0, left)..<min(image[2], left + filter.width)
          for c in 0..<image[3] {
            var sum: Int32 = 0
            var maximum = Int32.min
            for y in rows {
              for xx in columns {
                let value = x[((n * image[1] + y) * image[2] + xx) * image[3] + c]
                sum += value
                maximum = max(maximum, value)
              }
            }
            let count = Int32(rows.count * columns.count)
            let average = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count
            result.append(clamp.clamping(kind == .average ? average : maximum))
          }
        }
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }
}

extension IntegerPool2D: ChannelOperator {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? { linkEach(layer.outputs[0].channelCount) }

  /// Neither the largest of some values nor their rounded mean leaves the values' range.
  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    [inputs[0].map { clamp.clamping($0.lowerBound)...clamp.clamping($0.upperBound) }]
  }
}
