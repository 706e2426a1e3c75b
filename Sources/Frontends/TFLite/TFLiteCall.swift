import IR
import Operators
import Support

/// One operator of a TensorFlow Lite file with its operands and options, on its way into the graph.
struct TFLiteCall {
  let name: String
  let graph: Graph
  /// Inputs up to the first absent one.
  let inputs: [TensorID]
  /// Every input; nil where the file leaves one out.
  let allInputs: [TensorID?]
  let outputs: [TensorID]
  let options: FlatTable?
  /// The file leaves sizes of the output open.
  let isDynamic: Bool

  /// The operator and those of the inputs that hold data; constant parameters become attributes.
  typealias Operation = (op: any SourceOperator, data: [TensorID])
  typealias Builder = @Sendable (TFLiteCall) throws(Diagnostic) -> Operation

  /// How each supported operator is built, by its name in the file; a family of operators stands in a file of its own.
  static let builders: [String: Builder] = {
    var all: [String: Builder] = [:]
    for family in [
      weighted, elementwise, activations, movement, rearrangement, reductions, recurrent, matrices, arithmetic, axes,
    ] {
      all.merge(family) { first, _ in first }
    }
    return all
  }()

  /// Names of the operators that are supported, for messages.
  static var supported: [String] { builders.keys.sorted() }

  /// Operators that read or write variables, or call subgraphs.
  static let controlFlow: Set<String> = ["ASSIGN_VARIABLE", "CALL_ONCE", "IF", "READ_VARIABLE", "VAR_HANDLE", "WHILE"]

  static func isSupported(_ name: String) -> Bool { builders[name] != nil || controlFlow.contains(name) }

  func operation() throws(Diagnostic) -> Operation {
    guard let build = Self.builders[name] else { throw TFLiteRemedies.unsupported(name) }
    return try build(self)
  }

  func failure(_ id: String, _ message: String) -> Diagnostic {
    Diagnostic("tflite.\(id)", message)
  }

  var outputShape: [Int] { outputs.first.map { graph[$0].type.shape.dims } ?? [] }

  /// The first `count` inputs, which hold data.
  func data(_ count: Int) throws(Diagnostic) -> [TensorID] {
    guard inputs.count >= count else { throw failure("inputs", "has \(inputs.count) inputs, but needs \(count)") }
    return Array(inputs.prefix(count))
  }

  /// The inputs by position; nil for absent ones.
  func inputs(count: Int) throws(Diagnostic) -> [TensorID?] {
    guard allInputs.count <= count else {
      throw failure("inputs", "has \(allInputs.count) inputs, but takes at most \(count)")
    }
    return allInputs + [TensorID?](repeating: nil, count: count - allInputs.count)
  }

  /// Those of `inputs` at `positions`, which must be there.
  func required(_ inputs: [TensorID?], _ positions: [Int]) throws(Diagnostic) -> [TensorID] {
    var ids: [TensorID] = []
    for position in positions {
      guard let id = inputs[position] else { throw failure("inputs", "input \(position) is missing") }
      ids.append(id)
    }
    return ids
  }

  func shape(_ input: Int) throws(Diagnostic) -> Shape { graph[try data(input + 1)[input]].type.shape }

  /// The values of an input that must be a constant list of integers.
  func constants(_ input: Int, _ role: String) throws(Diagnostic) -> [Int] {
    let id = try data(input + 1)[input]
    let count = graph[id].type.shape.elementCount
    guard count <= 2 * Shape.maximumRank else { throw failure("constant", "\(role) has \(count) values") }
    return try graph.operand(id).constantInts(role).map { Int($0) }
  }

  func extent(
    _ height: Int, _ width: Int, _ label: String, default value: Int32 = 0
  ) throws(Diagnostic) -> Extent {
    guard let options else { throw failure("options", "the options are missing") }
    return Extent(
      try options.int32(height, "\(label) height", default: value),
      try options.int32(width, "\(label) width", default: value))
  }

  func padding(_ field: Int) throws(Diagnostic) -> Padding {
    let number = try options?.int8(field, "padding") ?? 0
    guard number == 0 || number == 1 else { throw failure("options", "unknown padding \(number)") }
    return number == 0 ? .same : .valid
  }

  func activation(_ field: Int) throws(Diagnostic) -> Activation {
    switch try options?.int8(field, "fused_activation_function") ?? 0 {
    case 0: return .none
    case 1: return .relu
    case 2: return .reluN1To1
    case 3: return .relu6
    case let number:
      let names: [Int8: String] = [4: "TANH", 5: "SIGN_BIT"]
      throw failure("activation", "the fused activation \(names[number] ?? "\(number)") is not supported")
    }
  }
}
