import IR
import Support

/// What a pooling computes over its window.
package enum PoolKind: String, Sendable {
  case average, max
}

/// Average or maximum over a sliding window of each channel; input and output have the same quantization.
///
/// Source: `tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h`.
protocol Pool2D: QuantizedOperator, ActivatedOperator {
  static var kind: PoolKind { get }
  var filter: Extent { get }
  var stride: Extent { get }
  var padding: Padding { get }
  init(filter: Extent, stride: Extent, padding: Padding, activation: Activation)
}

extension Pool2D {
  package var quantizationRule: QuantizationRule { .shared }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    self.init(
      filter: try attributes.extent("filter"), stride: try attributes.extent("stride"),
      padding: try attributes.padding(), activation: try attributes.activation())
  }

  package var attributes: Attributes {
    Attributes([
      ("filter", .ints(filter.list)), ("stride", .ints(stride.list)), ("padding", padding.value),
      ("activation", .string(activation.rawValue)),
    ])
  }

  func positions(_ image: Shape) throws(Diagnostic) -> (output: Extent, before: Extent) {
    try Window(filter: filter, stride: stride, dilation: Extent(1, 1)).positions(
      padding, over: Extent(image[1], image[2]))
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    try requireImage(inputs[0].type, "input")
    let image = inputs[0].type.shape
    // The sum of a window must fit into 32 bits with room for the rounding.
    let bits = inputs[0].type.element == .int16 ? 15 : 23
    guard min(filter.height, image[1]) * min(filter.width, image[2]) <= 1 << bits else {
      throw failure("filter", "a window of more than 2^\(bits) pixels is not supported")
    }
    let output = try positions(image).output
    return [try Shape([image[0], output.height, output.width, image[3]])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    try require(inputs[0].type, "input", is: Self.kind == .average ? [.int8, .int16, .uint8] : [.int8, .int16])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    let (input, output) = (try inputs[0].type.affine("the input"), try outputs[0].affine("the output"))
    guard (input.scale - output.scale).magnitude <= 1e-6, input.zeroPoint == output.zeroPoint else {
      throw failure("scale", "input and output must have the same scale and zero point, as the reference demands")
    }
    _ = try activation.clamp(outputs[0])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    return try folded(inputs.map { Operand($0.type) }, outputs).op.evaluate(inputs, as: outputs)
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let positions = try positions(inputs[0].type.shape)
    let op = IntegerPool2D(
      kind: Self.kind, filter: filter, stride: stride, padBefore: positions.before, output: positions.output,
      clamp: try activation.clamp(outputs[0]))
    return FoldedOperator(op, [.input(0)])
  }
}

/// AVERAGE_POOL_2D: the mean of the window's values inside of the image, rounded half away from zero; that of uint8 values is
/// no int8 one, so that these are taken too.
package struct AveragePool2D: Pool2D {
  package static let mnemonic = "average_pool_2d"
  package static let kind = PoolKind.average
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
}

/// MAX_POOL_2D: the largest of the window's values inside of the image.
package struct MaxPool2D: Pool2D {
  package static let mnemonic = "max_pool_2d"
  package static let kind = PoolKind.max
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
}
