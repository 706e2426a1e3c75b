package import IR
package import Support

/// The same elements under another shape: RESHAPE, SQUEEZE and EXPAND_DIMS.
package struct Reshape: SourceOperator {
  package static let mnemonic = "reshape"
  package var quantizationRule: QuantizationRule { .shared }
  package static let kernels: [any Kernel] = [CopyKernel()]
  package let shape: [Int]

  package init(shape: [Int]) { self.shape = shape }
  package init(_ attributes: Attributes) throws(Diagnostic) { shape = try attributes.ints("shape") }
  package var attributes: Attributes { Attributes([("shape", .ints(shape))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let output = try Shape(shape)
    guard output.elementCount == inputs[0].type.shape.elementCount else {
      throw failure("shape", "\(inputs[0].type.shape) can't become \(output): the numbers of elements differ")
    }
    return [output]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement([inputs[0].type, outputs[0]])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    [inputs[0].retyped(outputs[0])]
  }
}

extension Reshape: ChannelOperator {
  /// Whole groups of channels move from one position to several (or several to one) when one number of channels divides the
  /// other.
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    let (old, new) = (layer.inputs[0].type.channelCount, layer.outputs[0].channelCount)
    guard !shape.isEmpty, max(old, new) % min(old, new) == 0 else { return nil }
    return (0..<max(old, new)).map {
      ChannelLink(input: 0, inputChannel: $0 % old, output: 0, outputChannel: $0 % new)
    }
  }

  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    movedRanges(layer, inputs)
  }

  /// The same channel of an input stands at several places of the output.
  package func channelParameters(_ layer: Layer, output: Int) throws(Diagnostic) -> [[Int32]] {
    let old = layer.inputs[0].type.channelCount
    return (0..<layer.outputs[0].channelCount).map { [Int32(truncatingIfNeeded: $0 / old)] }
  }

  package func narrowed(_ channels: LayerChannels) throws(Diagnostic) -> NarrowedLayer {
    NarrowedLayer(Reshape(shape: shape.dropLast() + [channels.outputs[0].kept.count]))
  }
}
