import IR
import Support

/// The filters of a convolution or dense layer in integer normal form, one for each output channel, with what becomes of
/// their sums.
struct FilterBank {
  let outputs: Int
  /// Positions of a filter.
  let taps: Int
  /// Input channels that a filter reads at each tap.
  let depth: Int
  /// Output channels to an input channel of a depthwise convolution; nil when each filter reads all input channels.
  let multiplier: Int?
  let patterns: TapPatterns
  /// What taps outside of the image read.
  let padValue: Int32
  let stage: OutputStage
  private let weightType: TensorType
  private let weights: [Int32]
  private let bias: [Int32]
  private let scales: ScaleTables

  /// - Parameter taps: positions of a filter; the other weights of a filter belong to input channels.
  init(
    _ layer: Layer, taps: Int, multiplier: Int?, patterns: TapPatterns, padValue: Int32, stage: OutputStage
  ) throws(Diagnostic) {
    weightType = layer.inputs[1].type
    weights = try layer.inputs[1].constantInts("the weights")
    bias = try layer.inputs[2].constantInts("the bias")
    scales = try ScaleTables(multipliers: layer.inputs[3].constant, shifts: layer.inputs[4].constant)
    outputs = bias.count
    self.taps = taps
    depth = weights.count / outputs / taps
    self.multiplier = multiplier
    self.patterns = patterns
    self.padValue = padValue
    self.stage = stage
  }

  private func index(_ output: Int, _ tap: Int, _ channel: Int) -> Int {
    multiplier == nil ? (output * taps + tap) * depth + channel : tap * outputs + output
  }

  private func weight(_ output: Int, _ tap: Int, _ channel: Int) -> Int64 {
    Int64(weights[index(output, tap, channel)])
  }

  func reads(_ channel: Int, output: Int) -> Bool { (0..<taps).contains { weight(output, $0, channel) != 0 } }

  /// The smallest and the largest accumulator of an output channel at any position, for input channels in `inputs`.
  func accumulators(_ output: Int, _ inputs: ChannelRanges) -> ClosedRange<Int64> {
    var inside: [ClosedRange<Int64>] = []
    var outside: [Int64] = []
    for tap in 0..<taps {
      var (low, high, sum): (Int64, Int64, Int64) = (0, 0, 0)
      for channel in 0..<depth {
        let weight = weight(output, tap, channel)
        guard weight != 0 else { continue }
        let range = inputs[multiplier.map { output / $0 } ?? channel]
        let ends = (weight * Int64(range.lowerBound), weight * Int64(range.upperBound))
        low += min(ends.0, ends.1)
        high += max(ends.0, ends.1)
        sum += weight
      }
      inside.append(low...high)
      outside.append(sum * Int64(padValue))
    }
    var (lowest, highest) = (Int64.max, Int64.min)
    for pattern in patterns.inside {
      var low = Int64(bias[output])
      var high = low
      for tap in 0..<taps {
        low += pattern[tap] ? inside[tap].lowerBound : outside[tap]
        high += pattern[tap] ? inside[tap].upperBound : outside[tap]
      }
      lowest = min(lowest, low)
      highest = max(highest, high)
    }
    return min(lowest, highest)...highest
  }

  func ranges(_ inputs: ChannelRanges) -> ChannelRanges {
    (0..<outputs).map { stage.values(accumulators($0, inputs), scales[$0]) }
  }

  /// An accumulator with which `output` has the value `constant`; nil when there is none among those that are tried.
  func accumulator(giving constant: Int32, output: Int, _ inputs: ChannelRanges) -> Int32? {
    let candidates = [Int32(exactly: accumulators(output, inputs).lowerBound), 0]
    return candidates.compactMap { $0 }.first { stage.apply($0, scales[output]) == constant }
  }

  /// What an input channel with the value `constant` adds to the sums of `output`, modulo 2^32; nil when that is not the
  /// same at all positions.
  func contribution(of channel: Int, constant: Int32, to output: Int) -> Int32? {
    let all = (0..<taps).reduce(Int64(0)) { $0 + weight(output, $1, channel) } * Int64(padValue)
    let difference = Int64(constant) - Int64(padValue)
    if difference == 0 { return Int32(truncatingIfNeeded: all) }
    var common: Int64?
    for pattern in patterns.inside {
      let inside = (0..<taps).reduce(Int64(0)) { $0 + (pattern[$1] ? weight(output, $1, channel) : 0) }
      guard common == nil || common == inside else { return nil }
      common = inside
    }
    return common.map { Int32(truncatingIfNeeded: all + difference * $0) }
  }

  /// Filter, bias, multiplier and shift of each output channel.
  var parameters: [[Int32]] {
    (0..<outputs).map { output in
      var numbers = [bias[output], scales[output].multiplier, scales[output].markedShift]
      for tap in 0..<taps { numbers += (0..<depth).map { weights[index(output, tap, $0)] } }
      return numbers
    }
  }

  /// The parameters of the filters `kept`, where `filter` gives bias and weights, taps outermost, of an output channel.
  func parameters(
    _ kept: [Int], depth: Int, _ filter: (_ output: Int) throws(Diagnostic) -> (bias: Int32, weights: [Int32])
  ) throws(Diagnostic) -> [Int: Tensor] {
    var biases: [Int32] = []
    var filters: [[Int32]] = []
    for output in kept {
      let (bias, weights) = try filter(output)
      biases.append(bias)
      filters.append(weights)
    }
    var dims = weightType.shape.dims
    var values = filters.flatMap { $0 }
    if multiplier != nil {
      dims[dims.count - 1] = kept.count
      values = (0..<taps).flatMap { tap in filters.map { $0[tap] } }
    } else {
      dims[0] = kept.count
      dims[dims.count - 1] = dims[dims.count - 1] / self.depth * depth
    }
    let own = scales.isPerChannel ? kept : [0]
    return [
      1: Tensor(try plainType(weightType.element, dims), ints: values),
      2: Tensor(try plainType(.int32, [kept.count]), ints: biases),
      3: Tensor(try plainType(.int32, [own.count]), ints: own.map { scales.multipliers[$0] }),
      4: Tensor(try plainType(.int8, [own.count]), ints: own.map { scales.shifts[$0] }),
    ]
  }

  /// Bias and weights of a filter for the input channels `kept`, taps outermost.
  func filter(_ output: Int, keeping kept: [Int]) -> (bias: Int32, weights: [Int32]) {
    (bias[output], (0..<taps).flatMap { tap in kept.map { weights[index(output, tap, $0)] } })
  }

  var mixingWeights: MixingWeights {
    MixingWeights(
      type: weightType, filterPositions: outputs * taps, depth: depth, values: weights)
  }
}
