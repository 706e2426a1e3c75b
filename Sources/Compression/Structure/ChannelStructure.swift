package import IR
import Operators
package import Support

/// A channel of a layer with weights: an output channel, or one of the inputs that it sums.
package struct LayerChannel: Equatable, Sendable {
  /// Its place in ``ChannelStructure/layers``.
  package let layer: Int
  package let channel: Int
}

/// Channels that can only be changed together.
package struct ChannelClass: Sendable {
  /// The same in all networks that differ only in values of constants.
  package let number: Int
  /// It belongs to an input, an output or a state of the network, or touches an operator that mixes channels or is not known.
  package let isFixed: Bool
  /// Whether all of its channels may stand several times behind each other.
  package let isRepeatable: Bool
  /// Output channels of layers that make it.
  package fileprivate(set) var rows: [LayerChannel] = []
  /// Inputs of layers that sum it.
  package fileprivate(set) var inputs: [LayerChannel] = []
  /// Channels of tensors, of constants beside weights too.
  package fileprivate(set) var members: [(tensor: TensorID, channel: Int)] = []
}

/// Which channels of a network of source operators hang together, where a channel is a position along the last axis of a tensor.
///
/// `add(conv_2d(x), conv_2d(y))`: channel i of both convolutions, of the sum, and of whatever reads it channel by channel is one
/// class; behind a reshape in front of a dense layer it is a column for each pixel. The idea is that of G. Fang et al., DepGraph:
/// Towards Any Structural Pruning, CVPR 2023.
package struct ChannelStructure: Sendable {
  package let graph: Graph
  package let change: ChannelChange
  /// As ``IR/Graph/weightedLayers()`` gives them.
  package let layers: [WeightedLayer]
  /// How they sum; nil for those whose channels all stay.
  let sums: [ChannelSum?]
  /// In the order of their numbers.
  package private(set) var classes: [ChannelClass] = []
  /// The layer that a node is.
  let layerOfNode: [Int: Int]
  /// The number of the first channel of each tensor, of each layer's rows and inputs.
  private let first: Numbers
  /// The number of the class of each channel.
  private let classNumbers: [Int]

  /// More channels in all tensors together than any network for a microcontroller has.
  static let maximumChannels = 1 << 22

  package init(_ graph: Graph, _ change: ChannelChange) throws(Diagnostic) {
    self.graph = graph
    self.change = change
    layers = try graph.weightedLayers()
    var nodes: [Layer] = []
    for node in graph.nodes {
      nodes.append(Layer(node.op, inputs: try graph.operands(node), outputs: graph.outputTypes(node)))
    }
    let allowsIntegers = change == .count
    sums = layers.map { layer in
      let own = layer.nodes.map { ChannelSum(nodes[$0]) }
      guard layer.position == 1, allowsIntegers || !layer.isQuantized, let sum = own[0] else { return nil }
      return own.allSatisfy { $0 == sum } ? sum : nil
    }
    var layerOfNode: [Int: Int] = [:]
    for (index, layer) in layers.enumerated() where sums[index] != nil {
      for node in layer.nodes { layerOfNode[node] = index }
    }
    self.layerOfNode = layerOfNode
    first = try Numbers(graph, sums, layerOfNode)
    var joining = Joining(count: first.count)
    joining.join(graph, nodes, layerOfNode, sums, first, change)
    var sets = joining.sets
    classNumbers = (0..<first.count).map { sets.root($0) }
    collect(fixed: Set(joining.fixed.map { sets.root($0) }), single: Set(joining.single.map { sets.root($0) }))
  }

  private mutating func collect(fixed: Set<Int>, single: Set<Int>) {
    var places: [Int: Int] = [:]
    for number in classNumbers where places[number] == nil {
      places[number] = classes.count
      classes.append(
        ChannelClass(number: number, isFixed: fixed.contains(number), isRepeatable: !single.contains(number)))
    }
    func place(_ number: Int) -> Int { places[classNumbers[number]] ?? 0 }
    for id in first.order {
      for channel in 0..<graph[id].type.channelCount {
        classes[place(first.tensor(id, channel))].members.append((id, channel))
      }
    }
    for (layer, sum) in sums.enumerated() {
      guard let sum else { continue }
      for row in 0..<sum.rows {
        classes[place(first.row(layer, row))].rows.append(LayerChannel(layer: layer, channel: row))
      }
      for input in 0..<sum.inputs {
        classes[place(first.input(layer, input))].inputs.append(LayerChannel(layer: layer, channel: input))
      }
    }
  }

  /// The tensors whose channels belong to classes, in the order of the network.
  var tensors: [TensorID] { first.order }

  /// The numbers of the classes of a tensor's channels.
  package func classes(of tensor: TensorID) -> [Int] {
    (0..<graph[tensor].type.channelCount).map { classNumbers[first.tensor(tensor, $0)] }
  }

  func rowClasses(_ layer: Int) -> [Int] {
    (0..<(sums[layer]?.rows ?? 0)).map { classNumbers[first.row(layer, $0)] }
  }

  func inputClasses(_ layer: Int) -> [Int] {
    (0..<(sums[layer]?.inputs ?? 0)).map { classNumbers[first.input(layer, $0)] }
  }
}

/// Numbers of all channels, one after the other.
private struct Numbers: Sendable {
  private var firstOfTensor: [TensorID: Int] = [:]
  private var firstOfRows: [Int] = []
  private var firstOfInputs: [Int] = []
  private(set) var order: [TensorID] = []
  private(set) var count = 0

  init(_ graph: Graph, _ sums: [ChannelSum?], _ layerOfNode: [Int: Int]) throws(Diagnostic) {
    var data = graph.sources
    for (index, node) in graph.nodes.enumerated() {
      data += (layerOfNode[index] == nil ? node.inputs : [node.inputs[0]]) + node.outputs
    }
    for id in data + graph.results where firstOfTensor[id] == nil {
      firstOfTensor[id] = count
      order.append(id)
      count += graph[id].type.channelCount
    }
    for sum in sums {
      firstOfRows.append(count)
      count += sum?.rows ?? 0
      firstOfInputs.append(count)
      count += sum?.inputs ?? 0
    }
    guard count <= ChannelStructure.maximumChannels else {
      throw Diagnostic(
        "compress.channels", at: .file(graph.file),
        "has \(count) channels in all tensors, more than \(ChannelStructure.maximumChannels)")
    }
  }

  func tensor(_ id: TensorID, _ channel: Int) -> Int { (firstOfTensor[id] ?? 0) + channel }
  func row(_ layer: Int, _ row: Int) -> Int { firstOfRows[layer] + row }
  func input(_ layer: Int, _ input: Int) -> Int { firstOfInputs[layer] + input }
}

/// The sets of channels while they grow.
private struct Joining {
  var sets: DisjointSets
  /// Members of classes that stay as they are.
  var fixed: [Int] = []
  /// Members of classes of which there is one at most.
  var single: [Int] = []

  init(count: Int) { sets = DisjointSets(count: count) }

  mutating func join(
    _ graph: Graph, _ nodes: [Layer], _ layerOfNode: [Int: Int], _ sums: [ChannelSum?], _ first: Numbers,
    _ change: ChannelChange
  ) {
    func all(_ id: TensorID) -> [Int] { (0..<graph[id].type.channelCount).map { first.tensor(id, $0) } }
    for id in graph.sources + graph.results { fixed += all(id) }
    for id in first.order where graph[id].type.shape.rank == 0 || graph[id].type.quantization?.axis != nil {
      fixed += all(id)
    }
    for (index, node) in graph.nodes.enumerated() {
      if let layer = layerOfNode[index], let sum = sums[layer] {
        for row in 0..<sum.rows { sets.join(first.row(layer, row), first.tensor(node.outputs[0], row)) }
        for link in sum.dataLinks {
          sets.join(first.input(layer, link.input), first.tensor(node.inputs[0], link.channel))
        }
        if change == .scale, !nodes[index].passesFactors { fixed += all(node.outputs[0]) }
      } else if let own = NodeChannels(nodes[index], change) {
        for link in own.links {
          sets.join(
            first.tensor(node.inputs[link.input], link.inputChannel),
            first.tensor(node.outputs[link.output], link.outputChannel))
        }
        for input in own.fixed { fixed += all(node.inputs[input]) }
      } else {
        for id in node.inputs + node.outputs { fixed += all(id) }
      }
    }
    guard change == .count else { return }
    // Filters of their own for a group of channels: the whole group stays or goes.
    for (layer, sum) in sums.enumerated() {
      guard let sum, sum.columnAxis == nil else { continue }
      for input in 0..<sum.inputs {
        for row in sum.readers(input) { sets.join(first.input(layer, input), first.row(layer, row)) }
        if sum.depth > 1 { single.append(first.input(layer, input)) }
      }
    }
  }
}
