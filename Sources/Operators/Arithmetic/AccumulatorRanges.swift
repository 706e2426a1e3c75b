import IR
import Support

extension Layer {
  /// The smallest and the largest accumulator of each output channel of a layer with weights in integer normal form,
  /// whatever int8 values the input has.
  func accumulatorRanges() throws(Diagnostic) -> [ClosedRange<Int64>] {
    let weights = try inputs[1].constantInts("the weights")
    let shape = inputs[1].type.shape
    // Those of a matrix product are [units, depth].
    let axis = (op as? any IntegerConvolution).map { type(of: $0).channelAxis } ?? 0
    let stride = shape.strides[axis]
    var low = try inputs[2].constantInts("the bias").map { Int64($0) }
    var high = low
    for (index, weight) in weights.enumerated() {
      let channel = index / stride % shape[axis]
      let (a, b) = (Int64(weight) * -128, Int64(weight) * 127)
      low[channel] += min(a, b)
      high[channel] += max(a, b)
    }
    return zip(low, high).map { $0...$1 }
  }
}
