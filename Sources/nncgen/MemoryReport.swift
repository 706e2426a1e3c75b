import Planning
import Support

/// The texts of `nncgen inspect --memory`, and what errors say of the arena.
enum MemoryReport {
  static func json(_ map: MemoryMap) -> [(String, JSON)] {
    func layers(_ range: ClosedRange<Int>) -> [(String, JSON)] {
      [("first_layer", .int(range.lowerBound)), ("last_layer", .int(range.upperBound))]
    }
    let buffers = map.buffers.map { buffer in
      let (kind, index): (String, (String, JSON)) =
        switch buffer.kind {
        case .input(let position): ("input", ("input", .int(position)))
        case .output(let layer): ("output", ("layer", .int(layer)))
        case .workingMemory(let layer): ("working_memory", ("layer", .int(layer)))
        }
      var members: [(String, JSON)] = [
        ("label", .string(buffer.label)), ("kind", .string(kind)), index, ("name", .string(buffer.name)),
        ("offset", .int(buffer.addresses.lowerBound)), ("bytes", .int(buffer.addresses.count)),
      ]
      members += layers(buffer.layers)
      if let rows = buffer.rows { members += [("rows", .int(rows.kept)), ("of_rows", .int(rows.height))] }
      if !buffer.over.isEmpty {
        members.append(
          (
            "over",
            .array(
              buffer.over.map {
                .object([("label", .string(map.buffers[$0.buffer].label)), ("bytes", .int($0.bytes))])
              })
          ))
      }
      return JSON.object(members)
    }
    return [
      (
        "arena",
        .object([
          ("bytes", .int(map.size)), ("lower_bound", .int(map.lowerBound)), ("peak", .int(map.peak)),
          ("peak_layers", .array(map.peakLayers.map { .int($0) })),
        ])
      ),
      ("buffers", .array(buffers)),
      (
        "layers",
        .array(
          map.layers.map { layer in
            .object([
              ("name", .string(layer.name)), ("operator", .string(layer.operatorName)),
              ("kernel", .string(layer.kernel)), ("bytes", .int(layer.bytes)),
              ("buffers", .array(layer.buffers.map { .string(map.buffers[$0].label) })),
            ])
          })
      ),
      (
        "chains",
        .array(
          map.groups.map { .object(layers($0.layers) + [("rows", .int($0.rows)), ("rounds", .int($0.rounds))]) })
      ),
      (
        "caller",
        .array(
          map.callers.map {
            .object([
              ("role", .string($0.isInput ? "input" : "output")), ("name", .string($0.name)), ("bytes", .int($0.bytes)),
            ])
          })
      ),
    ]
  }

  static func text(_ map: MemoryMap, title: String) -> String {
    guard map.size > 0 else { return "\(title)\n\n" + paragraph("arena", "none is needed") + callers(map) }
    let picture = MemoryPicture(map)
    return "\(title)\n\n\(picture.text)\n\(legend(map, picture))\n\(table(map))\n\(footer(map))"
  }

  /// What the signs of the picture mean.
  private static func legend(_ map: MemoryMap, _ picture: MemoryPicture) -> String {
    var lines = [
      ("row", "\(grouped(picture.rowBytes)) byte\(picture.rowBytes == 1 ? "" : "s")"), ("N", "the output of layer N"),
    ]
    if map.buffers.contains(where: { $0.label.contains(".") }) { lines.append(("N.M", "output M of layer N")) }
    if let input = map.buffers.first(where: \.isInput) { lines.append((input.label, "the input")) }
    if map.buffers.contains(where: \.isWorkingMemory) { lines.append(("w", "working memory of the column's layer")) }
    for mark in picture.marks {
      switch mark {
      case .whole: break
      case .over: lines.append((">N", "the output of layer N, written over an input that is read for the last time"))
      case .partial: lines.append(("~N", "the output of layer N, of which only some rows are there at a time"))
      case .more: lines.append(("+N", "with other buffers that are too small to be drawn: see the table"))
      }
    }
    return lines.map { $0.padded(to: 9) + $1 + "\n" }.joined()
  }

  private static func table(_ map: MemoryMap) -> String {
    let order = map.buffers.indices.sorted {
      (map.buffers[$0].layers.lowerBound, $0) < (map.buffers[$1].layers.lowerBound, $1)
    }
    let (hasRows, hasOver) = (map.buffers.contains { $0.rows != nil }, map.buffers.contains { !$0.over.isEmpty })
    func row(_ cells: [String], rows: String, over: String, _ rest: String) -> [String] {
      cells + (hasRows ? [rows] : []) + (hasOver ? [over] : []) + [rest]
    }
    let header = row(["buffer", "bytes", "offset", "layers"], rows: "rows", over: "over", "what")
    let rows = order.map { index in
      let buffer = map.buffers[index]
      let layers = buffer.layers
      return row(
        [
          buffer.label, grouped(buffer.addresses.count), grouped(buffer.addresses.lowerBound),
          layers.count == 1 ? "\(layers.lowerBound)" : "\(layers.lowerBound)-\(layers.upperBound)",
        ], rows: buffer.rows.map { "\($0.kept) of \($0.height)" } ?? "",
        over: buffer.over.map { "\(map.buffers[$0.buffer].label): \(grouped($0.bytes))" }.joined(separator: ", "),
        what(buffer, map))
    }
    var table = Table(header, rightAligned: [1, 2])
    for row in rows { table.add(row.dropLast() + [""]) }
    // Names are cut so that a line is not too long; they differ at their end.
    let room = max(24, MemoryPicture.width - table.width + "what".count)
    table = Table(header, rightAligned: [1, 2])
    for (index, row) in zip(order, rows) {
      let excess = row[row.count - 1].count - room
      table.add(excess > 0 ? row.dropLast() + [what(map.buffers[index], map, cutting: excess)] : row)
    }
    return table.text
  }

  private static func what(_ buffer: MemoryMap.Buffer, _ map: MemoryMap, cutting excess: Int = 0) -> String {
    let name = excess > 0 ? "..." + buffer.name.dropFirst(excess + 3) : buffer.name
    return switch buffer.kind {
    case .input: "input `\(name)`"
    case .output(let layer): "\(map.layers[layer].operatorName) `\(name)`"
    case .workingMemory: "working memory of \(buffer.name)"
    }
  }

  private static func footer(_ map: MemoryMap) -> String {
    let peaks = map.peakLayers
    var text = paragraph("arena", bound(map.size, map.lowerBound))
    text += paragraph(
      "peak", "\(grouped(map.peak)) bytes, in layer\(peaks.count == 1 ? "" : "s") ", peaks.map { "\($0)" })
    for layers in groups(peaks, map).prefix(mostPeaks) {
      let place =
        layers.count == 1
        ? "layer \(layers[0]), \(map.layers[layers[0]].operatorName)"
        : "layers \(layers.map { "\($0)" }.joined(separator: ", "))"
      text += paragraph("", place + ": ", contents(map, layers[0]) { map.buffers[$0].label })
    }
    for chain in map.groups {
      let layers = chain.layers
      text += paragraph(
        "chain",
        "layers \(layers.lowerBound)-\(layers.upperBound) run together, \(chain.rows) row\(chain.rows == 1 ? "" : "s") "
          + "of the output of layer \(layers.upperBound) at a time")
    }
    return text + callers(map)
  }

  private static func callers(_ map: MemoryMap) -> String {
    guard !map.callers.isEmpty else { return "" }
    return paragraph(
      "caller", "\(grouped(map.callers.reduce(0) { $0 + $1.bytes })) bytes more in buffers of the caller: ",
      map.callers.map { "\($0.isInput ? "input" : "output") `\($0.name)` (\(grouped($0.bytes)))" })
  }

  /// A line with a word before it; `items` follow `text`, on more lines where they are many.
  private static func paragraph(_ head: String, _ text: String, _ items: [String] = []) -> String {
    let margin = "".padded(to: 9)
    var lines = [head.padded(to: 9) + text]
    for (index, item) in items.enumerated() {
      let next = item + (index == items.count - 1 ? "" : ",")
      let last = lines[lines.count - 1]
      if last.count + next.count > MemoryPicture.width {
        lines.append(margin + next + " ")
      } else {
        lines[lines.count - 1] = last + next + " "
      }
    }
    return lines.map { ($0.hasSuffix(" ") ? String($0.dropLast()) : $0) + "\n" }.joined()
  }
}

extension MemoryReport {
  /// More layers at the peak are not told apart.
  private static let mostPeaks = 3

  /// The size of an arena, and what is known of smaller ones.
  static func bound(_ size: Int, _ lowerBound: Int) -> String {
    size == lowerBound
      ? "\(grouped(size)) bytes; proved: with these kernels in this order none is smaller"
      : "\(grouped(size)) bytes; with these kernels in this order none is smaller than \(grouped(lowerBound))"
  }

  /// What an error says when the arena takes too much: the layers that need most of it, and for what.
  static func notes(_ map: MemoryMap) -> [String] {
    guard map.size > 0 else { return [] }
    func place(_ layer: Int) -> String {
      "layer \(layer), \(map.layers[layer].operatorName) `\(map.layers[layer].name)`"
    }
    var notes: [String] = []
    for layers in groups(Array(map.peakLayers.prefix(mostPeaks)), map) {
      let uses = contents(map, layers[0]) { index in
        switch map.buffers[index].kind {
        case .workingMemory: "working memory"
        case .output(layers[0]): "its output"
        default: "`\(map.buffers[index].name)`"
        }
      }
      notes.append(
        "the arena is \(notes.isEmpty ? "fullest" : "as full") in \(place(layers[0])): \(grouped(map.peak)) bytes, of them "
          + uses.joined(separator: ", "))
      notes += layers.dropFirst().map { "the same is in use in \(place($0))" }
    }
    let rest = map.peakLayers.count - mostPeaks
    if rest > 0 { notes.append("the arena is as full in \(rest) more layer\(rest == 1 ? "" : "s")") }
    return notes
  }

  /// Layers behind each other that need the same buffers, put together.
  private static func groups(_ layers: [Int], _ map: MemoryMap) -> [[Int]] {
    layers.reduce(into: []) { groups, layer in
      if let last = groups.last?.first, map.layers[last].buffers == map.layers[layer].buffers {
        groups[groups.count - 1].append(layer)
      } else {
        groups.append([layer])
      }
    }
  }

  /// What lies in the arena while a layer runs.
  ///
  /// - Parameter called: what a buffer is called.
  private static func contents(_ map: MemoryMap, _ layer: Int, called: (Int) -> String) -> [String] {
    let live = map.layers[layer].buffers
    return live.map { index in
      let buffer = map.buffers[index]
      var facts = [grouped(buffer.addresses.count)]
      if let rows = buffer.rows { facts.append("\(rows.kept) of \(rows.height) rows") }
      for (below, bytes) in buffer.over where live.contains(below) {
        facts.append("\(grouped(bytes)) of it over \(called(below))")
      }
      return "\(called(index)) (\(facts.joined(separator: ", ")))"
    }
  }
}
