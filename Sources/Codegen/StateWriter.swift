import CCode
import IR
import Operators
import Planning
import Support

extension CodeGenerator {
  /// The structure of what lasts from one inference to the next, and the function that resets it, for the header.
  func stateDeclarations(_ interface: ModelInterface, _ options: EmitOptions) -> [[String: Template.Value]] {
    guard !interface.states.isEmpty else { return [] }
    let isCallers = options.arena == .caller
    return [
      [
        "bytes": .text("\(interface.states.reduce(0) { $0 + $1.info.type.byteCount })"),
        "reset_prototype": .text(interface.resetPrototype),
        "is_callers": .flag(isCallers),
        "name": .text(options.name),
        "members": .list(isCallers ? members(interface) : []),
      ]
    ]
  }

  /// The static structure, where it is not the caller's, and the definition of the function that resets it.
  func stateDefinitions(
    _ interface: ModelInterface, _ options: EmitOptions
  ) throws(Diagnostic) -> [[String: Template.Value]] {
    guard !interface.states.isEmpty else { return [] }
    let isStatic = options.arena == .static
    var tables: [[String: Template.Value]] = []
    var lines: [String] = []
    for (position, member) in interface.states.enumerated() {
      let type = member.info.type
      let values = try Tensor(type, bytes: member.initial).ints("the state")
      let target = "\(interface.state(position))[i]"
      lines.append("for (int32_t i = 0; i < \(values.count); i++) {")
      if let first = values.first, values.allSatisfy({ $0 == first }) {
        lines.append("    \(target) = \(first == Int32.min ? "-2147483647 - 1" : "\(first)");")
      } else {
        // Tables are read as signed numbers.
        let element: ElementType = type.element.size == 1 ? .int8 : type.element
        let macro = "\(options.name)_".uppercased()
        let table = ConstantTable(
          name: "\(options.name)_initial\(position)", type: element.cName,
          values: element == .int8 ? values.map { Int32(Int8(truncatingIfNeeded: $0)) } : values,
          rowLength: type.shape.dims.last ?? 1, comment: "What \(member.name) holds before the first inference.")
        tables.append(["text": .text(table.definition(linkage: "static ", qualifier: "\(macro)FLASH"))])
        let value = "\(macro)READ_I\(8 * element.size)(\(macro)TABLE(\(table.name)), i)"
        lines.append("    \(target) = \(type.element == element ? value : "(\(type.element.cName))\(value)");")
      }
      lines.append("}")
    }
    return [
      [
        "is_static": .flag(isStatic), "members": .list(isStatic ? members(interface) : []),
        "tables": .list(tables), "reset_prototype": .text(interface.resetPrototype), "reset_lines": .lines(lines),
        "variable": .text("\(options.name)_state"),
      ]
    ]
  }

  private func members(_ interface: ModelInterface) -> [[String: Template.Value]] {
    interface.states.map { member in
      let type = member.info.type
      return [
        "type": .text(type.element.cName), "member": .text(member.name), "size": .text("\(type.shape.elementCount)"),
        "comment": .text("`\(CNamer.comment(member.info.shortName))`: \(type.element.rawValue) \(type.shape)"),
      ]
    }
  }
}
