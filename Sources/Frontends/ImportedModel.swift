package import IR
package import Support

/// An operator of a file that is not in the graph: it is an obstacle, or reads what one would give.
package struct MissingOperator: Sendable {
  /// How many nodes of the graph stand before it.
  package let position: Int
  package let origin: Origin
  /// Its place in messages.
  package let location: Diagnostic.Location
  /// What it writes first, and the type of that when the file says it.
  package let output: (name: String, type: TensorType?)
}

/// A model file as far as it could be read, and what is in the way of reading the rest.
///
/// Front ends go on behind an operator that is not supported. What they find there and what later stages find is told
/// together: see `Examination`.
package struct ImportedModel: Sendable {
  /// Without the missing operators; one that can be compiled only when there are no obstacles.
  package let graph: Graph
  package let missing: [MissingOperator]
  package let obstacles: Obstacles

  package init(_ graph: Graph, missing: [MissingOperator] = [], obstacles: Obstacles = Obstacles()) {
    self.graph = graph
    self.missing = missing
    self.obstacles = obstacles
  }

  /// The graph; fails with everything that is in the way.
  package func complete() throws(Diagnostic) -> Graph {
    try obstacles.check(graph.file)
    return graph
  }
}
