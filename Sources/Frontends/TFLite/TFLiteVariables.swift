import IR
import Operators
import Support

/// The variables of a TensorFlow Lite file, which become states of the graph.
///
/// Variables are written in place there; in the graph each writing gives a new tensor.
struct TFLiteVariables {
  /// What each variable holds at the present node, in the order of the file.
  private var values: [(variable: TensorID, value: TensorID)] = []
  /// The bytes before the first inference where they are not the zero point.
  var initial: [TensorID: [UInt8]] = [:]

  /// The names of resource tensors, and the variable of each name.
  private var names: [TensorID: String] = [:]
  private var resources: [String: TensorID] = [:]

  mutating func name(_ resource: TensorID, _ name: String) { names[resource] = name }

  /// The variable of a resource tensor; the first one that reads or writes it decides its type.
  mutating func resource(
    _ resource: TensorID, _ type: TensorType, _ graph: inout Graph
  ) throws(Diagnostic) -> TensorID {
    guard let name = names[resource] else {
      throw Diagnostic("tflite.variable", "`\(graph[resource].name)` is no handle of a variable")
    }
    if let variable = resources[name] { return variable }
    let variable = graph.add(TensorInfo(name: name, type: type))
    resources[name] = variable
    add(variable)
    return variable
  }

  /// The variables that are read and hold nothing, before the first inference and after it.
  var unassigned: [TensorID] {
    values.map(\.variable).filter { variable in
      resources.values.contains(variable) && initial[variable] == nil && value(variable) == variable
    }
  }

  mutating func add(_ variable: TensorID) { values.append((variable, variable)) }

  func value(_ variable: TensorID) -> TensorID? { values.first { $0.variable == variable }?.value }

  mutating func assign(_ value: TensorID, to variable: TensorID) {
    for index in values.indices where values[index].variable == variable { values[index].value = value }
  }

  /// The inputs and outputs of a node when it reads and writes variables; `outputs` are those of the file.
  mutating func operands(
    _ op: any SourceOperator, _ inputs: [TensorID], _ outputs: [TensorID], _ graph: inout Graph
  ) throws(Diagnostic) -> (inputs: [TensorID], outputs: [TensorID]) {
    let pairs = (op as? any StatefulOperator).map { type(of: $0).statePairs } ?? []
    var (inputs, outputs) = (inputs, outputs)
    for (position, id) in inputs.enumerated() {
      guard let value = value(id) else {
        guard !pairs.contains(where: { $0.input == position }) else {
          throw Diagnostic("tflite.variable", "the state `\(graph[id].name)` must be a variable")
        }
        continue
      }
      inputs[position] = value
    }
    for pair in pairs {
      guard pair.output == outputs.count else {
        throw Diagnostic("tflite.outputs", "has \(outputs.count) outputs instead of \(pair.output)")
      }
      let old = inputs[pair.input]
      let next = graph.add(TensorInfo(name: graph[old].name, type: graph[old].type))
      for index in values.indices where values[index].value == old { values[index].value = next }
      outputs.append(next)
    }
    return (inputs, outputs)
  }

  /// The states of the variables that any node reads or writes.
  func states(_ graph: Graph) -> [State] {
    let read = Set(graph.nodes.flatMap(\.inputs) + graph.outputs)
    return values.filter { read.contains($0.variable) || $0.value != $0.variable }.map { variable, value in
      let type = graph[variable].type
      let zero = type.quantization?.zeroPoints.first ?? 0
      // The reference fills the bytes of int8 with the zero point, and those of other types with 0.
      let byte = type.element == .int8 ? UInt8(truncatingIfNeeded: zero) : 0
      return State(
        current: variable, next: value,
        initial: initial[variable] ?? [UInt8](repeating: byte, count: type.byteCount))
    }
  }
}
