import IR
import Operators
import Support

/// Which channels of a graph's tensors stay, and what values they can have.
///
/// Every channel of every tensor that is data (no weights) gets a number. Channels that can only go together, because one is
/// computed from the other channel by channel, form a class. A class stays when one of its channels belongs to an input or
/// output of the graph, touches an operator that can't do with fewer channels, or is read for a channel that stays. The rest
/// goes: nothing reads it, or its value is constant and goes into a bias.
struct ChannelAnalysis {
  /// More channels in all tensors together than this are not looked at.
  static let maximumChannels = 1 << 20

  let graph: Graph
  let layers: [Layer]
  /// For each node its data inputs, which come first among its inputs.
  let dataInputs: [[TensorID]]
  /// The operators of the nodes whose channels can be told apart, and their links.
  private let operators: [(op: any ChannelOperator, links: [ChannelLink])?]
  /// The number of the first channel of each tensor.
  private var first: [TensorID: Int] = [:]
  /// The tensors in the order of their numbers.
  private var tensors: [TensorID] = []
  private(set) var ranges: [TensorID: ChannelRanges] = [:]
  /// The class of each channel: its smallest member.
  private var classes: [Int] = []
  /// Whether each class stays, by its smallest member.
  private var stays: [Bool] = []
  /// Classes that stay for another reason than being read.
  private(set) var fixed: Set<Int> = []

  /// Nil for a graph with too many channels.
  init?(_ graph: Graph) throws(Diagnostic) {
    self.graph = graph
    var layers: [Layer] = []
    var dataInputs: [[TensorID]] = []
    for node in graph.nodes {
      layers.append(Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node)))
      let count = (node.op as? any EmittableOperator).flatMap { type(of: $0).dataInputs }
      dataInputs.append(Array(node.inputs.prefix(count ?? node.inputs.count)))
    }
    self.layers = layers
    self.dataInputs = dataInputs
    var channels = 0
    let data = graph.sources + zip(dataInputs, graph.nodes).flatMap { $0 + $1.outputs } + graph.results
    for id in data where first[id] == nil {
      first[id] = channels
      tensors.append(id)
      channels += graph[id].type.channelCount
      guard channels <= Self.maximumChannels else { return nil }
    }
    operators = layers.map { layer in
      guard let op = layer.op as? any ChannelOperator, let links = op.channelLinks(layer) else { return nil }
      return (op, links)
    }
    try findRanges()
    classify(channels)
    try findWhatStays()
  }

  // MARK: values

  private mutating func findRanges() throws(Diagnostic) {
    for id in tensors {
      let type = graph[id].type
      var own = ChannelRanges(repeating: type.valueRange, count: type.channelCount)
      if case .ints(let values)? = try graph.operand(id).constant?.elements {
        for (index, value) in values.enumerated() {
          let channel = index % own.count
          own[channel] =
            index < own.count
            ? value...value : min(own[channel].lowerBound, value)...max(own[channel].upperBound, value)
        }
      }
      ranges[id] = own
    }
    for (index, node) in graph.nodes.enumerated() {
      guard let (op, _) = operators[index] else { continue }
      let inputs = dataInputs[index].map { ranges[$0] ?? [] }
      for (id, own) in zip(node.outputs, try op.channelRanges(layers[index], inputs)) { ranges[id] = own }
    }
  }

  // MARK: classes

  private mutating func classify(_ channels: Int) {
    var sets = DisjointSets(count: channels)
    for (index, node) in graph.nodes.enumerated() {
      for link in operators[index]?.links ?? [] {
        sets.join(
          number(dataInputs[index][link.input], link.inputChannel),
          number(node.outputs[link.output], link.outputChannel))
      }
    }
    classes = (0..<channels).map { sets.root($0) }
    stays = [Bool](repeating: false, count: channels)
    for id in graph.sources + graph.results + tensors.filter({ graph[$0].type.element.range == nil }) { fix(id) }
    for (index, node) in graph.nodes.enumerated() where operators[index] == nil {
      for id in dataInputs[index] + node.outputs { fix(id) }
    }
  }

  private func number(_ id: TensorID, _ channel: Int) -> Int { (first[id] ?? 0) + channel }

  /// The class of a channel.
  func channelClass(_ id: TensorID, _ channel: Int) -> Int { classes[number(id, channel)] }

  func stays(_ id: TensorID, _ channel: Int) -> Bool { stays[channelClass(id, channel)] }

  private mutating func fix(_ id: TensorID) {
    for channel in 0..<graph[id].type.channelCount { fix(channelClass(id, channel)) }
  }

  private mutating func fix(_ channelClass: Int) {
    stays[channelClass] = true
    fixed.insert(channelClass)
  }

  /// The smallest set of classes that holds the fixed ones and everything that is read for its members.
  private mutating func findWhatStays() throws(Diagnostic) {
    var looked: [Int: [[Channel]]] = [:]
    var grows = true
    while grows {
      grows = false
      // From the back, since what is read depends on what stays behind it.
      for index in graph.nodes.indices.reversed() where operators[index] != nil {
        let channels = channels(index)
        guard looked[index] != channels.outputs else { continue }
        looked[index] = channels.outputs
        for (id, channel) in try reads(index) where !stays(id, channel) {
          stays[channelClass(id, channel)] = true
          grows = true
        }
      }
      guard !grows else { continue }
      // A tensor can't be without any channel.
      for id in tensors where !(0..<graph[id].type.channelCount).contains(where: { stays(id, $0) }) {
        fix(channelClass(id, 0))
        grows = true
      }
    }
  }

  // MARK: results

  private func channels(_ id: TensorID) -> [Channel] {
    (ranges[id] ?? []).enumerated().map { Channel(range: $1, isKept: stays(id, $0)) }
  }

  func channels(_ node: Int) -> LayerChannels {
    LayerChannels(
      layers[node], inputs: dataInputs[node].map { channels($0) },
      outputs: graph.nodes[node].outputs.map { channels($0) })
  }

  /// The channels that the operator of a node reads, beside linked ones.
  func reads(_ node: Int) throws(Diagnostic) -> [(id: TensorID, channel: Int)] {
    guard let (op, _) = operators[node] else { return [] }
    return zip(dataInputs[node], try op.channelsRead(channels(node))).flatMap { id, read in
      read.indices.filter { read[$0] }.map { (id, $0) }
    }
  }

  /// Operator and links of a node whose channels can be told apart.
  func channelOperator(_ node: Int) -> (op: any ChannelOperator, links: [ChannelLink])? { operators[node] }

  /// The tensors that lose channels, with the ones that stay.
  var narrowed: [(id: TensorID, kept: [Int])] {
    tensors.compactMap { id in
      let kept = channels(id).kept
      return kept.count < graph[id].type.channelCount ? (id, kept) : nil
    }
  }
}
