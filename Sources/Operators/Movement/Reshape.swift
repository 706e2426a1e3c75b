package import IR
package import Support

/// The same elements under another shape: RESHAPE, SQUEEZE and EXPAND_DIMS.
package struct Reshape: SourceOperator, EmittableOperator {
  package static let mnemonic = "reshape"
  package static let kernels: [any Kernel] = [CopyKernel()]
  package let shape: [Int]

  package init(shape: [Int]) { self.shape = shape }
  package init(_ attributes: Attributes) throws(Diagnostic) { shape = try attributes.ints("shape") }
  package var attributes: Attributes { Attributes([("shape", .ints(shape))]) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let output = try Shape(shape)
    guard output.elementCount == inputs[0].type.shape.elementCount else {
      throw failure("shape", "\(inputs[0].type.shape) can't become \(output): the numbers of elements differ")
    }
    return [output]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .uint8, .int32, .float32])
    try require(inputs[0].type, sameElementAs: outputs[0], "input and output")
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    [inputs[0].retyped(outputs[0])]
  }
}
