package import IR
package import Support

/// Channels are the positions along the last axis of a tensor. This is what removing some of them needs to know of a
/// layer: which channels belong together, what values they can have, and which of them are really read.

/// The smallest and the largest value of each channel of a tensor.
package typealias ChannelRanges = [ClosedRange<Int32>]

/// An output channel that is computed from an input channel: both stay or both go.
package struct ChannelLink: Equatable, Sendable {
  package let input: Int
  package let inputChannel: Int
  package let output: Int
  package let outputChannel: Int

  package init(input: Int, inputChannel: Int, output: Int, outputChannel: Int) {
    self.input = input
    self.inputChannel = inputChannel
    self.output = output
    self.outputChannel = outputChannel
  }
}

/// A channel as it is known while channels are removed.
package struct Channel: Equatable, Sendable {
  /// The values that it can have.
  package let range: ClosedRange<Int32>
  package let isKept: Bool

  package init(range: ClosedRange<Int32>, isKept: Bool) {
    self.range = range
    self.isKept = isKept
  }

  /// Its value, when that is the same for every input of the network and at every position.
  package var constant: Int32? { range.count == 1 ? range.lowerBound : nil }
}

/// A layer with the channels of its data inputs and of its outputs.
package struct LayerChannels: Sendable {
  package let layer: Layer
  package let inputs: [[Channel]]
  package let outputs: [[Channel]]

  package init(_ layer: Layer, inputs: [[Channel]], outputs: [[Channel]]) {
    self.layer = layer
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// What is left of a layer when channels of its tensors are removed.
package struct NarrowedLayer: Sendable {
  package let op: any Operator
  /// Other values for parameters, by position among the layer's inputs.
  package let parameters: [Int: Tensor]

  package init(_ op: any Operator, parameters: [Int: Tensor] = [:]) {
    self.op = op
    self.parameters = parameters
  }
}

/// An operator in integer normal form from whose tensors channels can be removed.
package protocol ChannelOperator: EmittableOperator {
  /// Which output channel is computed from which input channels, when the layer works channel by channel; none when every
  /// output channel may read every input channel; nil when channels can't be told apart, so that all of them stay.
  func channelLinks(_ layer: Layer) -> [ChannelLink]?

  /// The values that the channels of the outputs can have, when those of the data inputs have values in `inputs`.
  func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges]

  /// Numbers for each channel of an output. Channels with the same numbers that are linked to equal input channels are
  /// equal at every position.
  func channelParameters(_ layer: Layer, output: Int) throws(Diagnostic) -> [[Int32]]

  /// For each data input the channels that can't be removed as long as the kept outputs stay, beside those that are linked
  /// to them.
  func channelsRead(_ channels: LayerChannels) throws(Diagnostic) -> [[Bool]]

  /// The layer with only the kept channels: for every input of the network, the kept channels of its outputs have the
  /// values that they had.
  func narrowed(_ channels: LayerChannels) throws(Diagnostic) -> NarrowedLayer
}

extension ChannelOperator {
  package func channelParameters(_ layer: Layer, output: Int) throws(Diagnostic) -> [[Int32]] {
    [[Int32]](repeating: [], count: layer.outputs[output].channelCount)
  }

  package func channelsRead(_ channels: LayerChannels) throws(Diagnostic) -> [[Bool]] {
    channels.inputs.map { [Bool](repeating: false, count: $0.count) }
  }

  package func narrowed(_ channels: LayerChannels) throws(Diagnostic) -> NarrowedLayer { NarrowedLayer(self) }

  /// Links between the channels of an input and the same channels of an output.
  func linkEach(_ count: Int, input: Int = 0, output: Int = 0) -> [ChannelLink] {
    (0..<count).map { ChannelLink(input: input, inputChannel: $0, output: output, outputChannel: $0) }
  }

  /// Ranges of outputs that only move elements: the values of the linked channels, and `background`.
  func movedRanges(_ layer: Layer, _ inputs: [ChannelRanges], background: Int32? = nil) -> [ChannelRanges] {
    var ranges = layer.outputs.map {
      [ClosedRange<Int32>?](repeating: background.map { $0...$0 }, count: $0.channelCount)
    }
    for link in channelLinks(layer) ?? [] {
      let range = inputs[link.input][link.inputChannel]
      let known = ranges[link.output][link.outputChannel] ?? range
      ranges[link.output][link.outputChannel] = known.joined(range)
    }
    return zip(layer.outputs, ranges).map { type, own in own.map { $0 ?? type.valueRange } }
  }
}

extension TensorType {
  /// Size of the last axis.
  package var channelCount: Int { shape.dims.last ?? 1 }

  /// All values of the element type.
  package var valueRange: ClosedRange<Int32> { element.range ?? Int32.min...Int32.max }

  /// The type with another number of channels.
  package func keeping(channels: Int) throws(Diagnostic) -> TensorType {
    TensorType(element, try Shape(Array(shape.dims.dropLast()) + [channels]), quantization)
  }
}

extension ClosedRange<Int32> {
  /// The smallest range that holds both.
  func joined(_ other: ClosedRange<Int32>) -> ClosedRange<Int32> {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}

extension [Channel] {
  /// Indices of the kept channels.
  package var kept: [Int] { indices.filter { self[$0].isKept } }
}

extension OutputStage {
  /// The smallest and the largest output value for accumulators in a range.
  ///
  /// The output grows with the accumulator, since every step does: the left shift, the product with a multiplier that is
  /// not negative, the roundings, the zero point and the clamp. That holds as long as no step leaves 32 bits; otherwise
  /// it can be any value of the clamp.
  func values(_ accumulators: ClosedRange<Int64>, _ scale: Requantization) -> ClosedRange<Int32> {
    func value(_ accumulator: Int64) -> Int32? {
      guard let sum = Int32(exactly: accumulator), scale.multiplier >= 0, (-31...30).contains(scale.shift),
        scale.arithmetic == .singlePrecision || Int32(exactly: Int64(sum) << Int64(max(0, scale.shift))) != nil,
        !scale.apply(sum).addingReportingOverflow(zeroPoint).overflow
      else { return nil }
      return apply(sum, scale)
    }
    guard let low = value(accumulators.lowerBound), let high = value(accumulators.upperBound), low <= high else {
      return clamp
    }
    return low...high
  }
}
