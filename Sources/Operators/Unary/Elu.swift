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
    return [try FloatTable.map(inputs[0], as: outputs[0]) { $0 < 0 ? Float(RealFunctions.exp(Double($0))) - 1 : $0 }]
  }
}
