import Support

extension Graph {
  /// The text form of the graph: one line a tensor or node, in the order in which they run.
  ///
  /// `--dump-after` prints it, and golden tests compare it. Constants show their type, and their values when they are few.
  package var text: String {
    var lines = ["graph \(file)"]
    for id in inputs { lines.append("  input \(id) \(quoted(id)): \(self[id].type)") }
    for state in states {
      lines.append("  state \(state.current) \(quoted(state.current)): \(self[state.current].type) next \(state.next)")
    }
    var shown: Set<TensorID> = []
    func showConstants(_ ids: [TensorID]) {
      for id in ids where self[id].constant != nil && shown.insert(id).inserted {
        lines.append("  const \(id) \(quoted(id)): \(self[id].type)\(valueText(id))")
      }
    }
    for node in nodes {
      showConstants(node.inputs)
      let outputs = node.outputs.map { "\($0) \(quoted($0)): \(self[$0].type)" }.joined(separator: ", ")
      let attributes = node.op.attributes.description
      let call = "\(node.op.mnemonic)(\(node.inputs.map(\.description).joined(separator: ", ")))"
      lines.append("  \(outputs) = \(call)\(attributes.isEmpty ? "" : " {\(attributes)}") from \(node.origin)")
    }
    showConstants(outputs)
    lines.append("  output \(outputs.map(\.description).joined(separator: ", "))")
    return lines.joined(separator: "\n") + "\n"
  }

  private func quoted(_ id: TensorID) -> String { "`\(self[id].name)`" }

  /// Up to 8 values in full, more as the first ones and a checksum.
  private func valueText(_ id: TensorID) -> String {
    guard let bytes = self[id].constant, let tensor = try? Tensor(self[id].type, bytes: bytes) else { return "" }
    let values: [String] =
      switch tensor.elements {
      case .ints(let ints): ints.prefix(8).map { "\($0)" }
      case .wide(let ints): ints.prefix(8).map { "\($0)" }
      case .floats(let floats): floats.prefix(8).map { "\($0)" }
      }
    let count = self[id].type.shape.elementCount
    let rest = count > 8 ? " ... crc32 \(hexadecimal(Checksum.crc32(bytes), digits: 8))" : ""
    return " = \(values.joined(separator: " "))\(rest)"
  }
}
