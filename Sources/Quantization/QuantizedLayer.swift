import IR
import Operators
import Support

/// The constants of a layer with integer weights: symmetric weights with one scale, or one for each output channel, and a bias
/// in the scale input × weights.
///
/// Source: the TensorFlow Lite 8-bit quantization specification.
struct QuantizedLayer {
  let weights: Tensor
  let bias: Tensor?

  /// - Parameters:
  ///   - weights: float, with the output channels along `axis`; nil for one scale. Their quantization, when they have one, tells
  ///     the scales of which they are multiples; the scales are kept unless a bias does not fit them.
  ///   - bias: float, with the output channels along the first axis.
  ///   - element: the integers' type; their magnitude is at most `largest`.
  ///   - hasWideSums: whether sums and bias have 64 bits, as with activations of 16.
  init(
    weights: Tensor, axis: Int?, bias: Tensor?, inputScale: Float, outputScale: Float, element: ElementType = .int8,
    largest limit: Int32 = 127, hasWideSums: Bool = false
  ) throws(Diagnostic) {
    let values = try weights.floats("the weights")
    let biases = try bias?.floats("the bias")
    guard (values + (biases ?? [])).allSatisfy(\.isFinite) else {
      throw Diagnostic("quantize.weights", "the weights or the bias hold a value that is no finite number")
    }
    let shape = weights.type.shape
    let (channels, inner) = axis.map { (shape[$0], shape.strides[$0]) } ?? (1, shape.elementCount)
    var largest = [Float](repeating: 0, count: channels)
    for (index, value) in values.enumerated() {
      let channel = index / inner % channels
      largest[channel] = max(largest[channel], value.magnitude)
    }
    let given = weights.type.quantization?.scales ?? []
    // A grid with more integers than int8 has is one of 16 bits.
    let isShort =
      hasWideSums
      && (0..<channels).contains {
        !given.isEmpty && Double(largest[$0]) / Double(given[given.count == 1 ? 0 : $0]) > Double(limit) + 0.5
      }
    let (element, limit) = isShort ? (.int16, 32767) : (element, limit)
    var scales: [Float] = []
    let biasesOfChannel = (biases?.count ?? 0) / max(1, channels)
    for channel in 0..<channels {
      let ownBiases = (0..<biasesOfChannel).map { biases?[channel * biasesOfChannel + $0].magnitude ?? 0 }
      // The bias must stay far inside of 32 bits, or inside of 2⁴⁶, and the ratio of scales must not vanish.
      let forBias = Double(ownBiases.max() ?? 0) / (Double(inputScale) * (hasWideSums ? 0x1p44 : 0x1p30))
      let forRatio = Double(outputScale) / Double(inputScale) * 0x1p-24
      let own = given.isEmpty ? Double(largest[channel]) / Double(limit) : Double(given[given.count == 1 ? 0 : channel])
      let scale = Float(max(own, forBias, forRatio))
      guard scale.isFinite, scale > 0 else {
        throw Diagnostic("quantize.weights", "no scale suits the weights of channel \(channel)")
      }
      scales.append(scale)
    }
    let steps = values.enumerated().map { index, value in
      let step = (Double(value) / Double(scales[index / inner % channels])).rounded()
      return Int32(max(-Double(limit), min(Double(limit), step)))
    }
    // One scale for all channels, where the weights came with one, is kept as one.
    if given.count == 1, scales.allSatisfy({ $0 == scales[0] }) { scales = [scales[0]] }
    let (axis, zeros) = (scales.count == 1 ? nil : axis, [Int32](repeating: 0, count: scales.count))
    self.weights = Tensor(
      TensorType(element, shape, try Quantization(scales: scales, zeroPoints: zeros, axis: axis)), ints: steps)
    guard let biases, let bias else {
      self.bias = nil
      return
    }
    let biasScales = scales.map { Float(Double(inputScale) * Double($0)) }
    guard biasScales.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw Diagnostic("quantize.bias", "the scale of the bias is out of range")
    }
    let biasType = TensorType(
      hasWideSums ? .int64 : .int32, bias.type.shape,
      try Quantization(scales: biasScales, zeroPoints: zeros, axis: 0))
    self.bias =
      hasWideSums
      ? Tensor(
        biasType,
        wide: Self.wholeBiases(biases, inputScale, scales).map { Int64(max(-0x1p45, min(0x1p45, $0))) })
      : Tensor(biasType, ints: Self.biasSteps(biases, inputScale: inputScale, weightScales: scales))
  }

  /// The biases in the scale input × weights; those that do not fit into 32 bits saturate.
  static func biasSteps(_ biases: [Float], inputScale: Float, weightScales: [Float]) -> [Int32] {
    wholeBiases(biases, inputScale, weightScales).map { Int32(max(-0x1p31, min(0x1p31 - 1, $0))) }
  }

  /// The biases in the scale input × weights, however large.
  private static func wholeBiases(_ biases: [Float], _ inputScale: Float, _ weightScales: [Float]) -> [Double] {
    biases.enumerated().map { index, bias in
      let channel = min(weightScales.count - 1, index / max(1, biases.count / weightScales.count))
      let scale = Double(inputScale) * Double(weightScales[channel])
      let steps = (Double(bias) / scale).rounded()
      return steps.isNaN ? 0 : steps
    }
  }
}
