import Support

/// Where the data of a tensor lie that another file holds, as PyTorch writes them beside the model.
///
/// Source: `docs/ExternalData.md` of ONNX.
struct ONNXExternalData: Sendable {
  /// Name of the file, from the folder of the model on.
  let location: String
  private let offset: Int
  private let length: Int?
  private let message: ProtobufMessage

  /// nil when the message itself holds the data.
  init?(_ message: ProtobufMessage) throws(Diagnostic) {
    guard try message.integer(14, "data_location") != 0 || message.has(13) else { return nil }
    var entries: [String: String] = [:]
    for entry in try message.messages(13, "external_data") {
      entries[try entry.string(1, "a key")] = try entry.string(2, "a value")
    }
    func number(_ key: String) throws(Diagnostic) -> Int? {
      guard let text = entries[key] else { return nil }
      guard let value = Int(text), value >= 0 else {
        throw message.failure("external", "`\(key)` of the data of \(message.name) is no size: `\(text)`")
      }
      return value
    }
    location = entries["location"] ?? ""
    (offset, length) = (try number("offset") ?? 0, try number("length"))
    self.message = message
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { ["", ".."].contains($0) }), !location.utf8.contains(0) else {
      throw message.failure(
        "external", "the data of \(message.name) lie in `\(location)`, which is no file in the model's folder")
    }
  }

  /// The `count` bytes of the tensor.
  func bytes(_ count: Int) throws(Diagnostic) -> ArraySlice<UInt8> {
    guard let file = message.reader.beside[location] else {
      throw Diagnostic(
        "onnx.external", at: .byte(file: message.reader.file, offset: message.range.lowerBound),
        "the data of \(message.name) lie in `\(location)`, which is not beside the model",
        notes: [
          "put both files into one folder, or write one file: "
            + "onnx.save(onnx.load(\"model.onnx\"), \"whole.onnx\", save_as_external_data=False)"
        ])
    }
    guard length == nil || length == count, offset <= file.count, count <= file.count - offset else {
      throw message.failure(
        "external",
        "\(message.name) needs \(count) bytes at \(offset) of `\(location)`, which "
          + (length.map { "shall have \($0) there and " } ?? "") + "ends at \(file.count)")
    }
    return file[offset..<offset + count]
  }
}

extension ONNXReader {
  /// The files that hold weights of the model in `bytes`; none when it can't be read.
  package static func companions(_ bytes: [UInt8], file: String) -> [String] {
    let reader = ByteReader(bytes, file: file, format: "onnx")
    guard recognizes(bytes), let model = try? ProtobufMessage(rootOf: reader, name: "the model"),
      let graph = try? model.message(7, "the graph"), let initializers = try? graph.messages(5, "initializer")
    else { return [] }
    var names: [String] = []
    for initializer in initializers {
      guard let data = try? ONNXExternalData(initializer), !names.contains(data.location) else { continue }
      names.append(data.location)
    }
    return names
  }
}
