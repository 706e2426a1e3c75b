package import IR
package import Support

/// Float to an integer, or one quantization to another.
///
/// Source: `tensorflow/lite/micro/kernels/quantize_common.cc`, and `AffineQuantize` and `Requantize` in
/// `tensorflow/lite/kernels/internal/reference`.
package struct Quantize: UnaryOperator {
  package static let mnemonic = "quantize"
  /// Whether a float between two integers becomes the even one, as in ONNX, and not the one farther from 0.
  package let roundsToEven: Bool

  package init(roundsToEven: Bool = false) { self.roundsToEven = roundsToEven }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    roundsToEven = attributes.has("ties_to_even") ? try attributes.bool("ties_to_even") : false
  }

  package var attributes: Attributes { Attributes(roundsToEven ? [("ties_to_even", .bool(true))] : []) }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.float32, .int8, .uint8, .int16, .int32])
    let targets: [ElementType] =
      switch inputs[0].type.element {
      case .int8: [.int8, .uint8, .int16, .int32]
      case .int16: [.int8, .int16, .int32]
      case .float32: [.int8, .uint8, .int16]
      case .uint8: [.int8, .uint8]
      default: [.int8, .int16]
      }
    try require(outputs[0], "output for an input of \(inputs[0].type.element.rawValue)", is: targets)
    _ = try outputs[0].affine("the output")
    if inputs[0].type.element != .float32 { _ = try scale(inputs[0].type, outputs[0]) }
  }

  func scale(_ input: TensorType, _ output: TensorType) throws(Diagnostic) -> Requantization {
    try Requantization(
      scale: Double(try input.affine("the input").scale) / Double(try output.affine("the output").scale))
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (outputScale, outputZeroPoint) = try outputs[0].affine("the output")
    guard let range = outputs[0].element.range else { throw failure("type", "the output is no integer") }
    switch inputs[0].elements {
    case .floats(let values):
      let quantized = values.map { (value: Float) -> Int32 in
        let steps = (value / outputScale).rounded(roundsToEven ? .toNearestOrEven : .toNearestOrAwayFromZero)
        // The reference's conversion of a float beyond 32 bits is undefined; here it saturates, and no number is 0.
        guard steps.magnitude < 0x1p30 else { return steps < 0 ? range.lowerBound : range.upperBound }
        return steps.isNaN ? outputZeroPoint : range.clamping(Int32(steps) + outputZeroPoint)
      }
      return [Tensor(outputs[0], ints: quantized)]
    case .ints, .wide:
      let values = try inputs[0].ints("the input")
      let zeroPoint = try inputs[0].type.affine("the input").zeroPoint
      let scale = try scale(inputs[0].type, outputs[0])
      let stage = OutputStage(zeroPoint: outputZeroPoint, clamp: range)
      return [Tensor(outputs[0], ints: values.map { stage.apply($0 &- zeroPoint, scale) })]
    }
  }
}

/// A quantized tensor to float, with one scale or one for each slice of an axis.
///
/// Source: `Dequantize` in `tensorflow/lite/kernels/internal/reference/dequantize.h`.
package struct Dequantize: PlainUnaryOperator {
  package static let mnemonic = "dequantize"

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    let running: [ElementType] = [.int8, .uint8, .int16]
    try require(inputs[0].type, "input", is: inputs[0].constant == nil ? running : running + [.int32])
    try require(outputs[0], "output", is: [.float32])
    guard inputs[0].constant == nil else { return }
    _ = try inputs[0].type.affine("the input")
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    [try Self.real(inputs[0]).retyped(outputs[0])]
  }

  /// The real values of a quantized tensor; constants may have scales along an axis.
  package static func real(_ tensor: Tensor) throws(Diagnostic) -> Tensor {
    let shape = tensor.type.shape
    guard let quantization = tensor.type.quantization else {
      throw Diagnostic("quantization.missing", "the input of \(mnemonic) has no scale")
    }
    let axis = quantization.axis ?? 0
    guard quantization.scales.count == 1 || axis < shape.rank && shape[axis] == quantization.scales.count else {
      throw Diagnostic(
        "quantization.count", "\(quantization.scales.count) scales do not suit axis \(axis) of the shape \(shape)")
    }
    let inner = quantization.scales.count == 1 ? shape.elementCount : shape.strides[axis]
    let floats = try tensor.ints("the input").enumerated().map { index, value in
      let slice = index / max(1, inner) % quantization.scales.count
      return Float(Double(quantization.scales[slice]) * Double(Int64(value) - Int64(quantization.zeroPoints[slice])))
    }
    return Tensor(TensorType(.float32, shape), floats: floats)
  }
}
