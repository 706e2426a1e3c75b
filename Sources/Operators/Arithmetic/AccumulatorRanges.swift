import IR
import Support

/// The smallest and the largest accumulator of each output channel, whatever int8 values the input has.
///
/// - Parameters:
///   - bias: one for each channel, which the sums begin with.
///   - channel: the output channel to which the weight at an index belongs.
func accumulatorRanges(weights: [Int32], bias: [Int32], channel: (Int) -> Int) -> [ClosedRange<Int64>] {
  var low = bias.map { Int64($0) }
  var high = low
  for (index, weight) in weights.enumerated() {
    let own = channel(index)
    let (a, b) = (Int64(weight) * -128, Int64(weight) * 127)
    low[own] += min(a, b)
    high[own] += max(a, b)
  }
  return zip(low, high).map { $0...$1 }
}

extension Layer {
  /// The accumulators that each output channel of a layer with weights in integer normal form can have.
  func accumulatorRanges() throws(Diagnostic) -> [ClosedRange<Int64>] {
    let weights = try inputs[1].constantInts("the weights")
    let bias = try inputs[2].constantInts("the bias")
    let count = weights.count / bias.count
    let isDepthwise = op is IntegerDepthwiseConv2D
    return Operators.accumulatorRanges(weights: weights, bias: bias) { isDepthwise ? $0 % bias.count : $0 / count }
  }
}
