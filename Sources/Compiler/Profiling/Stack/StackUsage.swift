import Simulator
package import Support

/// What compilers say about the stack of their functions: the lines of the `.su` files of `-fstack-usage`.
///
/// A line is `FILE:LINE:COLUMN:FUNCTION`, bytes, and a word, with tabs between. `static` and `dynamic,bounded` are bytes that
/// are never exceeded; the latter function also pushes arguments of its calls, and they are in the sum. A function that is only
/// `dynamic` may take more.
/// Source: "Using the GNU Compiler Collection", 3.11 "Developer Options", and chapter "Static Stack Usage Analysis" of the
/// GNAT User's Guide.
package struct StackUsage: Sendable {
  package struct Figure: Equatable, Sendable {
    /// The source file that holds the function.
    package var file: String
    package var bytes: Int
    /// The bytes are never exceeded.
    package var isBounded: Bool

    package init(file: String, bytes: Int, isBounded: Bool) {
      self.file = file
      self.bytes = bytes
      self.isBounded = isBounded
    }
  }

  /// By the name in the source; of several clones of a function the largest figure, and unbounded when one of them is.
  package private(set) var functions: [String: Figure] = [:]

  package init() {}

  /// Adds the lines of a file.
  package mutating func add(_ text: String, file: String) throws(Diagnostic) {
    for (index, line) in text.split(separator: "\n").enumerated() {
      let fields = line.split(separator: "\t")
      let place = fields.first?.split(separator: ":") ?? []
      guard fields.count == 3, place.count >= 2, let bytes = Int(fields[1]), bytes >= 0 else {
        throw Diagnostic(
          "stack.usage", .externalProgram, at: .line(file: file, line: index + 1, column: 1),
          "is no line about the stack of a function")
      }
      let isBounded = fields[2] == "static" || fields[2] == "dynamic,bounded"
      let name = ELFImage.sourceName(String(place[place.count - 1]))
      let figure = Figure(file: String(place[0]), bytes: bytes, isBounded: isBounded)
      guard let other = functions[name] else {
        functions[name] = figure
        continue
      }
      functions[name]?.bytes = max(bytes, other.bytes)
      functions[name]?.isBounded = isBounded && other.isBounded
    }
  }
}
