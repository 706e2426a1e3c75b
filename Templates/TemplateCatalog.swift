/// The C templates that ship inside the program: every file of this folder.
package enum TemplateCatalog {
  /// Path below this folder and text, in the order of the paths.
  package static var files: [(path: String, text: String)] { EmbeddedFiles.all }
}
