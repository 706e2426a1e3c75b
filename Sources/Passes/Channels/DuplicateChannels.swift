import IR
import Operators
import Support

/// Channels of a tensor that are equal at every position, for every input of the network.
///
/// Where all layers that read such a channel, or a channel of its class, can read the equal one instead, their weights are
/// added together; then nothing reads the class any more.
struct DuplicateChannels {
  /// Merging ends when so many weights were looked at; it keeps the time for hostile files small.
  private static let maximumWork = 1 << 28

  private let analysis: ChannelAnalysis
  /// For each tensor numbers of its channels; equal channels have equal numbers.
  private var numbers: [TensorID: [Int]] = [:]

  /// What makes a channel: its parameters and the numbers of the channels that it is linked to.
  private struct Key: Hashable {
    let parameters: [Int32]
    let sources: [Int]
  }

  init(_ analysis: ChannelAnalysis) throws(Diagnostic) {
    self.analysis = analysis
    var next = 0
    func fresh(_ id: TensorID) -> [Int] {
      defer { next += analysis.graph[id].type.channelCount }
      return Array(next..<next + analysis.graph[id].type.channelCount)
    }
    for (index, node) in analysis.graph.nodes.enumerated() {
      for id in analysis.dataInputs[index] where numbers[id] == nil { numbers[id] = fresh(id) }
      for (output, id) in node.outputs.enumerated() {
        var own = fresh(id)
        if let (op, links) = analysis.channelOperator(index) {
          var sources = [[Int]](repeating: [], count: own.count)
          for link in links where link.output == output {
            sources[link.outputChannel].append(numbers[analysis.dataInputs[index][link.input]]?[link.inputChannel] ?? 0)
          }
          var known: [Key: Int] = [:]
          for (channel, parameters) in try op.channelParameters(analysis.layers[index], output: output).enumerated() {
            let key = Key(parameters: parameters, sources: sources[channel])
            own[channel] = known[key] ?? own[channel]
            known[key] = own[channel]
          }
        }
        numbers[id] = own
      }
    }
  }

  /// A channel that a mixing operator reads.
  private struct Reader {
    let node: Int
    let id: TensorID
    let channel: Int
  }

  /// Adds weights together wherever that leaves a class without readers, and tells whether it did.
  func merge(_ graph: inout Graph) throws(Diagnostic) -> Bool {
    guard numbers.values.contains(where: { Set($0).count < $0.count }) else { return false }
    var readers: [Int: [Reader]] = [:]
    var blocked = analysis.fixed
    for index in analysis.graph.nodes.indices {
      let isMixing = analysis.layers[index].op is any MixingOperator
      for (id, channel) in try analysis.reads(index) {
        let own = analysis.channelClass(id, channel)
        if isMixing {
          readers[own, default: []].append(Reader(node: index, id: id, channel: channel))
        } else {
          blocked.insert(own)
        }
      }
    }
    var layers = analysis.layers
    var changed: Set<Int> = []
    var work = 0
    // The later one of two classes goes.
    for candidate in readers.keys.sorted(by: >) where !blocked.contains(candidate) {
      let own = readers[candidate] ?? []
      work += own.reduce(0) { $0 + layers[$1.node].inputs[1].type.shape.elementCount }
      guard work <= Self.maximumWork else { break }
      guard let trial = try moved(own, of: candidate, layers) else { continue }
      for (node, layer) in trial {
        layers[node] = layer
        changed.insert(node)
      }
    }
    for node in changed.sorted() {
      guard let weights = layers[node].inputs[1].constant else { continue }
      let id = graph.nodes[node].inputs[1]
      graph.nodes[node].inputs[1] = graph.add(constant: weights, name: graph[id].name)
    }
    return !changed.isEmpty
  }

  /// The layers with other weights, by node, so that they read other channels than those of the class `candidate`; nil when
  /// one of them can't.
  private func moved(
    _ readers: [Reader], of candidate: Int, _ layers: [Layer]
  ) throws(Diagnostic) -> [Int: Layer]? {
    var moved: [Int: Layer] = [:]
    for reader in readers {
      let layer = moved[reader.node] ?? layers[reader.node]
      guard let target = target(reader, candidate), let op = layer.op as? any MixingOperator,
        let weights = try op.moving(reader.channel, to: target, layer)
      else { return nil }
      var inputs = layer.inputs
      inputs[1] = Operand(weights.type, constant: weights)
      moved[reader.node] = Layer(op, inputs: inputs, outputs: layer.outputs)
    }
    return moved
  }

  /// An equal channel of an earlier class that stays.
  private func target(_ reader: Reader, _ candidate: Int) -> Int? {
    let own = numbers[reader.id] ?? []
    return own.indices.first {
      own[$0] == own[reader.channel] && analysis.channelClass(reader.id, $0) < candidate
        && analysis.stays(reader.id, $0)
    }
  }
}
