package import IR
package import Support

/// A border around a tensor: PAD with the output's zero point, PADV2 with a value.
///
/// Source: `tensorflow/lite/micro/kernels/pad_common.cc`.
package struct Pad: MovementOperator, SourceOperator {
  package static let mnemonic = "pad"
  package let before: [Int]
  package let after: [Int]
  /// The quantized value of the border.
  package let value: Int
  /// The value of the border of a float tensor, when it is not `value`.
  package let real: Float?

  package init(before: [Int], after: [Int], value: Int, real: Float? = nil) {
    self.before = before
    self.after = after
    self.value = value
    self.real = real
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    before = try attributes.ints("before")
    after = try attributes.ints("after")
    if let integer = try? attributes.int("value") {
      (value, real) = (integer, nil)
    } else {
      (value, real) = (0, try attributes.float("value"))
    }
  }

  package var attributes: Attributes {
    Attributes([("before", .ints(before)), ("after", .ints(after)), ("value", real.map { .float($0) } ?? .int(value))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard before.count == shape.rank, after.count == shape.rank,
      (before + after).allSatisfy({ (0...Shape.maximumElements).contains($0) })
    else {
      throw failure("padding", "the paddings \(before) and \(after) do not suit the shape \(shape)")
    }
    return [try Shape((0..<shape.rank).map { before[$0] + shape[$0] + after[$0] })]
  }

  /// The border in the output's scale.
  package func quantized(_ outputs: [TensorType]) throws(Diagnostic) -> any SourceOperator {
    let border = Tensor(TensorType(.float32, try Shape([])), floats: [real ?? Float(value)])
    let values = try Quantize().evaluate(
      [border], as: [TensorType(outputs[0].element, try Shape([]), outputs[0].quantization)])
    return Pad(before: before, after: after, value: Int(try values[0].ints("the border")[0]))
  }

  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill? {
    guard let real else { return try .integer(value, outputs[0].element) }
    guard outputs[0].element == .float32 else {
      throw failure("value", "the value \(real) is no \(outputs[0].element.rawValue)")
    }
    return .float(real)
  }

  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies {
    let strides = outputs[0].strides
    let start = zip(before, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let copy = StridedCopy(
      inputs[0].dims, sourceStrides: inputs[0].strides, targetStart: start, targetStrides: strides)
    return [(0, 0, copy)]
  }
}

extension Pad {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    before.last == 0 && after.last == 0 ? linkEach(layer.outputs[0].channelCount) : nil
  }
}
