/// What is in the way of compiling a model, collected over all of its operators, so that one error names everything at once.
package struct Obstacles: Sendable {
  package private(set) var found: [Diagnostic] = []
  /// Obstacles that were met, since those of a loop's body are met in each round.
  private var known: Set<String> = []

  /// Errors about a whole file, behind which no other one is looked for.
  private static let final: Set<String> = [
    "graph.constants", "graph.size", "onnx.order", "onnx.size", "tflite.size",
  ]

  package init() {}

  package var isEmpty: Bool { found.isEmpty }

  /// Adds `error`, and goes on; one that ends the search is thrown: a damaged file, or one beyond a bound.
  ///
  /// - Parameter location: where it is, unless the error says that itself.
  package mutating func add(_ error: Diagnostic, at location: Diagnostic.Location = .unknown) throws(Diagnostic) {
    guard error.category == .badInput, !Self.final.contains(error.id) else { throw error.located(location) }
    if case .byte = error.location { throw error }
    for obstacle in error.obstacles.isEmpty ? [Remedies.completed(error).located(location)] : error.obstacles
    where known.insert(obstacle.description).inserted {
      found.append(obstacle)
    }
  }

  /// Fails with one error that names all of them, unless there are none.
  package func check(_ file: String) throws(Diagnostic) {
    guard let first = found.first else { return }
    guard found.count > 1 else { throw first }
    throw Diagnostic(joining: found, file: file)
  }
}
