package import IR
import Support

/// Copies from inputs to outputs, in the order in which they are made, each with the numbers of its input and its output.
package typealias Copies = [(input: Int, output: Int, copy: StridedCopy)]

/// A value that elements have before anything is copied to them.
package enum Fill: Equatable, Sendable {
  case int(Int32)
  case float(Float)
}

/// An operator that only moves elements: its outputs are copies from its inputs over a background.
protocol MovementOperator: ChannelOperator {
  /// The copies, each with the input and the output between which it runs.
  func copies(_ inputs: [Shape], _ outputs: [Shape]) -> Copies
  /// The value of elements to which nothing is copied; nil when there are none.
  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill?
}

extension ElementType {
  /// Types whose elements can be moved: what they mean does not matter.
  package static let movable: [ElementType] = [.int8, .uint8, .int16, .int32, .int64, .bool, .float32]
}

extension Operator {
  /// Fails unless all tensors are of one element type.
  func requireOneElement(_ types: [TensorType]) throws(Diagnostic) {
    for type in types {
      try require(type, "operand", is: ElementType.movable)
      try require(type, sameElementAs: types[0], "inputs and outputs")
    }
  }
}

extension MovementOperator {
  package static var kernels: [any Kernel] { [CopyKernel()] }

  func background(_ outputs: [TensorType]) throws(Diagnostic) -> Fill? { nil }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireOneElement(outputs + inputs.map(\.type))
    _ = try background(outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    try copied(copies(inputs.map(\.type.shape), outputs.map(\.shape)), inputs, outputs, over: background(outputs))
  }

  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    guard case .int(let fill) = try background(layer.outputs) else { return movedRanges(layer, inputs) }
    return movedRanges(layer, inputs, background: fill)
  }
}

/// What `copies` make of `inputs`, which are all of one element type.
func copied(
  _ copies: Copies, _ inputs: [Tensor], _ outputs: [TensorType], over fill: Fill?
) throws(Diagnostic) -> [Tensor] {
  if outputs.allSatisfy({ $0.element == .float32 }) {
    var value: Float = 0
    if case .float(let real) = fill { value = real }
    var results = outputs.map { [Float](repeating: value, count: $0.shape.elementCount) }
    for (input, output, copy) in copies { copy.apply(try inputs[input].floats("input"), &results[output]) }
    return zip(outputs, results).map { Tensor($0, floats: $1) }
  }
  var value: Int32 = 0
  if case .int(let integer) = fill { value = integer }
  var results = outputs.map { [Int32](repeating: value, count: $0.shape.elementCount) }
  for (input, output, copy) in copies { copy.apply(try inputs[input].ints("input"), &results[output]) }
  return zip(outputs, results).map { Tensor($0, ints: $1) }
}

extension Fill {
  /// `value` as an element of `element`.
  static func integer(_ value: Int, _ element: ElementType) throws(Diagnostic) -> Fill {
    if element == .float32 { return .float(Float(value)) }
    guard let fill = Int32(exactly: value), element == .int64 || element.range?.contains(fill) == true else {
      throw Diagnostic("operator.value", "the value \(value) is no \(element.rawValue)")
    }
    return .int(fill)
  }
}
