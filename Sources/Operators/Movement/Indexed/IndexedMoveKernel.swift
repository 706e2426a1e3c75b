import IR
import Machine
package import Support

/// Loops over the indices, each with a copy of the run to which they point.
package struct IndexedMoveKernel: Kernel {
  package let name = "move_indexed"

  package func work(_ layer: Layer) -> Work? {
    guard let op = move(layer) else { return nil }
    return Work(
      [
        WorkItem("element", (op.whole?.nest.count ?? 0) + op.rows.count * op.run.count),
        WorkItem("run", op.rows.count * op.run.outer.count),
        WorkItem("index", op.rows.count * op.indices.count),
      ], flash: layer.op is IndexedRead ? layer.inputs[1].type.byteCount : 0)
  }

  private func move(_ layer: Layer) -> IndexedMove? {
    layer.op as? IndexedMove ?? (layer.op as? IndexedRead)?.move
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = move(layer) else { throw unsuitable(layer) }
    let to = code.outputs[0]
    let read = try reader(layer, op, &code)
    if let whole = op.whole {
      let before = code.inputs[0]
      code.line(
        whole.nest.cText(starts: [whole.sourceStart, whole.targetStart]) { "\(to)[\($0[1])] = \(before)[\($0[0])];" })
    }
    // What no index can change is no part of the place.
    let indices = op.indices.filter { op.outside != .nearest || $0.last > 0 }
    let list = layer.op is IndexedRead ? code.inputs[0] : code.inputs[op.indexInput]
    var function: String?
    if !indices.isEmpty {
      function = code.function(op.outside == .nearest ? "clamp_index" : "place_or_first")
    }
    code.line(
      op.rows.cText(starts: [0, 0, 0]) { row in
        func value(_ index: IndexedMove.Index) -> String {
          let value = "\(list)[\(sum([row[0], "\(index.position)"]))]"
          return op.countsFromEnd ? "\(value) < 0 ? \(value) + \(index.last + 1) : \(value)" : value
        }
        var place = "0"
        if let function {
          switch op.outside {
          case .nearest:
            place = indices.map { "\(function)(\(value($0)), \($0.last))" + ($0.stride == 1 ? "" : " * \($0.stride)") }
              .joined(separator: " + ")
          case .first(let last):
            place = indices.map { "(uint32_t)\(value($0)) * \($0.stride)u" }.joined(separator: " + ")
            place = "\(function)(\(place), \(last)u)"
          }
        }
        let copy = op.run.cText(starts: [0, 0], variable: "j") { step in
          let source = sum([row[1], op.pointsToOutput ? "0" : "place", step[0]])
          let target = sum([row[2], op.pointsToOutput ? "place" : "0", step[1]])
          return "\(to)[\(target)] = \(read(source));"
        }
        return "const int32_t place = \(place);\n\(copy)"
      })
  }

  /// What reads an element at an offset.
  private func reader(
    _ layer: Layer, _ op: IndexedMove, _ code: inout LayerCode
  ) throws(Diagnostic) -> (String) -> String {
    guard layer.op is IndexedRead else {
      let from = code.inputs[op.data]
      return { "\(from)[\($0)]" }
    }
    let type = layer.inputs[1].type
    // Tables of bytes are signed.
    let isUnsigned = type.element == .uint8 || type.element == .bool
    let element = isUnsigned ? .int8 : type.element
    let values = try layer.inputs[1].constantInts("the elements")
    let table = code.table(
      "elements", element, isUnsigned ? values.map { Int32(Int8(truncatingIfNeeded: $0)) } : values,
      rowLength: type.shape.dims.last ?? 1, comment: "The elements \(type.shape) that indices choose from.")
    let known = code
    return { (isUnsigned ? "(uint8_t)" : "") + known.read(element, table, $0) }
  }

  /// C expressions added up.
  private func sum(_ terms: [String]) -> String {
    let some = terms.filter { $0 != "0" }
    return some.isEmpty ? "0" : some.joined(separator: " + ")
  }
}
