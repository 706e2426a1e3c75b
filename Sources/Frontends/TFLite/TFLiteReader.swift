import IR
import Operators
package import Support

/// Reads TensorFlow Lite files (FlatBuffers with the identifier `TFL3`).
///
/// Source of the field numbers: the TensorFlow Lite schema, version 3.
package enum TFLiteReader {
  /// Whether `bytes` look like a TensorFlow Lite file.
  package static func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 8 && Array(bytes[4..<8]) == Array("TFL3".utf8)
  }

  /// The network in `bytes` as far as it is supported, checked by the verifier.
  ///
  /// - Parameter file: name of the file without its folder, for messages.
  package static func read(_ bytes: [UInt8], file: String) throws(Diagnostic) -> ImportedModel {
    let reader = ByteReader(bytes, file: file, format: "tflite")
    let model = try FlatTable(rootOf: reader, name: "the model")
    let version = try model.uint32(0, "version")
    guard version == 3 else { throw reader.failure("version", at: model.offset, "schema version \(version) is not 3") }
    let subgraphs = try model.tables(2, "subgraphs")
    guard !subgraphs.isEmpty, subgraphs.count <= 1024 else {
      throw reader.failure("subgraphs", at: model.offset, "the model has \(subgraphs.count) subgraphs, not 1 to 1,024")
    }
    let (codes, buffers) = (try operatorCodes(model), try buffers(model))
    var decoded: [TFLiteSubgraph] = []
    for (index, table) in subgraphs.enumerated() {
      decoded.append(try TFLiteSubgraph(table, index: index, codes: codes, buffers: buffers))
    }
    var importer = TFLiteImporter(decoded, file: file)
    try importer.build(decoded[0])
    var obstacles = importer.obstacles
    let graph = try UnsignedModels.signed(importer.graph, &obstacles)
    do throws(Diagnostic) {
      try graph.verify(&obstacles, missing: importer.absent)
    } catch {
      try obstacles.add(error)
    }
    return ImportedModel(graph, missing: importer.missing, obstacles: obstacles)
  }

  /// The name of each operator code of the file.
  private static func operatorCodes(_ model: FlatTable) throws(Diagnostic) -> [String] {
    var names: [String] = []
    for code in try model.tables(1, "operator_codes") {
      let builtin = max(Int(try code.int8(0, "deprecated_builtin_code")), try code.int32(3, "builtin_code"))
      if builtin == 32 {
        names.append("CUSTOM `\(try code.string(1, "custom_code"))`")
      } else if BuiltinOperator.names.indices.contains(builtin) {
        names.append(String(BuiltinOperator.names[builtin]))
      } else {
        names.append("operator code \(builtin)")
      }
    }
    return names
  }

  /// The data of each buffer; empty when there are none.
  private static func buffers(_ model: FlatTable) throws(Diagnostic) -> [[UInt8]] {
    var buffers: [[UInt8]] = []
    for buffer in try model.tables(4, "buffers") {
      var data = try buffer.bytes(0, "data of \(buffer.name)") ?? []
      // Files above 2 GB keep the data behind the FlatBuffer; offsets 0 and 1 mean none.
      let (offset, size) = (try buffer.uint64(1, "offset"), try buffer.uint64(2, "size"))
      if data.isEmpty, offset > 1 {
        guard let start = Int(exactly: offset), let count = Int(exactly: size) else {
          throw buffer.reader.failure("buffer", at: buffer.offset, "\(buffer.name) lies outside of the file")
        }
        data = Array(try buffer.reader.slice(count, at: start, "data of \(buffer.name)"))
      }
      buffers.append(data)
    }
    return buffers
  }
}
