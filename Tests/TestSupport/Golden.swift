import Support
package import Testing

/// Texts that are kept in files beside the tests.
package enum Golden {
  /// Compares `text` with the file `Goldens/NAME` beside the calling test.
  ///
  /// With `RECORD_GOLDENS=1` in the environment the file is written instead, and the test fails, so that a recording run
  /// is never taken for a passed one.
  package static func check(
    _ text: String, _ name: String, file: String = #filePath, location: SourceLocation = #_sourceLocation
  ) throws {
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/Goldens/\(name)"
    if Platform.environment("RECORD_GOLDENS") == "1" {
      try Platform.write(Array(text.utf8), to: path)
      Issue.record("recorded \(name); run again without RECORD_GOLDENS", sourceLocation: location)
      return
    }
    let expected = String(decoding: try Platform.read(path), as: UTF8.self)
    guard expected != text else { return }
    Issue.record(
      "\(name) differs; `make record-goldens` records it anew\n\(firstDifference(expected, text))",
      sourceLocation: location)
  }

  private static func firstDifference(_ expected: String, _ actual: String) -> String {
    let a = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let b = actual.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
    return "line \(line + 1):\n- \(line < a.count ? a[line] : "(end)")\n+ \(line < b.count ? b[line] : "(end)")"
  }
}
