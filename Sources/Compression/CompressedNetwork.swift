package import Frontends
package import IR
import Operators
import Passes
import Quantization
package import Support

/// A network on its way through the steps of a recipe.
package struct CompressedNetwork: Sendable {
  /// The network as it is now.
  package internal(set) var graph: Graph
  /// As it was before the first step.
  package let original: Graph
  /// How the constants will be stored.
  package internal(set) var packing = ConstantPacking.packed

  /// - Parameter graph: a network of source operators; a float one is brought into the form in which it is quantized, where
  ///   normalizations belong to the weights and activations to the layers.
  package init(_ graph: Graph) throws(Diagnostic) {
    var prepared = graph
    if Quantizer.isNeeded(graph) {
      try FloatPreparation.run(on: &prepared)
      prepared = try Quantizer.fused(prepared)
    }
    original = prepared
    self.graph = prepared
  }

  /// Whether something is still computed in floats.
  package var isFloat: Bool { Self.isFloat(graph) }

  package static func isFloat(_ graph: Graph) -> Bool { Quantizer.isNeeded(graph) }
}

/// What the steps may use beside the network.
package struct CompressionContext: Sendable {
  /// Typical inputs, of the types of the original network's inputs; empty when there are none.
  package let calibration: [[Tensor]]
  /// The right answers to the calibration vectors: the index of the class.
  package let labels: [Int]?
  /// For everything that is drawn at random.
  package let seed: UInt64
  /// What a network with weights like the final ones takes on the target; nil without one.
  package let costs: (@Sendable (Graph) throws(Diagnostic) -> NetworkCosts)?
  /// Gets what is being done, and which part of how many.
  package let progress: @Sendable (String, Int, Int) -> Void

  package init(
    calibration: [[Tensor]], labels: [Int]? = nil, seed: UInt64 = 1,
    costs: (@Sendable (Graph) throws(Diagnostic) -> NetworkCosts)? = nil,
    progress: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }
  ) {
    self.calibration = calibration
    self.labels = labels
    self.seed = seed
    self.costs = costs
    self.progress = progress
  }
}

extension Graph {
  /// Vectors for another form of this network, whose inputs may be quantized.
  package func inputs(_ vectors: [[Tensor]]) throws(Diagnostic) -> [[Tensor]] {
    var converted: [[Tensor]] = []
    for vector in vectors {
      var own: [Tensor] = []
      for (tensor, id) in zip(vector, inputs) {
        let type = self[id].type
        own.append(
          tensor.type.element == .float32 && type.element != .float32
            ? try Quantize().evaluate([tensor], as: [type])[0] : tensor)
      }
      converted.append(own)
    }
    return converted
  }

  /// The same graph without tensors that nothing mentions, and with new numbers for the rest.
  package var compacted: Graph {
    var used = Set(inputs + results + states.map(\.current))
    for node in nodes { used.formUnion(node.inputs + node.outputs) }
    var copy = Graph(file: file)
    var numbers: [TensorID: TensorID] = [:]
    for (index, tensor) in tensors.enumerated() where used.contains(TensorID(index)) {
      numbers[TensorID(index)] = copy.add(tensor)
    }
    func new(_ ids: [TensorID]) -> [TensorID] { ids.compactMap { numbers[$0] } }
    copy.nodes = nodes.map { Node($0.op, inputs: new($0.inputs), outputs: new($0.outputs), origin: $0.origin) }
    copy.inputs = new(inputs)
    copy.outputs = new(outputs)
    copy.states = states.compactMap { state in
      guard let current = numbers[state.current], let next = numbers[state.next] else { return nil }
      return State(current: current, next: next, initial: state.initial)
    }
    copy.notes = notes
    copy.isCompressed = isCompressed
    return copy
  }
}
