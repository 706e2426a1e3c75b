extension String {
  /// The text with spaces behind it up to `width` characters.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// A table of text with aligned columns.
struct Table {
  private let rightAligned: Set<Int>
  private var rows: [[String]]

  /// - Parameter rightAligned: columns of numbers.
  init(_ header: [String], rightAligned: Set<Int>) {
    rows = [header]
    self.rightAligned = rightAligned
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  var rowCount: Int { rows.count - 1 }

  /// Characters of the longest line.
  var width: Int { widths.reduce(0, +) + 2 * max(0, widths.count - 1) }

  private var widths: [Int] { rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 } }

  var text: String {
    let widths = widths
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let fill = String(repeating: " ", count: widths[column] - cell.count)
        return rightAligned.contains(column) ? fill + cell : cell + fill
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
