package import IR
import LinearAlgebra
import Operators
package import Support

/// Rewrites the weights of a network layer by layer, from its inputs on, so that each layer comes close to what it computed
/// before *although* what it reads has changed with the layers before it.
///
/// Both networks, as it was and as it becomes, run side by side, one node after the other over all vectors, so that every node is
/// evaluated twice for each vector and no more.
package struct LayerWalk {
  private let original: Graph
  package private(set) var graph: Graph
  private let layers: [WeightedLayer]
  private let vectors: [[Tensor]]

  /// Multiplications that the moments of one layer may take; beyond, only some of the vectors count.
  private static let mostWork = 3e9

  /// - Parameter vectors: for each vector the values of all inputs, as the graph's types demand; may be empty.
  package init(_ graph: Graph, vectors: [[Tensor]]) throws(Diagnostic) {
    original = graph
    self.graph = graph
    self.vectors = vectors
    layers = try graph.weightedLayers()
  }

  /// - Parameters:
  ///   - progress: gets the number of layers that are done, and of all.
  ///   - change: gives new weights of a layer, of which each row should minimize its problem's loss; nil to leave it alone.
  package mutating func run(
    _ progress: (Int, Int) -> Void = { _, _ in },
    _ change: (_ layer: Int, _ problem: LayerProblem) throws(Diagnostic) -> (weights: [Double], grid: WeightGrid?)?
  ) throws(Diagnostic) {
    guard !vectors.isEmpty else {
      for (index, layer) in layers.enumerated() {
        if let new = try change(index, LayerProblem(layer)) {
          try graph.replace(layer, weights: new.weights, grid: new.grid)
        }
      }
      return
    }
    var byNode: [Int: [Int]] = [:]
    for (index, layer) in layers.enumerated() { byNode[layer.nodes[0], default: []].append(index) }
    var (before, after) = (try Frontier(original, vectors), try Frontier(original, vectors))
    var done = 0
    for (index, node) in original.nodes.enumerated() {
      for own in byNode[index] ?? [] {
        let layer = layers[own]
        let problem = try problem(layer, node, before, after)
        if let new = try change(own, problem) {
          try graph.replace(layer, weights: new.weights, grid: new.grid)
          if let changes = problem.biasChanges(new.weights) { try graph.shiftBiases(of: layer, by: changes) }
        }
        done += 1
        progress(done, layers.count)
      }
      try before.advance(original, index)
      try after.advance(graph, index)
    }
  }

  private func problem(
    _ layer: WeightedLayer, _ node: Node, _ before: Frontier, _ after: Frontier
  ) throws(Diagnostic) -> LayerProblem {
    let input = original[node.inputs[0]].type
    guard let reader = try PatchReader(layer, node, input: input, output: original[node.outputs[0]].type) else {
      return LayerProblem(layer)
    }
    let positions = original[node.outputs[0]].type.shape.elementCount / max(1, layer.channels)
    let work = Double(positions) * Double(reader.groups) * Double(reader.columns) * Double(reader.columns) * 3
    let count = max(1, min(vectors.count, Int(Self.mostWork / max(1, work))))
    var moments = LayerMoments(
      columns: reader.columns, groups: reader.groups, hasBias: try graph.biases(layer) != nil)
    for sample in 0..<count {
      let vector = sample * vectors.count / count
      guard let x = before.value(node.inputs[0], vector), let y = after.value(node.inputs[0], vector) else {
        return LayerProblem(layer)
      }
      let compressed = try reader.patches(y)
      moments.add(original: x == y ? compressed : try reader.patches(x), compressed: compressed)
    }
    return LayerProblem(layer, moments, groups: reader.groups)
  }
}

/// The values of a network's tensors for all vectors, as far as nodes that come later read them.
private struct Frontier {
  private var values: [[TensorID: Tensor]]
  /// For each node the tensors that no later one reads.
  private let last: [Int: [TensorID]]

  init(_ graph: Graph, _ vectors: [[Tensor]]) throws(Diagnostic) {
    let states = try Interpreter(graph).initialStates()
    values = vectors.map { vector in
      var own: [TensorID: Tensor] = [:]
      for (id, tensor) in zip(graph.inputs, vector) { own[id] = tensor }
      for (state, tensor) in zip(graph.states, states) { own[state.current] = tensor }
      return own
    }
    var lastUse: [TensorID: Int] = [:]
    for (index, node) in graph.nodes.enumerated() { for id in node.inputs { lastUse[id] = index } }
    var last: [Int: [TensorID]] = [:]
    for (id, index) in lastUse where graph[id].constant == nil { last[index, default: []].append(id) }
    self.last = last
  }

  func value(_ id: TensorID, _ vector: Int) -> Tensor? { values[vector][id] }

  /// Runs a node of `graph` for all vectors.
  mutating func advance(_ graph: Graph, _ index: Int) throws(Diagnostic) {
    let node = graph.nodes[index]
    do throws(Diagnostic) {
      var constants: [TensorID: Tensor] = [:]
      for id in node.inputs where graph[id].constant != nil { constants[id] = try graph.operand(id).constant }
      let types = graph.outputTypes(node)
      for vector in values.indices {
        let inputs = node.inputs.compactMap { constants[$0] ?? values[vector][$0] }
        for (id, result) in zip(node.outputs, try node.op.evaluate(inputs, as: types)) { values[vector][id] = result }
        for id in last[index] ?? [] { values[vector][id] = nil }
      }
    } catch {
      throw error.located(graph.location(node))
    }
  }
}
