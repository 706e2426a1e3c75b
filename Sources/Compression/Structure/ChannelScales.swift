import IR
import Operators
import Support

/// Factors of channels that make the ranges of the weights on both sides of each channel alike.
///
/// A channel whose values only pass operators with f(s·x) = s·f(x) may be divided by s where layers make it and multiplied by s
/// where layers read it. With r₁ and r₂ the largest magnitudes of the weights that make and that read the channel,
/// s = √(r₁ / r₂) gives both the magnitude √(r₁ r₂). Repeated over all channels until no factor is far from 1.
///
/// Source: M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019, section 4.1.
struct ChannelScales {
  private let structure: ChannelStructure
  /// The weights of each layer, row after row, with all factors so far.
  private var weights: [[Double]]
  /// By what each class was divided, by its number.
  private(set) var divisors: [Int: Double] = [:]

  /// Classes that can be scaled.
  private let candidates: [ChannelClass]

  static let mostRounds = 200
  /// A logarithm of a factor below this changes nothing.
  static let precision = 1e-3

  /// - Parameter structure: for ``ChannelChange/scale``.
  init(_ structure: ChannelStructure) {
    self.structure = structure
    weights = structure.layers.map(\.weights)
    candidates = structure.classes.filter { !$0.isFixed && !$0.rows.isEmpty && !$0.inputs.isEmpty }
    for own in candidates { divisors[own.number] = 1 }
  }

  var count: Int { candidates.count }

  /// - Returns: the number of rounds it took.
  mutating func equalize(_ progress: (Int) -> Void = { _ in }) -> Int {
    for round in 1...Self.mostRounds {
      progress(round)
      var largest = 0.0
      for own in candidates { largest = max(largest, equalize(own)) }
      if largest < Self.precision { return round }
    }
    return Self.mostRounds
  }

  /// - Returns: how far the factor was from 1, as a logarithm.
  private mutating func equalize(_ own: ChannelClass) -> Double {
    let made = own.rows.reduce(0) { max($0, largest(places(row: $1), $1.layer)) }
    let read = own.inputs.reduce(0) { max($0, largest(places(input: $1), $1.layer)) }
    // A channel that is never made or read has no scale.
    guard made > 0, read > 0, made.isFinite, read.isFinite else { return 0 }
    let total = divisors[own.number] ?? 1
    // Far beyond any network that was trained; floats don't overflow.
    let divisor = max(0x1p-24, min(0x1p24, total * (made / read).squareRoot())) / total
    divisors[own.number] = total * divisor
    for row in own.rows { for place in places(row: row) { weights[row.layer][place] /= divisor } }
    for input in own.inputs { for place in places(input: input) { weights[input.layer][place] *= divisor } }
    return RealFunctions.log(divisor).magnitude
  }

  private func largest(_ places: some Sequence<Int>, _ layer: Int) -> Double {
    places.reduce(0) { max($0, weights[layer][$1].magnitude) }
  }

  private func places(row: LayerChannel) -> Range<Int> {
    let columns = structure.layers[row.layer].columns
    return row.channel * columns..<(row.channel + 1) * columns
  }

  /// The weights that read an input of a layer.
  private func places(input: LayerChannel) -> [Int] {
    guard let sum = structure.sums[input.layer] else { return [] }
    let columns = structure.layers[input.layer].columns
    return sum.readers(input.channel).flatMap { row in
      stride(from: row * columns + input.channel % sum.depth, to: (row + 1) * columns, by: sum.depth)
    }
  }

  /// The network with the factors.
  func scaledGraph() throws(Diagnostic) -> Graph {
    var graph = structure.graph
    func factors(_ classes: [Int]) -> [Float] { classes.map { 1 / Float(divisors[$0] ?? 1) } }
    for id in structure.tensors {
      let own = factors(structure.classes(of: id))
      guard let constant = try graph.operand(id).constant, own.contains(where: { $0 != 1 }) else { continue }
      let last = constant.type.shape.rank - 1
      let new = graph.add(constant: try constant.multiplied(by: own, along: last), name: graph[id].name)
      for index in graph.nodes.indices {
        let data = structure.layerOfNode[index] == nil ? graph.nodes[index].inputs.indices : 0..<1
        for position in data where graph.nodes[index].inputs[position] == id {
          graph.nodes[index].inputs[position] = new
        }
      }
    }
    for (index, layer) in structure.layers.enumerated() {
      let own = factors(structure.rowClasses(index))
      guard weights[index] != layer.weights || own.contains(where: { $0 != 1 }) else { continue }
      // A grid of the weights as they were is none of the new ones.
      try graph.replace(layer.withoutGrid, weights: weights[index])
      for node in layer.nodes where graph.nodes[node].inputs.count > 2 {
        let id = graph.nodes[node].inputs[2]
        guard let bias = try graph.operand(id).constant else { continue }
        graph.nodes[node].inputs[2] = graph.add(
          constant: try bias.multiplied(by: own, along: bias.type.shape.rank - 1), name: graph[id].name)
      }
    }
    return graph
  }
}

extension WeightedLayer {
  /// The layer with weights that are any floats.
  fileprivate var withoutGrid: WeightedLayer {
    var type = type
    type.quantization = nil
    return WeightedLayer(
      nodes: nodes, position: position, biasPosition: biasPosition, axis: axis, name: name, type: type,
      channels: channels, weights: weights)
  }
}
