/// What went wrong, where, and what to do about it: the one error type that crosses module borders.
///
/// A stage throws a diagnostic without a location when it does not know it, and its caller adds it with ``located(_:)``.
package struct Diagnostic: Error, Equatable, Sendable {
  /// Whose fault it is; decides the exit status of the program.
  package enum Category: Int32, Sendable {
    /// The answer to the question is "no": a difference was found or a budget is broken.
    case negative = 1
    case usage = 2
    case badInput = 3
    /// A program that is needed is missing or failed.
    case externalProgram = 4
  }

  package enum Location: Equatable, Sendable {
    case unknown
    case file(String)
    case byte(file: String, offset: Int)
    case node(file: String, name: String)
    case json(file: String, path: String)
    case line(file: String, line: Int, column: Int)
  }

  /// Stable identifier, such as `tflite.offset`.
  package let id: String
  package let category: Category
  package var location: Location
  package let message: String
  /// What the user can do about it, or more facts; one line each.
  package var notes: [String]
  /// The errors that this one sums up, in the order in which they are numbered; none in most.
  package let obstacles: [Diagnostic]

  package init(
    _ id: String, _ category: Category, at location: Location = .unknown, _ message: String, notes: [String] = []
  ) {
    self.id = id
    self.category = category
    self.location = location
    self.message = message
    self.notes = notes
    obstacles = []
  }

  /// One error for several ones about a model, which are numbered; those with the same notes stand together.
  package init(joining obstacles: [Diagnostic], file: String) {
    var groups: [[String]: [Diagnostic]] = [:]
    var order: [[String]] = []
    for obstacle in obstacles {
      if groups[obstacle.notes] == nil { order.append(obstacle.notes) }
      groups[obstacle.notes, default: []].append(obstacle)
    }
    self.obstacles = order.flatMap { groups[$0] ?? [] }
    id = self.obstacles.first?.id ?? "obstacles"
    category = .badInput
    location = .file(file)
    message = "\(obstacles.count) obstacles keep this model from being compiled"
    notes = []
  }

  /// A diagnostic about the content of an input file.
  package init(_ id: String, at location: Location = .unknown, _ message: String, notes: [String] = []) {
    self.init(id, .badInput, at: location, message, notes: notes)
  }

  /// The same diagnostic at `location`, unless it has one already.
  package func located(_ location: Location) -> Diagnostic {
    guard self.location == .unknown else { return self }
    var copy = self
    copy.location = location
    return copy
  }

  /// The same diagnostic with one more note.
  package func noting(_ note: String) -> Diagnostic {
    var copy = self
    copy.notes.append(note)
    return copy
  }
}

extension Diagnostic: CustomStringConvertible {
  /// The location with a colon behind it.
  private var place: String {
    switch location {
    case .unknown: ""
    case .file(let file): "\(file): "
    case .byte(let file, let offset): "\(file): byte \(offset): "
    case .node(let file, let name): file.isEmpty ? "\(name): " : "\(file): \(name): "
    case .json(let file, let path): "\(file): \(path): "
    case .line(let file, let line, let column): "\(file):\(line):\(column): "
    }
  }

  /// What it says of a place inside of the file, whose name stands elsewhere.
  package var textInFile: String {
    guard case .node(_, let name) = location else { return message }
    return "\(name): \(message)"
  }

  /// `error: PLACE: MESSAGE`, the numbered obstacles with their notes, then one indented line a note.
  package var description: String {
    var lines = ["error: \(place)\(message)"]
    let width = "\(obstacles.count)".count
    let margin = String(repeating: " ", count: width + 4)
    for (index, obstacle) in obstacles.enumerated() {
      let number = "\(index + 1)"
      lines.append("  \(String(repeating: " ", count: width - number.count))\(number)  \(obstacle.textInFile)")
      // Those that stand together share their notes.
      let isLast = index + 1 == obstacles.count || obstacles[index + 1].notes != obstacle.notes
      if isLast { lines += obstacle.notes.map { "\(margin)note: \($0)" } }
    }
    return (lines + notes.map { "  note: \($0)" }).joined(separator: "\n")
  }
}
