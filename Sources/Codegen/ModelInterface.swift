import CCode
package import IR
import Operators
package import Planning

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
    /// Where it lies in the arena, in bytes; nil for a buffer of the caller.
    package let offset: Int?

    var declaration: String { "\(isInput ? "const " : "")\(info.type.element.cName) *\(name)" }
  }

  /// A function that tells where an input or output lies in the arena.
  package struct Accessor: Sendable {
    package let parameter: Parameter
    package let prototype: String
    /// C expression of its call.
    package let call: String
  }

  /// What lasts from one inference to the next: a member of the structure `NAME_state`.
  package struct Member: Sendable {
    /// Name in C, such as `tensor0`.
    let name: String
    let info: TensorInfo
    let initial: [UInt8]
  }

  package let states: [Member]
  package let inputs: [Parameter]
  package let outputs: [Parameter]
  private let name: String
  private let arena: EmitOptions.Arena

  package init(_ plan: Plan, options: EmitOptions) {
    let graph = plan.graph
    name = options.name
    arena = options.arena
    func parameters(_ ids: [TensorID], _ role: String, isInput: Bool) -> [Parameter] {
      ids.enumerated().map { position, id in
        let number = ids.count == 1 ? "" : "\(position)"
        var offset: Int?
        if case .arena(let bytes) = plan.locations[id], id != plan.graph.inputs.first || plan.stream == nil {
          offset = bytes
        }
        return Parameter(
          name: role + number, macro: "\(options.name)_\(role)\(number)".uppercased(), info: graph[id],
          isInput: isInput, offset: offset)
      }
    }
    states = graph.states.enumerated().map { position, state in
      Member(name: "tensor\(position)", info: graph[state.current], initial: state.initial)
    }
    inputs = parameters(graph.inputs, "input", isInput: true)
    outputs = parameters(graph.outputs, "output", isInput: false)
  }

  /// What a caller hands over beside inputs and outputs.
  private var memoryParameters: [String] {
    guard arena == .caller else { return [] }
    return ["void *arena"] + (states.isEmpty ? [] : ["\(name)_state *state"])
  }

  /// The prototype of the function that brings the states to what they are before the first inference.
  package var resetPrototype: String {
    "void \(name)_reset(\(arena == .caller ? "\(name)_state *state" : "void"))"
  }

  /// C expression for a member of the states.
  func state(_ position: Int) -> String {
    "\(arena == .caller ? "state->" : "\(name)_state.")\(states[position].name)"
  }

  /// The prototype of the run function, without a semicolon.
  package var runPrototype: String {
    let parameters = memoryParameters + callers.map(\.declaration)
    return "void \(name)_run(\(parameters.isEmpty ? "void" : parameters.joined(separator: ", ")))"
  }

  /// The prototype of the function that ends an inference whose input came by rows.
  package var endPrototype: String {
    let parameters = outputs.filter { $0.offset == nil }.map(\.declaration)
    return "void \(name)_end(\(parameters.isEmpty ? "void" : parameters.joined(separator: ", ")))"
  }

  /// The inputs and outputs that are parameters of the run function: buffers of the caller.
  package var callers: [Parameter] { (inputs + outputs).filter { $0.offset == nil } }

  /// Arguments of a call of the run function, when variables have the parameters' names.
  package func arguments(arena memory: String, state: String = "state") -> String {
    let own = arena == .caller ? [memory] + (states.isEmpty ? [] : [state]) : []
    return (own + callers.map(\.name)).joined(separator: ", ")
  }

  /// The functions for the inputs and outputs in the arena.
  ///
  /// - Parameter memory: C expression for the arena that a caller hands over.
  package func accessors(arena memory: String = "arena") -> [Accessor] {
    (inputs + outputs).filter { $0.offset != nil }.map { parameter in
      let function = "\(name)_\(parameter.name)"
      let isCallers = arena == .caller
      return Accessor(
        parameter: parameter,
        prototype: "\(parameter.isInput ? "" : "const ")\(parameter.info.type.element.cName) *\(function)"
          + "(\(isCallers ? "void *arena" : "void"))",
        call: "\(function)(\(isCallers ? memory : ""))")
    }
  }

  package var selftestPrototype: String {
    "int \(name)_selftest(\(memoryParameters.isEmpty ? "void" : memoryParameters.joined(separator: ", ")))"
  }

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
