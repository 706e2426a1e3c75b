import Planning
import Support

/// The map of the arena drawn with characters: a column a layer, a row so many bytes, high addresses on top.
struct MemoryPicture {
  /// No line is longer.
  static let width = 100
  private static let mostRows = 32

  /// What a cell shows beside a buffer's label.
  enum Mark: Character, CaseIterable {
    case whole = " "
    /// The layer still reads what lay here before.
    case over = ">"
    /// Only some rows of the tensor are there at a time.
    case partial = "~"
    /// There are other buffers in the cell that the column shows nowhere.
    case more = "+"
  }

  private struct Cell {
    let buffer: Int
    var mark: Mark
  }

  private let map: MemoryMap
  /// Bytes of a row: a power of two.
  let rowBytes: Int
  private let rowCount: Int
  /// By layer, from the lowest row to the highest.
  private let cells: [[Cell?]]

  init(_ map: MemoryMap) {
    var rowBytes = 1
    while (map.size + rowBytes - 1) / rowBytes > Self.mostRows { rowBytes *= 2 }
    let rowCount = (map.size + rowBytes - 1) / rowBytes
    let rows = (0..<rowCount).map { $0 * rowBytes..<min(map.size, ($0 + 1) * rowBytes) }
    self.map = map
    (self.rowBytes, self.rowCount) = (rowBytes, rowCount)
    cells = map.layers.map { Self.column($0.buffers, rows, map) }
  }

  /// The marks that the picture has.
  var marks: [Mark] {
    let used = cells.joined().compactMap { $0?.mark }
    return Mark.allCases.filter { used.contains($0) }
  }

  /// Each cell shows the buffer of which it sees most, when a buffer hides those below it.
  private static func column(_ live: [Int], _ rows: [Range<Int>], _ map: MemoryMap) -> [Cell?] {
    let buffers = map.buffers
    var covers: [Int: Int] = [:]
    for index in live {
      for (below, _) in buffers[index].over where live.contains(below) { covers[below] = index }
    }
    func bytes(_ index: Int, _ range: Range<Int>) -> Int { buffers[index].addresses.clamped(to: range).count }
    var shown: Set<Int> = []
    var column: [Cell?] = rows.map { row in
      var best: (buffer: Int, bytes: Int)?
      for index in live {
        let hidden = covers[index].map { bytes($0, row.clamped(to: buffers[index].addresses)) } ?? 0
        let seen = bytes(index, row) - hidden
        if seen > 0, seen >= best?.bytes ?? 0 { best = (index, seen) }
      }
      guard let best else { return nil }
      shown.insert(best.buffer)
      let below = buffers[best.buffer].over.filter { live.contains($0.buffer) }
        .reduce(0) { $0 + bytes($1.buffer, row.clamped(to: buffers[best.buffer].addresses)) }
      return Cell(
        buffer: best.buffer,
        mark: 2 * below > best.bytes ? .over : buffers[best.buffer].rows == nil ? .whole : .partial)
    }
    for index in live where !shown.contains(index) && covers[index] == nil && !buffers[index].addresses.isEmpty {
      if let row = rows.firstIndex(where: { $0.contains(buffers[index].addresses.lowerBound) }) {
        column[row]?.mark = .more
      }
    }
    return column
  }

  private func label(_ buffer: Int) -> String {
    map.buffers[buffer].isWorkingMemory ? "w" : map.buffers[buffer].label
  }

  /// The picture, in blocks of layers one below the other when they do not stand side by side.
  var text: String {
    let axis = max(grouped(map.size).count, "layer".count)
    let room = Self.width - axis - 3
    let labels = map.buffers.indices.map { label($0).count } + ["\(max(0, map.layers.count - 1))".count]
    let narrow = 1 + (labels.max() ?? 0)
    let blocks = (map.layers.count + room / narrow - 1) / (room / narrow)
    let perBlock = (map.layers.count + blocks - 1) / max(1, blocks)
    let cell = (narrow + 1) * perBlock <= room ? narrow + 1 : narrow
    return stride(from: 0, to: map.layers.count, by: max(1, perBlock)).map { first in
      block(Array(first..<min(map.layers.count, first + perBlock)), axis: axis, cell: cell)
    }.joined(separator: "\n")
  }

  private func block(_ layers: [Int], axis: Int, cell: Int) -> String {
    func line(_ head: String, _ separator: String, _ cells: [String]) -> String {
      var line = right(head, axis) + " \(separator) " + cells.map { right($0, cell) }.joined()
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }
    var text = line("layer", " ", layers.map { "\($0)" })
    let chains = layers.map { layer in bracket(layer, cell) }
    if chains.contains(where: { !$0.isEmpty }) { text += line("chain", " ", chains) }
    let peaks = Set(map.peakLayers)
    text += line("peak", " ", layers.map { peaks.contains($0) ? "v" : "" })
    text += right(grouped(map.size), axis) + " +" + String(repeating: "-", count: cell * layers.count + 1) + "\n"
    for row in (0..<rowCount).reversed() {
      text += line(
        row.isMultiple(of: 4) ? grouped(row * rowBytes) : "", "|",
        layers.map { layer in
          cells[layer][row].map { ($0.mark == .whole ? "" : String($0.mark.rawValue)) + label($0.buffer) } ?? "."
        })
    }
    return text
  }

  /// The piece of the bracket over the layers of a chain.
  private func bracket(_ layer: Int, _ cell: Int) -> String {
    guard let chain = map.groups.first(where: { $0.layers.contains(layer) })?.layers else { return "" }
    if layer == chain.lowerBound { return "[" + String(repeating: "-", count: "\(layer)".count - 1) }
    return String(repeating: "-", count: layer == chain.upperBound ? cell - 1 : cell)
      + (layer == chain.upperBound ? "]" : "")
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
