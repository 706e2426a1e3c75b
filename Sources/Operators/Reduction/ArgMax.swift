package import IR
package import Support

/// Index of the first largest value along an axis of an int8 or float tensor, as int32.
///
/// Source: `tensorflow/lite/kernels/internal/reference/arg_min_max.h`.
package struct ArgMax: SourceOperator, EmittableOperator {
  package static let mnemonic = "arg_max"
  package static let kernels: [any Kernel] = [ArgMaxKernel()]
  /// Counted from the front.
  package let axis: Int

  package init(axis: Int) { self.axis = axis }
  package init(_ attributes: Attributes) throws(Diagnostic) { axis = try attributes.int("axis") }
  package var attributes: Attributes { Attributes([("axis", .int(axis))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard axis >= 0, axis < shape.rank else { throw failure("axis", "there is no axis \(axis) in the shape \(shape)") }
    return [try Shape(Array(shape.dims[..<axis] + shape.dims[(axis + 1)...]))]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .float32])
    try require(outputs[0], "output", is: [.int32])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let indices =
      switch inputs[0].elements {
      case .ints(let values): indices(values, inputs[0].type.shape)
      case .wide(let values): indices(values, inputs[0].type.shape)
      case .floats(let values): indices(values, inputs[0].type.shape)
      }
    return [Tensor(outputs[0], ints: indices)]
  }

  private func indices<Value: Comparable>(_ x: [Value], _ shape: Shape) -> [Int32] {
    let inner = shape.strides[axis]
    let size = shape[axis]
    return (0..<x.count / size).map { (position: Int) -> Int32 in
      let start = position / inner * size * inner + position % inner
      var best = 0
      for i in 1..<max(1, size) where x[start + i * inner] > x[start + best * inner] { best = i }
      return Int32(best)
    }
  }
}
