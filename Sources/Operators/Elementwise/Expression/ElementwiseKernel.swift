import IR
import Machine
package import Support

/// Loops over the elements of broadcast inputs around an expression of C.
package struct ElementwiseKernel: Kernel {
  package let name = "elementwise"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerElementwise,
      let broadcast = try? ElementBroadcast(layer.inputs.map(\.type.shape), to: op.shape)
    else { return nil }
    let count = op.shape.elementCount
    var (scales, steps) = (0, 0)
    var calls: [String: Int] = [:]
    for part in op.expression.parts {
      switch part {
      case .scaled: scales += 1
      case .call(let function, _): calls[function.name, default: 0] += 1
      case .binary, .clamped, .compared, .chosen: steps += 1
      case .input, .constant: break
      }
    }
    return Work(
      [
        WorkItem("element", count), WorkItem("operand", count * layer.inputs.count), WorkItem("step", count * steps),
        WorkItem("scale", count * scales), WorkItem("run", broadcast.nest.outer.count),
      ] + ElementFunction.names.map { WorkItem($0, count * calls[$0, default: 0]) })
  }

  package func order(_ layer: Layer) -> AccessOrder? { .elements }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerElementwise else { throw unsuitable(layer) }
    let nest = try ElementBroadcast(layer.inputs.map(\.type.shape), to: op.shape).nest
    let names = layer.inputs.indices.map { "x\($0 + 1)" }
    let ranges = layer.inputs.map { $0.type.element.range ?? Int32.min...Int32.max }
    let value = op.expression.text(names, ranges, &code)
    let text = nest.cText(starts: [Int](repeating: 0, count: layer.inputs.count + 1)) { offsets in
      let loads = layer.inputs.indices.map { "const int32_t \(names[$0]) = \(code.inputs[$0])[\(offsets[$0])];\n" }
      let result = layer.outputs[0].element == .int32 ? value.text : "(\(layer.outputs[0].element.cName))\(value.atom)"
      return loads.joined() + "\(code.outputs[0])[\(offsets[layer.inputs.count])] = \(result);"
    }
    // Without a loop the elements' names need a block.
    code.line(nest.axes.isEmpty ? "{\n" + text.split(separator: "\n").map { "    \($0)\n" }.joined() + "}" : text)
  }
}
