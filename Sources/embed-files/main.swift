// embed-files ROOT OUTPUT FILE... writes a Swift file that holds each FILE as a string, keyed by its path below ROOT.
import Foundation

/// A raw string literal of `text` with enough number signs that the text can't close it.
func literal(_ text: String) -> String {
  var signs = "#"
  while text.contains("\"\"\"" + signs) || text.contains("\\" + signs) { signs += "#" }
  return "\(signs)\"\"\"\n\(text)\n\"\"\"\(signs)"
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  FileHandle.standardError.write(Data("usage: embed-files ROOT OUTPUT FILE...\n".utf8))
  exit(2)
}
let root = arguments[1].hasSuffix("/") ? arguments[1] : arguments[1] + "/"
var text = "/// The data files of this folder, by path.\npackage enum EmbeddedFiles {\n"
text += "  package static let all: [(path: String, text: String)] = [\n"
for path in arguments.dropFirst(3).sorted() {
  let contents = try String(contentsOfFile: path, encoding: .utf8)
  let name = path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path
  text += "(\(literal(name)), \(literal(contents))),\n"
}
text += "  ]\n}\n"
try text.write(toFile: arguments[2], atomically: true, encoding: .utf8)
