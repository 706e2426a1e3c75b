package import IR
package import Support

/// Root of the mean square over a sliding window of each channel, of floats. No integers, as in the reference.
///
/// Source: `L2Pool` in `tensorflow/lite/kernels/internal/reference/pooling.h`.
package struct L2Pool2D: SourceOperator {
  package static let mnemonic = "l2_pool_2d"
  package let filter: Extent
  package let stride: Extent
  package let padding: Padding
  package let activation: Activation

  package init(filter: Extent, stride: Extent, padding: Padding, activation: Activation) {
    self.filter = filter
    self.stride = stride
    self.padding = padding
    self.activation = activation
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    filter = try attributes.extent("filter")
    stride = try attributes.extent("stride")
    padding = try attributes.padding()
    activation = try attributes.activation()
  }

  package var attributes: Attributes {
    Attributes([
      ("filter", .ints(filter.list)), ("stride", .ints(stride.list)), ("padding", padding.value),
      ("activation", .string(activation.rawValue)),
    ])
  }

  private func positions(_ image: Shape) throws(Diagnostic) -> (output: Extent, before: Extent) {
    try Window(filter: filter, stride: stride, dilation: Extent(1, 1)).positions(
      padding, over: Extent(image[1], image[2]))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    try requireImage(inputs[0].type, "input")
    let image = inputs[0].type.shape
    let output = try positions(image).output
    return [try Shape([image[0], output.height, output.width, image[3]])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in [inputs[0].type, outputs[0]] {
      guard type.element == .float32 else {
        throw failure("type", "\(type.element.rawValue) is not supported: only float32 is, as in the reference")
      }
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let image = inputs[0].type.shape
    let strides = image.strides
    let values = try inputs[0].floats("input")
    let (output, before) = try positions(image)
    var result: [Float] = []
    for batch in 0..<image[0] {
      for y in 0..<output.height {
        let top = y * stride.height - before.height
        let rows = max(0, top)..<min(image[1], top + filter.height)
        for x in 0..<output.width {
          let left = x * stride.width - before.width
          let columns = max(0, left)..<min(image[2], left + filter.width)
          for channel in 0..<image[3] {
            var sum: Float = 0
            for row in rows {
              for column in columns {
                let value = values[batch * strides[0] + row * strides[1] + column * strides[2] + channel]
                sum += value * value
              }
            }
            result.append(activation.clamping((sum / Float(rows.count * columns.count)).squareRoot()))
          }
        }
      }
    }
    return [Tensor(outputs[0], floats: result)]
  }
}
