package import IR
package import Support

/// Any function of one element of each input, which broadcast, in integer normal form.
///
/// Rarely used operators have this form in common; ``ElementwiseKernel`` writes the loops around the expression.
package struct IntegerElementwise: SpatialOperator {
  package static let mnemonic = "integer.elementwise"
  package static let kernels: [any Kernel] = [ElementwiseKernel()]

  package let expression: ElementExpression
  /// Shape of the output: what the inputs broadcast to, constants included that became a part of the expression.
  package let shape: Shape

  package var attributes: Attributes {
    Attributes([("shape", .ints(shape.dims)), ("expression", .string("\(expression)"))])
  }

  package func access(_ layer: Layer, input: Int) -> SpatialAccess? { SpatialAccess(elementwise: layer, input: input) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    guard !inputs.isEmpty else { throw failure("inputs", "there is no input") }
    _ = try ElementBroadcast(inputs.map(\.type.shape), to: shape)
    return [shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in inputs.map(\.type) + outputs {
      try require(type, "operand", is: [.int8, .uint8, .int16, .int32, .bool])
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    var values: [[Int32]] = []
    for input in inputs { values.append(try input.ints("input")) }
    var result: [Int32] = []
    result.reserveCapacity(shape.elementCount)
    try ElementBroadcast(inputs.map(\.type.shape), to: shape).forEach { offsets in
      result.append(expression.value(values.indices.map { values[$0][offsets[$0]] }))
    }
    return [Tensor(outputs[0], ints: result)]
  }
}

/// How the elements of any number of tensors pair up when dimensions of size 1 repeat, as in NumPy.
struct ElementBroadcast {
  /// Loops over the elements of the inputs and, last, of the output.
  let nest: LoopNest
  private let count: Int

  /// - Parameter shape: the shape of the output; an input may have ranks and sizes that repeat to it.
  init(_ shapes: [Shape], to shape: Shape) throws(Diagnostic) {
    count = shapes.count + 1
    var steps: [[Int]] = []
    for own in shapes {
      let missing = shape.rank - own.rank
      // A single element repeats to anything, whatever its rank.
      if own.elementCount == 1 {
        steps.append([Int](repeating: 0, count: shape.rank))
        continue
      }
      guard missing >= 0 else { throw Self.failure(own, shape) }
      let strides = own.strides
      var result = [Int](repeating: 0, count: shape.rank)
      for axis in 0..<own.rank where own[axis] != 1 {
        guard own[axis] == shape[missing + axis] else { throw Self.failure(own, shape) }
        result[missing + axis] = strides[axis]
      }
      steps.append(result)
    }
    steps.append(shape.strides)
    nest = LoopNest((0..<shape.rank).map { axis in LoopNest.Axis(size: shape[axis], steps: steps.map { $0[axis] }) })
  }

  private static func failure(_ own: Shape, _ shape: Shape) -> Diagnostic {
    Diagnostic("operator.broadcast", "the shape \(own) does not broadcast to \(shape)")
  }

  /// The shape that `shapes` broadcast to.
  static func shape(_ shapes: [Shape]) throws(Diagnostic) -> Shape {
    var result = try Shape([])
    for shape in shapes { result = try Broadcast(result, shape).shape }
    return result
  }

  /// Calls `body` with the positions in the inputs for each element of the output, in row-major order.
  func forEach(_ body: ([Int]) -> Void) { nest.forEach(tensors: count, body) }
}
