/// The C templates that ship inside the program: every `*.tmpl` of this folder.
package enum TemplateCatalog {
  /// Path below this folder without `.tmpl`, and text; in the order of the paths.
  package static var files: [(path: String, text: String)] {
    EmbeddedFiles.all.filter { $0.path.hasSuffix(".tmpl") }.map { (String($0.path.dropLast(5)), $0.text) }
  }
}
