package import Frontends
package import IR
import Quantization
package import Support

/// What is in the way of compiling a model: everything that front ends and later stages refuse, found at once.
///
/// Where operators are missing, later stages look at the rest: what the missing ones write are inputs then, and what they
/// read are outputs. A float network is quantized with made-up ranges, which shows what can't be quantized.
package struct Examination: Sendable {
  /// The operators that could be read.
  package let graph: Graph
  /// Operators of the file that are not in the graph.
  package let missing: [MissingOperator]
  /// Whether something is computed in floats, so that calibration vectors are needed.
  package private(set) var needsCalibration: Bool
  private var obstacles: Obstacles
  private let file: String

  /// Reads a model; fails when the file is damaged.
  package init(_ source: ModelSource) throws(Diagnostic) {
    let imported = try Frontend.examine(source.bytes, file: source.name, beside: source.beside)
    file = source.name
    missing = imported.missing
    obstacles = imported.obstacles
    var graph = imported.graph
    if obstacles.isEmpty {
      do throws(Diagnostic) {
        graph = try Pipeline.arrange(graph)
      } catch {
        try obstacles.add(error)
      }
    }
    self.graph = graph
    needsCalibration = Quantizer.isNeeded(graph)
  }

  package var isReadable: Bool { obstacles.isEmpty }

  /// Adds what kept a stage behind the front end from doing its work.
  package mutating func add(_ error: Diagnostic) throws(Diagnostic) { try obstacles.add(error, at: .file(file)) }

  /// Looks for what later stages refuse.
  ///
  /// - Parameter quantized: the network as int8, when that has been made of it.
  package mutating func lookAhead(_ quantized: Graph? = nil) throws(Diagnostic) {
    do throws(Diagnostic) {
      var integers = quantized ?? graph
      if !obstacles.isEmpty {
        integers = integers.rest(without: Set(obstacles.found.map(\.textInFile)))
        guard !integers.nodes.isEmpty, !integers.inputs.isEmpty else { return }
        try integers.verify()
      }
      if needsCalibration, quantized == nil, (try? Pipeline.lower(integers)) != nil {
        // What is float are values that quantized ones go through.
        needsCalibration = false
        return
      }
      if quantized == nil, needsCalibration { integers = try Quantizer.rehearse(try Pipeline.prepare(integers)) }
      _ = try Pipeline.lower(integers)
    } catch {
      try add(error)
    }
  }

  /// Everything that was found, numbered from 1 in messages; empty when nothing is in the way.
  package var found: [Diagnostic] { summary.map { $0.obstacles.isEmpty ? [$0] : $0.obstacles } ?? [] }

  /// Fails with everything that was found.
  ///
  /// - Parameter hasVectors: whether calibration vectors were given.
  package func check(hasVectors: Bool) throws(Diagnostic) {
    guard let summary else { return }
    throw needsCalibration && !hasVectors
      ? summary.noting("the network computes in floats: without obstacles it still needs `--calibrate VECTORS.npy`")
      : summary
  }

  private var summary: Diagnostic? {
    do throws(Diagnostic) {
      try obstacles.check(file)
      return nil
    } catch {
      return error
    }
  }
}

extension Graph {
  /// The graph without nodes that are obstacles themselves: what is read and not written is an input of it, and what is
  /// written and not read an output.
  fileprivate func rest(without obstacles: Set<String>) -> Graph {
    var graph = self
    graph.nodes.removeAll { node in
      guard case .node(_, let name) = location(node) else { return false }
      return obstacles.contains { $0.hasPrefix("\(name): ") }
    }
    let written = Set(graph.nodes.flatMap(\.outputs))
    let read = Set(graph.nodes.flatMap(\.inputs))
    graph.states = states.filter { written.contains($0.next) || self[$0.next].constant != nil }
    let known = Set(graph.sources)
    graph.inputs += read.filter { !written.contains($0) && !known.contains($0) && graph[$0].constant == nil }.sorted()
    graph.outputs = graph.outputs.filter(written.contains)
    let results = Set(graph.results)
    graph.outputs += written.filter { !read.contains($0) && !results.contains($0) }.sorted()
    return graph
  }
}
