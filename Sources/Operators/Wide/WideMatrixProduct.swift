package import IR
package import Support

/// Dense layer with 16-bit activations in integer normal form: rows of the input times constant weights [units, depth].
package struct WideMatrixProduct: WideLayer {
  package static let mnemonic = "integer.matrix_product_16"
  package static let kernels: [any Kernel] = [WideMatrixProductKernel(), ShortWeightsKernel()]
  package static let dataInputs: Int? = 1

  package let shape: [Int]
  package var clamp: ClosedRange<Int32>
  package let accumulatorBits: Int

  package var attributes: Attributes {
    Attributes([
      ("shape", .ints(shape)), ("accumulator_bits", .int(accumulatorBits)),
      ("clamp", .ints([Int(clamp.lowerBound), Int(clamp.upperBound)])),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 5...5)
    return [try Shape(shape)]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWideLayer(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let scales = try WideScales(self, inputs)
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let (units, depth) = (inputs[1].type.shape[0], inputs[1].type.shape[1])
    var result: [Int32] = []
    for row in 0..<x.count / depth {
      for unit in 0..<units {
        var sum: Int64 = 0
        for d in 0..<depth { sum += Int64(x[row * depth + d] * w[unit * depth + d]) }
        result.append(scales.apply(sum, channel: unit))
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    outputs[0].shape.elementCount * inputs[1].type.shape[1]
  }
}
