package import IR
package import Support

/// x for x ≥ 0, e^x − 1 below; of int8 by a table that is computed in single precision.
///
/// Source: `PopulateLookupTable` in `tensorflow/lite/micro/kernels/elu.cc` and `Elu` in
/// `tensorflow/lite/kernels/internal/reference/elu.h`.
package struct Elu: PlainUnaryOperator {
  package static let mnemonic = "elu"

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    guard outputs[0].element == .int8 else { return }
    _ = (try inputs[0].type.affine("the input"), try outputs[0].affine("the output"))
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if case .floats(let values) = inputs[0].elements {
      return [
        Tensor(outputs[0], floats: values.map { $0 < 0 ? Float(RealFunctions.expMinus1(Double($0))) : $0 })
      ]
    }
    let (scale, zeroPoint) = try inputs[0].type.affine("the input")
    let (outputScale, outputZeroPoint) = try outputs[0].affine("the output")
    let values = try inputs[0].ints("input").map { (element: Int32) -> Int32 in
      let x = scale * Float(element - zeroPoint)
      let y = x < 0 ? Float(RealFunctions.exp(Double(x))) - 1 : x
      let steps = (y * (1 / outputScale)).rounded() + Float(outputZeroPoint)
      // Zero times an infinite factor; the reference does not define it.
      if steps.isNaN { return outputZeroPoint }
      return steps < -128 ? -128 : steps > 127 ? 127 : Int32(steps)
    }
    return [Tensor(outputs[0], ints: values)]
  }
}
