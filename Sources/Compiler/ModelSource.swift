import Frontends
package import Support

/// The bytes of a model file, and of files beside it that hold its weights.
package struct ModelSource: Sendable {
  /// Name without its folder.
  package let name: String
  package let bytes: [UInt8]
  /// The other files by the names that the model has for them.
  let beside: [String: [UInt8]]

  /// More files than any exporter writes for a network that fits a microcontroller.
  private static let maximumCompanions = 64

  /// Reads the files.
  package init(path: String) throws(Diagnostic) {
    bytes = try Platform.read(path)
    let slash = path.lastIndex(of: "/")
    name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let folder = slash.map { String(path[...$0]) } ?? ""
    var beside: [String: [UInt8]] = [:]
    for companion in ONNXReader.companions(bytes, file: name).prefix(Self.maximumCompanions)
    where Platform.exists(folder + companion) {
      beside[companion] = try Platform.read(folder + companion)
    }
    self.beside = beside
  }

  /// A model in memory, which is one file.
  package init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
    beside = [:]
  }

  /// Of the model, and of the other files in the order of their names.
  package var sha256: String {
    beside.isEmpty
      ? Checksum.sha256(bytes)
      : Checksum.sha256(bytes + beside.sorted { $0.key < $1.key }.flatMap(\.value))
  }
}
