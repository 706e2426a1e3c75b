import CCode
import IR
import Operators
import Support

extension CodeGenerator {
  /// The function that runs a built-in vector, with the vector's tables.
  func selftestText(
    _ interface: ModelInterface, _ vector: (inputs: [Tensor], outputs: [Tensor]), _ options: EmitOptions
  ) throws(Diagnostic) -> String {
    var tables: [[String: Template.Value]] = []
    func table(_ parameter: ModelInterface.Parameter, _ tensor: Tensor) throws(Diagnostic) -> String {
      let name = "\(options.name)_selftest_\(parameter.name)"
      let table = ConstantTable(
        name: name, type: parameter.info.type.element.cName, values: try tensor.ints("the vector"),
        rowLength: 32, comment: "")
      tables.append([
        "type": .text(table.type), "name": .text(name), "size": .text("\(table.values.count)"),
        "rows": .text(table.rows),
      ])
      return name
    }
    let accessors = interface.accessors()
    var arguments = options.arena == .caller ? ["arena"] + (interface.states.isEmpty ? [] : ["state"]) : []
    var copies: [[String: Template.Value]] = []
    for (parameter, tensor) in zip(interface.inputs, vector.inputs) {
      let values = try table(parameter, tensor)
      if let accessor = accessors.first(where: { $0.parameter.name == parameter.name }) {
        copies.append([
          "size": .text("\(parameter.info.type.shape.elementCount)"), "to": .text(accessor.call),
          "from": .text(values),
        ])
      } else {
        arguments.append(values)
      }
    }
    var pointers: [[String: Template.Value]] = []
    var buffers: [[String: Template.Value]] = []
    var checks: [[String: Template.Value]] = []
    for (parameter, tensor) in zip(interface.outputs, vector.outputs) {
      let expected = try table(parameter, tensor)
      let size = Template.Value.text("\(parameter.info.type.shape.elementCount)")
      let type = Template.Value.text(parameter.info.type.element.cName)
      if let accessor = accessors.first(where: { $0.parameter.name == parameter.name }) {
        pointers.append(["type": type, "name": .text(parameter.name), "place": .text(accessor.call)])
      } else {
        buffers.append(["type": type, "name": .text(parameter.name), "size": size])
        arguments.append(parameter.name)
      }
      checks.append(["size": size, "actual": .text(parameter.name), "expected": .text(expected)])
    }
    return try templates.renderPart(
      "selftest.c",
      [
        "tables": .list(tables), "prototype": .text(interface.selftestPrototype), "buffers": .list(buffers),
        "pointers": .list(pointers), "copies": .list(copies),
        "resets": .list(
          interface.states.isEmpty
            ? [] : [["reset": .text("\(options.name)_reset(\(options.arena == .caller ? "state" : ""));")]]),
        "call": .text("\(options.name)_run(\(arguments.joined(separator: ", ")));"), "checks": .list(checks),
      ])
  }
}
