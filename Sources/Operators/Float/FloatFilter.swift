import IR
import Support

/// Weights and bias of a float layer, arranged so that all output channels of a group are summed side by side.
///
/// Each channel's products are added in single precision in the order of the taps, and the bias comes last, as in the
/// reference: the sums have the reference's bits.
struct FloatFilter {
  /// [tap, output channel].
  private let weights: [Float]
  private let bias: [Float]?
  private let activation: Activation
  let channels: Int

  /// - Parameters:
  ///   - weights: [output channel, tap].
  init(_ weights: Tensor, channels: Int, bias: Tensor?, _ activation: Activation) throws(Diagnostic) {
    let values = try weights.floats("weights")
    let taps = values.count / channels
    var arranged: [Float] = []
    arranged.reserveCapacity(values.count)
    for tap in 0..<taps { for channel in 0..<channels { arranged.append(values[channel * taps + tap]) } }
    self.weights = arranged
    self.bias = try bias?.floats("bias")
    self.activation = activation
    self.channels = channels
  }

  /// Adds `count` values from `start` on, times the taps from `tap` on, to the sums of the channels in `range`.
  func add(
    _ values: UnsafeBufferPointer<Float>, from start: Int, count: Int, tap: Int, to range: Range<Int>,
    _ sums: UnsafeMutableBufferPointer<Float>
  ) {
    weights.withUnsafeBufferPointer { weights in
      guard let first = weights.baseAddress, let sums = sums.baseAddress else { return }
      for i in 0..<count {
        let value = values[start + i]
        let row = first + (tap + i) * channels
        for channel in range { sums[channel] += value * row[channel] }
      }
    }
  }

  /// The output values for the sums.
  func results(_ sums: UnsafeMutableBufferPointer<Float>, into result: inout [Float]) {
    for channel in 0..<channels {
      result.append(activation.apply(bias.map { sums[channel] + $0[channel] } ?? sums[channel]))
    }
  }
}
