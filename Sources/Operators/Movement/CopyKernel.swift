import IR
import Machine
package import Support

/// Copies of boxes of elements as loops, after the background where there is one.
package struct CopyKernel: Kernel {
  package let name = "copy"

  package func work(_ layer: Layer) -> Work? {
    guard let copies = layer.boxCopies else { return nil }
    let background = (try? (layer.op as? any MovementOperator)?.background(layer.outputs)) ?? nil
    return Work(
      [
        WorkItem("element", copies.reduce(0) { $0 + $1.copy.nest.count }),
        WorkItem("run", copies.reduce(0) { $0 + $1.copy.nest.outer.count }),
        WorkItem("fill", background == nil ? 0 : layer.outputs.reduce(0) { $0 + $1.shape.elementCount }),
        WorkItem("index", copies.reduce(0) { $0 + $1.copy.nest.tableReads }),
      ], flash: copies.reduce(0) { $0 + $1.copy.nest.tables.reduce(0) { $0 + $1.byteCount } })
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let copies = layer.boxCopies else { throw unsuitable(layer) }
    if let movement = layer.op as? any MovementOperator, case .int(let fill) = try movement.background(layer.outputs) {
      for (output, type) in zip(code.outputs, layer.outputs) {
        code.line(
          """
          for (int32_t i = 0; i < \(type.shape.elementCount); i++) {
              \(output)[i] = \(fill == Int32.min ? "-2147483647 - 1" : "\(fill)");
          }
          """)
      }
    }
    for (number, (input, output, copy)) in copies.enumerated() {
      let (from, to) = (code.inputs[input], code.outputs[output])
      let prefix = copies.count == 1 ? "" : "copy\(number)_"
      let text = copy.nest.cText(starts: [copy.sourceStart, copy.targetStart], prefix, &code) {
        "\(to)[\($0[1])] = \(from)[\($0[0])];"
      }
      code.line(text)
    }
  }
}

/// The offsets of a loop as a table: small numbers times one factor, where bytes hold them.
private struct OffsetTable {
  let level: Int
  let tensor: Int
  let values: [Int32]
  let factor: Int32
  var element: ElementType { values.allSatisfy { (-128...127).contains($0) } ? .int8 : .int32 }
  var byteCount: Int { values.count * element.size }

  init(level: Int, tensor: Int, _ offsets: [Int]) {
    (self.level, self.tensor) = (level, tensor)
    func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    let common = max(1, offsets.reduce(0) { divisor($0, abs($1)) })
    values = offsets.map { Int32(truncatingIfNeeded: $0 / common) }
    factor = Int32(truncatingIfNeeded: common)
  }

  /// The offset in the iteration `index`.
  func text(_ code: LayerCode, _ table: String, _ index: String) -> String {
    let value = code.read(element, table, index)
    return factor == 1 ? value : "(int32_t)\(value) * \(factor)"
  }
}

extension LoopNest {
  fileprivate var tables: [OffsetTable] {
    axes.enumerated().flatMap { level, axis in
      [0, 1].compactMap { tensor in axis.tables[tensor].map { OffsetTable(level: level, tensor: tensor, $0) } }
    }
  }

  /// How often an offset is read from a table.
  fileprivate var tableReads: Int {
    tables.reduce(0) { $0 + axes.prefix($1.level + 1).reduce(1) { $0 * $1.size } }
  }

  /// C text of the loops around `body`, with their tables.
  fileprivate func cText(
    starts: [Int], _ prefix: String, _ code: inout LayerCode, _ body: ([String]) -> String
  ) -> String {
    let tables = tables
    var texts: [[Int]: (name: String, value: String)] = [:]
    for table in tables {
      let role = "\(table.tensor == 0 ? "from" : "to")\(table.level)"
      let name = code.table(
        prefix + role, table.element, table.values,
        comment: "Where the loop over i\(table.level) \(table.tensor == 0 ? "reads" : "writes")"
          + (table.factor == 1 ? "." : ", in steps of \(table.factor) elements."))
      texts[[table.level, table.tensor]] = (role, table.text(code, name, "i\(table.level)"))
    }
    return cText(starts: starts, table: { texts[[$0, $1]] ?? ("", "0") }, body)
  }
}
