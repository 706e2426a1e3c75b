import IR
import Operators
import Support

/// Channels of a tensor that are equal at every position, for every input of the network.
///
/// Where all layers that read such a channel, or a channel of its class, can read the equal one instead, their weights are
/// added together; then nothing reads the class any more.
struct DuplicateChannels {
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
    var weights: [Int: MixingWeights] = [:]
    for node in Set(readers.values.joined().map(\.node)) {
      if let op = analysis.layers[node].op as? any MixingOperator {
        weights[node] = try op.mixingWeights(analysis.layers[node])
      }
    }
    let first = firstEqual
    var changed: Set<Int> = []
    // The later one of two classes goes.
    for candidate in readers.keys.sorted(by: >) where !blocked.contains(candidate) {
      let own = readers[candidate] ?? []
      let targets = own.compactMap { reader in
        first[reader.id]?[numbers[reader.id]?[reader.channel] ?? 0].flatMap {
          analysis.channelClass(reader.id, $0) < candidate ? $0 : nil
        }
      }
      guard targets.count == own.count, Self.move(own, to: targets, &weights) else { continue }
      changed.formUnion(own.map(\.node))
    }
    for node in changed.sorted() {
      guard let moved = try weights[node]?.tensor() else { continue }
      let id = graph.nodes[node].inputs[1]
      graph.nodes[node].inputs[1] = graph.add(constant: moved, name: graph[id].name)
    }
    return !changed.isEmpty
  }

  /// For each tensor, by number, the channel of the earliest class that stays.
  private var firstEqual: [TensorID: [Int: Int]] {
    var first: [TensorID: [Int: Int]] = [:]
    for (id, own) in numbers {
      var channels: [Int: Int] = [:]
      for (channel, number) in own.enumerated() where analysis.stays(id, channel) {
        let known = channels[number] ?? channel
        let isEarlier = analysis.channelClass(id, channel) < analysis.channelClass(id, known)
        channels[number] = isEarlier ? channel : known
      }
      first[id] = channels
    }
    return first
  }

  /// Moves the weights of all `readers` or of none.
  private static func move(_ readers: [Reader], to targets: [Int], _ weights: inout [Int: MixingWeights]) -> Bool {
    var before: [(node: Int, channel: Int, weights: [Int32])] = []
    for (reader, target) in zip(readers, targets) {
      before += [reader.channel, target].map { (reader.node, $0, weights[reader.node]?[$0] ?? []) }
      if weights[reader.node]?.move(reader.channel, to: target) != true {
        for (node, channel, values) in before.reversed() { weights[node]?[channel] = values }
        return false
      }
    }
    return true
  }
}
