import Frontends
import IR
import Support

do throws(Diagnostic) {
  let path = CommandLine.arguments[1]
  let graph = try TFLiteReader.read(try Platform.read(path), file: path)
  print(graph.text)
} catch {
  print(error)
}
