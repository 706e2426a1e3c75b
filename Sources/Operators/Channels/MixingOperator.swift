import IR
package import Support

/// A layer each of whose output channels reads all input channels: convolutions and dense layers. Its filters can do with
/// fewer input channels, and every output channel can go by itself.
package protocol MixingOperator: ChannelOperator {
  func mixingWeights(_ layer: Layer) throws(Diagnostic) -> MixingWeights
}

/// A mixing operator by its filters.
protocol FilterBankOperator: MixingOperator {
  /// Nil when an output channel reads only a part of the input channels.
  func filters(_ layer: Layer) throws(Diagnostic) -> FilterBank?
  /// The operator with another number of output channels.
  func keeping(outputs: Int) -> Self
}

extension FilterBankOperator {
  private func bank(_ layer: Layer) throws(Diagnostic) -> FilterBank {
    guard let bank = try filters(layer) else { throw failure("channels", "the channels can't be told apart") }
    return bank
  }

  package func channelLinks(_ layer: Layer) -> [ChannelLink]? {
    let bank = try? filters(layer)
    return bank == nil ? nil : []
  }

  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    [try bank(layer).ranges(inputs[0])]
  }

  package func channelParameters(_ layer: Layer, output: Int) throws(Diagnostic) -> [[Int32]] {
    try bank(layer).parameters
  }

  /// A channel with zero weights is not read, nor one with a constant value that can go into the bias. A constant output
  /// reads nothing: it needs no weights.
  package func channelsRead(_ channels: LayerChannels) throws(Diagnostic) -> [[Bool]] {
    let bank = try bank(channels.layer)
    let inputs = channels.inputs[0]
    var read = [Bool](repeating: false, count: inputs.count)
    for output in channels.outputs[0].kept where accumulator(bank, output, channels) == nil {
      for (channel, known) in inputs.enumerated() where !read[channel] && bank.reads(channel, output: output) {
        let folded = known.constant.flatMap { bank.contribution(of: channel, constant: $0, to: output) }
        read[channel] = folded == nil
      }
    }
    return [read]
  }

  /// The bias of a filter without weights for an output channel that is constant.
  private func accumulator(_ bank: FilterBank, _ output: Int, _ channels: LayerChannels) -> Int32? {
    channels.outputs[0][output].constant.flatMap {
      bank.accumulator(giving: $0, output: output, channels.inputs[0].map(\.range))
    }
  }

  package func narrowed(_ channels: LayerChannels) throws(Diagnostic) -> NarrowedLayer {
    let bank = try bank(channels.layer)
    let inputs = channels.inputs[0]
    let kept = channels.outputs[0].kept
    let parameters = try bank.parameters(kept, depth: inputs.kept.count) { (output) throws(Diagnostic) in
      if let accumulator = accumulator(bank, output, channels) {
        return (accumulator, [Int32](repeating: 0, count: bank.taps * inputs.kept.count))
      }
      var filter = bank.filter(output, keeping: inputs.kept)
      for (channel, known) in inputs.enumerated() where !known.isKept && bank.reads(channel, output: output) {
        guard let constant = known.constant,
          let contribution = bank.contribution(of: channel, constant: constant, to: output)
        else { throw failure("channels", "the channel \(channel) is needed, but was removed") }
        filter.bias &+= contribution
      }
      return filter
    }
    return NarrowedLayer(keeping(outputs: kept.count), parameters: parameters)
  }

  package func mixingWeights(_ layer: Layer) throws(Diagnostic) -> MixingWeights { try bank(layer).mixingWeights }
}
