/// The target descriptions that ship inside the program: every `*.json` of this folder.
package enum TargetCatalog {
  /// File name without suffix and text, in the order of the names.
  package static var descriptions: [(name: String, json: String)] {
    EmbeddedFiles.all.filter { $0.path.hasSuffix(".json") }.map { (String($0.path.dropLast(5)), $0.text) }
  }
}
