package import IR
package import Support

/// How the accumulators of a convolution or dense layer become output values.
package struct AccumulatorScales: Sendable {
  /// One for each output channel.
  package let perChannel: [Requantization]

  /// Ratios input scale × weight scale / output scale.
  ///
  /// FULLY_CONNECTED with one weight scale follows the rule of the convolutions in the reference build of TensorFlow Lite
  /// Micro, as the recorded vectors of `Tests/Fixtures/operators/fully_connected_multiplier_bits` show.
  package init(
    input: TensorType, weights: TensorType, output: TensorType, channels: Int, channelAxis: Int,
    _ arithmetic: Requantization.Arithmetic = .fixedPoint
  ) throws(Diagnostic) {
    let inputScale = try input.affine("the input").scale
    let outputScale = try output.affine("the output").scale
    guard let quantization = weights.quantization else {
      throw Diagnostic("quantization.missing", "the weights have no scale")
    }
    guard arithmetic == .singlePrecision || quantization.zeroPoints.allSatisfy({ $0 == 0 }) else {
      throw Diagnostic(
        "quantization.zero-point", "the weights must be symmetric: a zero point other than 0 is not supported")
    }
    guard quantization.scales.count == 1 || quantization.scales.count == channels && quantization.axis == channelAxis
    else {
      throw Diagnostic(
        "quantization.count",
        "the weights have \(quantization.scales.count) scales along axis "
          + "\(quantization.axis ?? 0), but 1 or \(channels) along axis \(channelAxis) are needed")
    }
    var perChannel: [Requantization] = []
    for channel in 0..<channels {
      let scale = quantization.scales.count == 1 ? quantization.scales[0] : quantization.scales[channel]
      perChannel.append(
        try Requantization(input: inputScale, weights: scale, output: outputScale, arithmetic))
    }
    self.perChannel = perChannel
  }

  /// The multipliers and shifts as constants: one of each when all channels have the same.
  package func constants() throws(Diagnostic) -> [FoldedOperator.Input] {
    let kept = perChannel.allSatisfy { $0 == perChannel.first } ? Array(perChannel.prefix(1)) : perChannel
    return [
      .constant(Tensor(try plainType(.int32, [kept.count]), ints: kept.map(\.multiplier)), "multiplier"),
      .constant(Tensor(try plainType(.int8, [kept.count]), ints: kept.map(\.markedShift)), "shift"),
    ]
  }
}

/// The constants with which an integer operator turns accumulators into output values.
package struct OutputStage: Equatable, Sendable {
  package var zeroPoint: Int32
  package var clamp: ClosedRange<Int32>

  package init(zeroPoint: Int32, clamp: ClosedRange<Int32>) {
    self.zeroPoint = zeroPoint
    self.clamp = clamp
  }

  /// The output value for an accumulator.
  package func apply(_ accumulator: Int32, _ scale: Requantization) -> Int32 {
    clamp.clamping(scale.apply(accumulator) &+ zeroPoint)
  }

  package var attributes: [(name: String, value: Attributes.Value)] {
    [
      ("output_zero_point", .int(Int(zeroPoint))),
      ("clamp", .ints([Int(clamp.lowerBound), Int(clamp.upperBound)])),
    ]
  }
}

/// The requantization constants among the inputs of an integer operator, decoded.
package struct ScaleTables: Sendable {
  package let multipliers: [Int32]
  package let shifts: [Int32]

  package init(multipliers: Tensor?, shifts: Tensor?) throws(Diagnostic) {
    guard let multipliers, let shifts else { throw Diagnostic("operator.constant", "the scales must be constant") }
    self.multipliers = try multipliers.ints("the multipliers")
    self.shifts = try shifts.ints("the shifts")
    guard self.multipliers.count == self.shifts.count, !self.multipliers.isEmpty else {
      throw Diagnostic("operator.constant", "there must be as many shifts as multipliers")
    }
  }

  /// One factor, or one for each channel.
  package init(_ factors: [Requantization]) {
    multipliers = factors.map(\.multiplier)
    shifts = factors.map { Int32($0.shift) }
  }

  package var isPerChannel: Bool { multipliers.count > 1 }

  package subscript(_ channel: Int) -> Requantization {
    let index = isPerChannel ? channel : 0
    return Requantization(multiplier: multipliers[index], markedShift: shifts[index])
  }
}

extension Operand {
  /// The integers of a constant operand; fails when it is not constant.
  package func constantInts(_ role: String) throws(Diagnostic) -> [Int32] {
    guard let constant else { throw Diagnostic("operator.constant", "\(role) must be constant") }
    return try constant.ints(role)
  }
}

/// The bias of an operator after folding: the file's bias minus input zero point × sum of the channel's weights.
///
/// Sums wrap modulo 2^32, as the reference's accumulators do.
///
/// - Parameter channelOf: the output channel to which the weight at an index belongs.
func foldedBias(
  _ bias: [Int32]?, weights: [Int32], channels: Int, inputZeroPoint: Int32, channelOf: (Int) -> Int
) throws(Diagnostic) -> FoldedOperator.Input {
  var folded = bias ?? [Int32](repeating: 0, count: channels)
  for (index, weight) in weights.enumerated() { folded[channelOf(index)] &-= inputZeroPoint &* weight }
  return .constant(Tensor(try plainType(.int32, [channels]), ints: folded), "bias")
}
