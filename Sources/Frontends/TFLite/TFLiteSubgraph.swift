import IR
import Operators
import Support

/// A subgraph of a TensorFlow Lite file: its tensors and operators, decoded once, however often it is built into the graph.
struct TFLiteSubgraph {
  struct TensorEntry {
    /// When the type is not supported, with another one that stands for it.
    let info: TensorInfo
    let isVariable: Bool
    /// Some sizes are open; those in the type stand for them.
    let isDynamic: Bool
    /// Why the type is not supported; the message goes on behind the name of the tensor.
    let problem: Diagnostic?
  }

  struct OperatorEntry {
    /// The file's name of the operator.
    let name: String
    /// Indices of tensors; nil for an absent input, which is dropped at the end.
    let inputs: [Int?]
    let outputs: [Int]
    let options: FlatTable?
  }

  let index: Int
  let tensors: [TensorEntry]
  let operators: [OperatorEntry]
  let inputs: [Int]
  let outputs: [Int]

  /// - Parameters:
  ///   - codes: name of each operator code.
  ///   - buffers: data of each buffer.
  init(_ table: FlatTable, index: Int, codes: [String], buffers: [[UInt8]]) throws(Diagnostic) {
    self.index = index
    tensors = try table.tables(0, "tensors").map { (entry) throws(Diagnostic) in
      try TFLiteTensorReader(buffers: buffers).read(entry)
    }
    let entries = try table.tables(3, "operators")
    guard entries.count <= Graph.maximumNodes else {
      throw table.reader.failure(
        "tensor", at: table.offset,
        "the file has \(entries.count) operators, more than \(Graph.maximumNodes)")
    }
    var operators: [OperatorEntry] = []
    for (index, entry) in entries.enumerated() {
      let code = try entry.uint32(0, "opcode_index")
      guard codes.indices.contains(code) else {
        throw entry.reader.failure(
          "tensor", at: entry.offset,
          "operator \(index) has operator code \(code), but the file has \(codes.count)")
      }
      operators.append(
        OperatorEntry(
          name: codes[code], inputs: try Self.optionalIndices(entry, 1, "inputs", count: tensors.count),
          outputs: try Self.indices(entry, 2, "outputs", count: tensors.count),
          options: try entry.table(4, "options of \(entry.name)")))
    }
    self.operators = operators
    inputs = try Self.indices(table, 1, "inputs", count: tensors.count)
    outputs = try Self.indices(table, 2, "outputs", count: tensors.count)
  }

  /// The tensors that a vector names, which must all be there.
  private static func indices(
    _ table: FlatTable, _ field: Int, _ label: String, count: Int
  ) throws(Diagnostic) -> [Int] {
    var indices: [Int] = []
    for (position, index) in try optionalIndices(table, field, label, count: count).enumerated() {
      guard let index else {
        throw table.reader.failure(
          "tensor", at: table.offset, "\(label) of \(table.name): number \(position) is absent")
      }
      indices.append(index)
    }
    return indices
  }

  /// The tensors that a vector names; nil for −1, an absent one, which is dropped at the end.
  private static func optionalIndices(
    _ table: FlatTable, _ field: Int, _ label: String, count: Int
  ) throws(Diagnostic) -> [Int?] {
    var indices = try table.int32s(field, "\(label) of \(table.name)") ?? []
    while indices.last == -1 { indices.removeLast() }
    for index in indices where index != -1 && !(0..<count).contains(index) {
      throw table.reader.failure(
        "tensor", at: table.offset, "\(label) of \(table.name) name tensor \(index), but the file has \(count)")
    }
    return indices.map { $0 == -1 ? nil : $0 }
  }
}
