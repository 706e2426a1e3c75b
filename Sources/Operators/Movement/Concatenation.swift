package import IR
package import Support

/// Tensors of one quantization, one behind the other along `axis`.
///
/// As in TensorFlow Lite Micro, inputs of bytes must have the scale and zero point of the output.
package struct Concatenation: MovementOperator, SourceOperator {
  package static let mnemonic = "concatenation"
  /// Counted from the front.
  package let axis: Int

  package init(axis: Int) { self.axis = axis }
  package init(_ attributes: Attributes) throws(Diagnostic) { axis = try attributes.int("axis") }
  package var attributes: Attributes { Attributes([("axis", .int(axis))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1024)
    var dims = inputs[0].type.shape.dims
    guard axis >= 0, axis < dims.count else {
      throw failure("axis", "there is no axis \(axis) in \(inputs[0].type.shape)")
    }
    for input in inputs.dropFirst() {
      var other = input.type.shape.dims
      guard other.count == dims.count else { throw failure("shape", "the inputs have different numbers of dimensions") }
      dims[axis] += other[axis]
      other[axis] = dims[axis]
      guard other == dims else {
        throw failure(
          "shape", "\(input.type.shape) does not fit the first input \(inputs[0].type.shape) along axis \(axis)")
      }
    }
    return [try Shape(dims)]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement(outputs + inputs.map(\.type))
    let isQuantized = outputs[0].element.isByte || outputs[0].element == .int16
    for (position, input) in inputs.enumerated() {
      guard !isQuantized || input.type.quantization == outputs[0].quantization else {
        throw failure(
          "scale", "input \(position) has another scale or zero point than the output, which the reference refuses")
      }
    }
  }

  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies {
    let strides = outputs[0].strides
    var start = 0
    return inputs.enumerated().map { index, part in
      defer { start += part[axis] * strides[axis] }
      return (
        index, 0,
        StridedCopy(part.dims, sourceStrides: part.strides, targetStart: start, targetStrides: strides)
      )
    }
  }
}

extension Concatenation {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    let isLast = axis == layer.outputs[0].shape.rank - 1
    var start = 0
    return layer.inputs.enumerated().flatMap { input, operand in
      let links = linkEach(operand.type.channelCount, input: input).map {
        ChannelLink(
          input: input, inputChannel: $0.inputChannel, output: 0, outputChannel: start + $0.inputChannel)
      }
      if isLast { start += operand.type.channelCount }
      return links
    }
  }
}
