import Support

/// A tensor that lasts from one inference to the next: the memory of a recurrent network.
package struct State: Sendable {
  /// What the inference before has left; nodes read it like an input.
  package var current: TensorID
  /// What this inference leaves, of the same type; a node writes it like an output.
  package var next: TensorID
  /// The little-endian bytes before the first inference.
  package let initial: [UInt8]

  package init(current: TensorID, next: TensorID, initial: [UInt8]) {
    self.current = current
    self.next = next
    self.initial = initial
  }
}

extension Graph {
  /// The tensors that are there before the first node runs, beside constants.
  package var sources: [TensorID] { inputs + states.map(\.current) }

  /// The tensors that are needed after the last node has run.
  package var results: [TensorID] { outputs + states.map(\.next) }

  /// Fails unless every state begins as no constant and no input, and has one type; adds what can be read to `written`.
  func verifyStates(_ written: inout Set<TensorID>) throws(Diagnostic) {
    guard states.count <= Self.maximumInterface else {
      throw Diagnostic("graph.size", at: .file(file), "has more than \(Self.maximumInterface) states")
    }
    for (position, state) in states.enumerated() {
      let place = Diagnostic.Location.node(file: file, name: "state \(position) `\(self[state.current].name)`")
      let type = self[state.current].type
      guard self[state.current].constant == nil, written.insert(state.current).inserted else {
        throw Diagnostic("graph.state", at: place, "is a constant, an input or a state before it")
      }
      guard type.element != .float32 || type.quantization == nil, type.shape.elementCount > 0 else {
        throw Diagnostic("graph.state", at: place, "is empty or a quantized float")
      }
      guard self[state.next].type == type else {
        throw Diagnostic(
          "graph.state", at: place, "is \(type) before an inference, but \(self[state.next].type) after it")
      }
      guard state.initial.count == type.byteCount else {
        throw Diagnostic(
          "graph.state", at: place, "needs \(type.byteCount) bytes to begin with, but there are \(state.initial.count)")
      }
    }
  }
}
