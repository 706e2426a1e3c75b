package import IR
package import Support

/// e^x of int8 by a table.
///
/// Source: `Prepare` in `tensorflow/lite/kernels/exp.cc`; TensorFlow Lite Micro has floats alone.
package struct Exponential: PlainUnaryOperator {
  package static let mnemonic = "exp"

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireInt8(inputs, outputs)
    _ = (try inputs[0].type.affine("the input"), try outputs[0].affine("the output"))
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    [try FloatTable.map(inputs[0], as: outputs[0]) { RealFunctions.exp($0) }]
  }
}

/// The natural logarithm of int8 by a table; of 0 and negative numbers it is the lowest real value of the output.
///
/// Source: `LogLUTPrepare` in `tensorflow/lite/kernels/elementwise.cc`; TensorFlow Lite Micro has floats alone.
package struct Logarithm: PlainUnaryOperator {
  package static let mnemonic = "log"

  package init() {}

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try requireInt8(inputs, outputs)
    _ = (try inputs[0].type.affine("the input"), try outputs[0].affine("the output"))
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (scale, zeroPoint) = try outputs[0].affine("the output")
    let lowest = Float(-128 - zeroPoint) * scale
    return [
      try FloatTable.map(inputs[0], as: outputs[0]) { $0 <= 0 ? lowest : Float(RealFunctions.log(Double($0))) }
    ]
  }
}
