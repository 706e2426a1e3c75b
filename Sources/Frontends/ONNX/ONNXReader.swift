import IR
import Operators
package import Support

/// Reads ONNX files: a `ModelProto` message of Protocol Buffers.
package enum ONNXReader {
  /// The versions of the standard operators that are understood.
  static let supportedVersions: ClosedRange<Int64> = 7...24

  /// The wire types of the fields of a `ModelProto`.
  private static let wireTypes: [UInt64: UInt64] = [
    1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2,
  ]

  /// Whether `bytes` look like an ONNX file, which has no mark at its start: the fields up to the graph are ones of a
  /// `ModelProto`, and the version of the format or the operators is among them. A file that is cut off behind the start of
  /// its graph looks like one too.
  package static func recognizes(_ bytes: [UInt8]) -> Bool {
    var cursor = ProtobufCursor(
      ByteReader(bytes, file: "", format: "onnx"), 0..<bytes.count, "the model")
    var seen: Set<UInt64> = []
    while !cursor.isAtEnd {
      guard let key = try? cursor.varint(""), wireTypes[key >> 3] == key & 7, let value = try? cursor.varint("") else {
        break
      }
      seen.insert(key >> 3)
      if key & 7 == 0 { continue }
      guard let count = Int(exactly: value), (try? cursor.skip(count, "")) != nil else { break }
    }
    return seen.contains(7) && (seen.contains(1) || seen.contains(8))
  }

  /// The network in `bytes` as far as it is supported, checked by the verifier.
  ///
  /// - Parameters:
  ///   - file: name of the file without its folder, for messages.
  ///   - beside: contents of the files that hold its weights, by the names that it has for them.
  package static func read(
    _ bytes: [UInt8], file: String, beside: [String: [UInt8]] = [:]
  ) throws(Diagnostic) -> ImportedModel {
    let reader = ByteReader(bytes, file: file, format: "onnx", beside: beside)
    let model = try ProtobufMessage(rootOf: reader, name: "the model")
    guard let graph = try model.message(7, "the graph") else {
      throw reader.failure("graph", at: 0, "the model has no graph")
    }
    let versions = try versions(model, field: 8)
    if let version = versions[""] {
      guard supportedVersions.contains(version) else {
        throw Diagnostic(
          "onnx.version", at: .file(file),
          "uses version \(version) of the standard operators; versions \(supportedVersions.lowerBound) to "
            + "\(supportedVersions.upperBound) are supported",
          notes: ["onnx.version_converter.convert_version(model, 17) writes another version"])
      }
    }
    var functions: [String: ONNXFunction] = [:]
    for message in try model.messages(25, "function") {
      let name = try message.string(1, "name of \(message.name)")
      functions["\(try message.string(10, "domain")).\(name)"] = try ONNXFunction(message)
    }
    var importer = ONNXImporter(file: file, versions: versions, functions: functions)
    try importer.addGraph(graph)
    // What is left of an unsupported network has no outputs.
    if importer.obstacles.isEmpty { try importer.graph.verify() }
    return ImportedModel(importer.graph, missing: importer.missing, obstacles: importer.obstacles)
  }

  /// The version of the operators of each domain.
  static func versions(_ message: ProtobufMessage, field: Int32) throws(Diagnostic) -> [String: Int64] {
    var versions: [String: Int64] = [:]
    for entry in try message.messages(field, "opset_import") {
      let domain = try entry.string(1, "domain")
      versions[domain == "ai.onnx" ? "" : domain] = try entry.integer(2, "version")
    }
    return versions
  }
}
