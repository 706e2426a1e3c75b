import IR
import Operators
import Support

/// What is done to channels, the positions along the last axes of tensors.
package enum ChannelChange: Sendable {
  /// They go, or occur several times: what is computed from a channel, channel by channel, shares its lot.
  case count
  /// Their values are multiplied by positive factors, which only pass operators with f(s·x) = s·f(x).
  case scale
}

/// What a node that works channel by channel does with the channels of its tensors.
struct NodeChannels {
  let links: [ChannelLink]
  /// Inputs whose values must stay as they are.
  let fixed: [Int]

  /// - Returns: nil when channels can't be told apart, or don't pass.
  init?(_ layer: Layer, _ change: ChannelChange) {
    switch change {
    case .count:
      guard let links = layer.channelLinks else { return nil }
      (self.links, fixed) = (links, [])
    case .scale:
      guard let scaled = layer.scaledInputs, let links = layer.channelLinks else { return nil }
      self.links = links.filter { scaled.contains($0.input) }
      fixed = layer.inputs.indices.filter { !scaled.contains($0) }
    }
  }
}

extension Layer {
  /// Which output channel is computed from which input channels; nil when channels can't be told apart.
  fileprivate var channelLinks: [ChannelLink]? {
    let last = (inputs.first?.type.shape.rank ?? 0) - 1
    switch op {
    case is any UnaryOperator, is any PointwiseOperator, is AveragePool2D, is MaxPool2D, is L2Pool2D, is ResizeBilinear,
      is ResizeNearest:
      return equalChannels
    case let op as Mean: return op.axes.contains(last) ? nil : equalChannels
    case let op as Sum: return op.axes.contains(last) ? nil : equalChannels
    case let op as Reduce: return op.axes.contains(last) ? nil : equalChannels
    case let op as MirrorPad: return op.before.last == 0 && op.after.last == 0 ? equalChannels : nil
    case let op as any SourceOperator & ChannelOperator: return op.channelLinks(self)
    default: return nil
    }
  }

  /// Channels that have the same number in inputs and output. An input that repeats one channel is read as a whole.
  private var equalChannels: [ChannelLink] {
    let count = outputs[0].channelCount
    return inputs.indices.filter { inputs[$0].type.channelCount == count }.flatMap { input in
      (0..<count).map { ChannelLink(input: input, inputChannel: $0, output: 0, outputChannel: $0) }
    }
  }

  /// The inputs of which positive factors pass to the output, when all of them have the same; nil when there are none.
  fileprivate var scaledInputs: [Int]? {
    guard (outputs + inputs.map(\.type)).allSatisfy({ $0.element == .float32 }), passesFactors else { return nil }
    let count = outputs[0].channelCount
    switch op {
    case is Add, is Sub, is AddN, is Extremum:
      return inputs.allSatisfy { $0.type.channelCount == count } ? Array(inputs.indices) : nil
    case is Mul, is Prelu:
      // Slopes and factors stay as they are.
      let data = inputs.indices.filter { inputs[$0].constant == nil }
      return data.count == 1 && inputs[data[0]].type.channelCount == count && (op is Mul || data[0] == 0) ? data : nil
    case is Relu, is LeakyRelu, is AveragePool2D, is MaxPool2D, is L2Pool2D, is ResizeBilinear, is ResizeNearest,
      is Mean, is Sum, is MirrorPad, is Concatenation, is Split, is StridedSlice, is Transpose, is Reshape:
      return Array(inputs.indices)
    case let op as Reduce: return op.kind == .maximum || op.kind == .minimum ? [0] : nil
    case let op as Pad: return (op.real ?? Float(op.value)) == 0 ? [0] : nil
    default: return nil
    }
  }

  /// Whether positive factors pass the activation.
  var passesFactors: Bool {
    guard let op = op as? any ActivatedOperator else { return true }
    return op.activation == .none || op.activation == .relu
  }
}

/// How a layer with constant weights sums what it reads: output channel r is row r of the weights, and reads one group of the
/// input channels.
struct ChannelSum: Equatable {
  /// Channels that an output channel reads.
  let depth: Int
  let groups: Int
  let rows: Int
  /// Axes of the weights: output channels, and input channels where all output channels read the same ones.
  let rowAxis: Int
  let columnAxis: Int?
  /// How many channels there are in the tensor that it reads. A dense layer may read several pixels as one row, or one as
  /// several.
  let dataChannels: Int

  var inputs: Int { depth * groups }

  /// The rows that read an input, which is the channel `input % depth` of theirs.
  func readers(_ input: Int) -> Range<Int> {
    let size = rows / groups
    return input / depth * size..<(input / depth + 1) * size
  }

  /// Channels of the data with the inputs that they are.
  var dataLinks: [(channel: Int, input: Int)] {
    (0..<max(dataChannels, inputs)).map { ($0 % dataChannels, $0 % inputs) }
  }

  /// - Returns: nil for other layers.
  init?(_ layer: Layer) {
    guard (2...3).contains(layer.inputs.count), layer.inputs[1].constant != nil, layer.outputs.count == 1 else {
      return nil
    }
    let (data, weights) = (layer.inputs[0].type.channelCount, layer.inputs[1].type.shape)
    dataChannels = data
    switch layer.op {
    case is Conv2D, is TransposeConv:
      guard weights.rank == 4, weights[3] > 0, data % weights[3] == 0 else { return nil }
      (depth, groups, rowAxis, columnAxis) = (weights[3], data / weights[3], 0, data == weights[3] ? 3 : nil)
    case is DepthwiseConv2D:
      guard weights.rank == 4 else { return nil }
      (depth, groups, rowAxis, columnAxis) = (1, data, 3, nil)
    case is FullyConnected:
      guard weights.rank == 2, min(data, weights[1]) > 0, max(data, weights[1]) % min(data, weights[1]) == 0 else {
        return nil
      }
      (depth, groups, rowAxis, columnAxis) = (weights[1], 1, 0, 1)
    default: return nil
    }
    rows = weights[rowAxis]
    guard groups > 0, rows > 0, rows % groups == 0, layer.outputs[0].channelCount == rows else { return nil }
    guard layer.inputs.count > 2 else { return }
    guard layer.inputs[2].constant != nil, layer.inputs[2].type.shape.dims.last == rows,
      layer.inputs[2].type.shape.elementCount == rows
    else { return nil }
  }
}
