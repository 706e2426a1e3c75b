package import IR
package import Support

/// Recognizes model files by their content.
package enum Frontend {
  /// The network in `bytes`; fails with everything that is not supported.
  ///
  /// - Parameter file: name of the file without its folder, for messages.
  package static func read(_ bytes: [UInt8], file: String) throws(Diagnostic) -> Graph {
    try examine(bytes, file: file).complete()
  }

  /// The network in `bytes` as far as it can be read; fails when the file is damaged.
  ///
  /// - Parameters:
  ///   - file: name of the file without its folder, for messages.
  ///   - beside: contents of the files that hold its weights, by the names that it has for them.
  package static func examine(
    _ bytes: [UInt8], file: String, beside: [String: [UInt8]] = [:]
  ) throws(Diagnostic) -> ImportedModel {
    if ModelBinaryReader.recognizes(bytes) { return ImportedModel(try ModelBinaryReader.read(bytes, file: file)) }
    if TFLiteReader.recognizes(bytes) { return try TFLiteReader.read(bytes, file: file) }
    if ONNXReader.recognizes(bytes) { return try ONNXReader.read(bytes, file: file, beside: beside) }
    throw Diagnostic(
      "frontend.format", at: .byte(file: file, offset: 0),
      "is neither a model.bin nor a TensorFlow Lite or ONNX file",
      notes: [
        "a model.bin starts with the bytes `NNCG`; a .tflite has `TFL3` at byte 4; an .onnx is a ModelProto with a graph"
      ])
  }
}
