import IR

/// Nested loops over the elements of several tensors that step in parallel.
package struct LoopNest: Equatable, Sendable {
  package struct Axis: Equatable, Sendable {
    package let size: Int
    /// How far each tensor moves, in elements, from one iteration to the next; 0 where there is a table.
    package let steps: [Int]
    /// Where the steps of a tensor differ: its offset in each iteration, by the number of the tensor.
    package let tables: [Int: [Int]]

    package init(size: Int, steps: [Int], tables: [Int: [Int]] = [:]) {
      self.size = size
      self.steps = steps
      self.tables = tables
    }

    func offset(_ tensor: Int, _ iteration: Int) -> Int { tables[tensor]?[iteration] ?? iteration * steps[tensor] }
  }

  /// Outermost first.
  package let axes: [Axis]

  /// Axes of size 1 are dropped, and neighbours that every tensor steps through as one are merged.
  package init(_ axes: [Axis]) {
    var merged: [Axis] = []
    for axis in axes where axis.size != 1 {
      if let last = merged.last, last.tables.isEmpty, axis.tables.isEmpty,
        zip(last.steps, axis.steps).allSatisfy({ $0 == $1 * axis.size })
      {
        merged[merged.count - 1] = Axis(size: last.size * axis.size, steps: axis.steps)
      } else {
        merged.append(axis)
      }
    }
    self.axes = merged
  }

  /// Number of innermost iterations.
  package var count: Int { axes.reduce(1) { $0 * $1.size } }

  /// All but the innermost loop.
  package var outer: LoopNest { LoopNest(Array(axes.dropLast())) }

  /// Calls `body` with the offset of each of `tensors` tensors, innermost axis fastest.
  package func forEach(tensors: Int, _ body: ([Int]) -> Void) {
    // One list for all iterations: a new one for each would take most of the time.
    var offsets = [Int](repeating: 0, count: tensors)
    func walk(_ level: Int) {
      guard level < axes.count else { return body(offsets) }
      let axis = axes[level]
      for i in 0..<axis.size {
        for tensor in 0..<tensors { offsets[tensor] += axis.offset(tensor, i) }
        walk(level + 1)
        for tensor in 0..<tensors { offsets[tensor] -= axis.offset(tensor, i) }
      }
    }
    walk(0)
  }

  /// C text of the loops around `body`, which gets for each tensor the C expression of its offset.
  ///
  /// - Parameters:
  ///   - starts: offset of each tensor before the first iteration.
  ///   - variable: name of the loop variables before their number.
  ///   - table: the C expression for the offset of a tensor from its table, by the level of the loop, and the name of the
  ///     variable that gets it.
  package func cText(
    starts: [Int], variable: String = "i",
    table: (_ level: Int, _ tensor: Int) -> (name: String, value: String) = { _, _ in ("", "0") },
    _ body: ([String]) -> String
  ) -> String {
    let offsets = starts.enumerated().map { tensor, start -> String in
      var terms = start == 0 ? [] : ["\(start)"]
      for (level, axis) in axes.enumerated() {
        if axis.tables[tensor] != nil { terms.append((terms.isEmpty ? "" : "+ ") + table(level, tensor).name) }
        guard axis.steps[tensor] != 0 else { continue }
        let step = axis.steps[tensor]
        let term = step == 1 ? "\(variable)\(level)" : "\(variable)\(level) * \(step.magnitude)"
        terms.append(step < 0 ? "- \(term)" : terms.isEmpty ? term : "+ \(term)")
      }
      // A first term with a minus sign is written as 0 - term.
      if let first = terms.first, first.hasPrefix("-") { terms.insert("0", at: 0) }
      return terms.isEmpty ? "0" : terms.joined(separator: " ")
    }
    var text = ""
    for (level, axis) in axes.enumerated() {
      let i = "\(variable)\(level)"
      text += String(repeating: "    ", count: level) + "for (int32_t \(i) = 0; \(i) < \(axis.size); \(i)++) {\n"
      for tensor in axis.tables.keys.sorted() {
        let (name, value) = table(level, tensor)
        text += String(repeating: "    ", count: level + 1) + "const int32_t \(name) = \(value);\n"
      }
    }
    let indent = String(repeating: "    ", count: axes.count)
    text += body(offsets).split(separator: "\n").map { indent + $0 + "\n" }.joined()
    for level in axes.indices.reversed() { text += String(repeating: "    ", count: level) + "}\n" }
    return text
  }
}
