import Compiler
import Frontends
import IR
import Support

/// The texts of `nncgen inspect`.
struct InspectReport {
  /// What is known of one layer.
  private struct Row {
    let name: String
    let operatorName: String
    /// nil when the file doesn't say it.
    let output: TensorType?
    var weightBits: Int?
    var density: Double?
    var bytes = 0
    var multiplyAccumulates = 0
    /// Numbers of its obstacles, from 1.
    let obstacles: [Int]
    /// Not in the graph, since what it reads is missing.
    var isBehind = false
  }

  private let model: ModelFile
  private let rows: [Row]
  private let obstacles: [Diagnostic]

  init(_ model: ModelFile) throws(Diagnostic) {
    self.model = model
    obstacles = model.examination.found
    var rows: [Row] = []
    var missing = model.examination.missing[...]
    let graph = model.graph
    for (index, node) in graph.nodes.enumerated() {
      while let next = missing.first, next.position <= index {
        rows.append(Self.row(next, obstacles))
        missing.removeFirst()
      }
      rows.append(try Self.row(node, graph, obstacles.numbers("\(node.origin)")))
    }
    for operation in missing { rows.append(Self.row(operation, obstacles)) }
    self.rows = rows
  }

  private static func row(_ missing: MissingOperator, _ obstacles: [Diagnostic]) -> Row {
    let numbers = obstacles.indices.filter { obstacles[$0].location == missing.location }.map { $0 + 1 }
    return Row(
      name: missing.output.name, operatorName: missing.origin.operatorName, output: missing.output.type,
      obstacles: numbers, isBehind: numbers.isEmpty)
  }

  private static func row(_ node: Node, _ graph: Graph, _ obstacles: [Int]) throws(Diagnostic) -> Row {
    let operands = try graph.operands(node)
    // The largest constant is the layer's weights.
    let weights = operands.filter { $0.constant != nil }.max { $0.type.byteCount < $1.type.byteCount }
    var density: Double?
    if let weights, let constant = weights.constant, case .ints(let values) = constant.elements, !values.isEmpty {
      density = Double(values.count { $0 != 0 }) / Double(values.count)
    }
    return Row(
      name: graph[node.outputs[0]].name, operatorName: node.origin.operatorName, output: graph[node.outputs[0]].type,
      weightBits: weights.map { $0.type.element.size * 8 }, density: density,
      bytes: operands.reduce(0) { $0 + ($1.constant == nil ? 0 : $1.type.byteCount) },
      multiplyAccumulates: graph.isSound(node)
        ? node.op.multiplyAccumulates(operands, graph.outputTypes(node)) : 0, obstacles: obstacles)
  }

  // MARK: Text

  var text: String {
    let hasObstacles = !obstacles.isEmpty
    var table = Table(
      ["#", "operator", "output", "weights", "density", "bytes", "MACs"] + (hasObstacles ? ["obstacle"] : []),
      rightAligned: [0, 3, 4, 5, 6])
    for (index, row) in rows.enumerated() {
      var cells = ["\(index)", row.operatorName, row.output.map { "\($0.element.rawValue) \($0.shape)" } ?? ""]
      cells.append(row.weightBits.map { "\($0) bit" } ?? "")
      cells.append(row.density.map { percent($0) } ?? "")
      cells += [row.bytes, row.multiplyAccumulates].map { $0 == 0 ? "" : grouped($0) }
      if hasObstacles {
        cells.append(row.isBehind ? "behind one" : row.obstacles.map(String.init).joined(separator: ", "))
      }
      table.add(cells)
    }
    let sums = [rows.reduce(0) { $0 + $1.bytes }, rows.reduce(0) { $0 + $1.multiplyAccumulates }].map(grouped)
    table.add(["", "total", "", "", ""] + sums + (hasObstacles ? [""] : []))
    let needs =
      model.examination.needsCalibration && model.fidelity.isEmpty && !hasObstacles
      ? "\nfloat   the network can be compiled with `--calibrate VECTORS.npy`, which quantizes it to int8\n" : ""
    return list("input", model.graph.inputs) + list("output", model.graph.outputs) + "\n" + table.text + needs
  }

  private func list(_ role: String, _ ids: [TensorID]) -> String {
    ids.enumerated().map { position, id in
      let numbers = obstacles.numbers("\(role) \(position)").map(String.init).joined(separator: ", ")
      let type = numbers.isEmpty ? "\(model.graph[id].type)" : "obstacle \(numbers)"
      return "\(role.padded(to: 6))  \(type)  `\(model.graph[id].name)`\n"
    }.joined()
  }

  // MARK: JSON

  var json: String {
    let layers = rows.map { row in
      JSON.object(
        [("name", .string(row.name)), ("operator", .string(row.operatorName))] + type(row.output) + [
          ("weight_bits", row.weightBits.map { .int($0) } ?? .null),
          ("density", row.density.map { .float($0) } ?? .null),
          ("bytes", .int(row.bytes)), ("macs", .int(row.multiplyAccumulates)),
          ("obstacles", .array(row.obstacles.map { .int($0) })),
        ])
    }
    let obstacles = obstacles.enumerated().map { index, obstacle in
      JSON.object([
        ("number", .int(index + 1)), ("id", .string(obstacle.id)), ("place", place(obstacle)),
        ("message", .string(obstacle.message)), ("notes", .array(obstacle.notes.map { .string($0) })),
      ])
    }
    return JSON.object([
      ("model", .string(model.name)), ("sha256", .string(model.sha256)),
      ("inputs", tensors("input", model.graph.inputs)), ("outputs", tensors("output", model.graph.outputs)),
      ("layers", .array(layers)), ("bytes", .int(rows.reduce(0) { $0 + $1.bytes })),
      ("macs", .int(rows.reduce(0) { $0 + $1.multiplyAccumulates })),
      ("needs_calibration", .bool(model.examination.needsCalibration && model.fidelity.isEmpty)),
      ("obstacles", .array(obstacles)),
    ]).text(indent: 2) + "\n"
  }

  private func place(_ obstacle: Diagnostic) -> JSON {
    if case .node(_, let name) = obstacle.location { return .string(name) }
    return .null
  }

  private func type(_ type: TensorType?) -> [(String, JSON)] {
    [
      ("type", type.map { .string($0.element.rawValue) } ?? .null),
      ("shape", type.map { .array($0.shape.dims.map { .int($0) }) } ?? .null),
    ]
  }

  private func tensors(_ role: String, _ ids: [TensorID]) -> JSON {
    .array(
      ids.enumerated().map { position, id in
        let info = model.graph[id]
        let isKnown = obstacles.numbers("\(role) \(position)").isEmpty
        let quantization = info.type.quantization.flatMap { $0.scales.count == 1 ? $0 : nil }
        return .object(
          [("name", .string(info.name))] + type(isKnown ? info.type : nil) + [
            ("scale", quantization.map { .number("\($0.scales[0])") } ?? .null),
            ("zero_point", quantization.map { .int(Int($0.zeroPoints[0])) } ?? .null),
          ])
      })
  }
}

extension [Diagnostic] {
  /// The numbers, from 1, of those at the place `name`, or at a tensor of it.
  fileprivate func numbers(_ name: String) -> [Int] {
    indices.filter { index in
      guard case .node(_, let place) = self[index].location else { return false }
      return place == name || place.hasPrefix("\(name) `")
    }.map { $0 + 1 }
  }
}
