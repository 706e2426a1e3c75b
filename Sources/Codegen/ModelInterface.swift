import CCode
package import IR
import Operators
import Planning

/// The inputs and outputs of a model as its C interface shows them.
package struct ModelInterface: Sendable {
  /// One parameter of the run function.
  package struct Parameter: Sendable {
    /// Name in C, such as `input` or `output1`.
    package let name: String
    /// Beginning of its macros, such as `KWS_INPUT`.
    package let macro: String
    package let info: TensorInfo
    package let isInput: Bool

    var declaration: String { "\(isInput ? "const " : "")\(info.type.element.cName) *\(name)" }
  }

  package let inputs: [Parameter]
  package let outputs: [Parameter]
  private let name: String
  private let arena: EmitOptions.Arena

  package init(_ graph: Graph, options: EmitOptions) {
    name = options.name
    arena = options.arena
    func parameters(_ ids: [TensorID], _ role: String, isInput: Bool) -> [Parameter] {
      ids.enumerated().map { position, id in
        let number = ids.count == 1 ? "" : "\(position)"
        return Parameter(
          name: role + number, macro: "\(options.name)_\(role)\(number)".uppercased(), info: graph[id], isInput: isInput
        )
      }
    }
    inputs = parameters(graph.inputs, "input", isInput: true)
    outputs = parameters(graph.outputs, "output", isInput: false)
  }

  /// The prototype of the run function, without a semicolon.
  package var runPrototype: String {
    let memory = arena == .caller ? ["void *arena"] : []
    return "void \(name)_run(\((memory + (inputs + outputs).map(\.declaration)).joined(separator: ", ")))"
  }

  package var selftestPrototype: String { "int \(name)_selftest(\(arena == .caller ? "void *arena" : "void"))" }

  /// The values for the list `tensors` of the header's template.
  var headerTensors: [[String: Template.Value]] {
    (inputs + outputs).map { parameter in
      let type = parameter.info.type
      let quantization = type.quantization.flatMap { $0.scales.count == 1 ? $0 : nil }
      let role = parameter.isInput ? "Input" : "Output"
      return [
        "comment": .text("\(role) `\(CNamer.comment(parameter.info.name))`: \(type.element.rawValue) \(type.shape)."),
        "macro": .text(parameter.macro),
        "size": .text("\(type.shape.elementCount)"),
        "quantized": .flag(quantization != nil),
        "scale": .text(quantization.map { "\($0.scales[0])f" } ?? ""),
        "zero_point": .text(quantization.map { "\($0.zeroPoints[0])" } ?? ""),
      ]
    }
  }
}
