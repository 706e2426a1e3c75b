package import IR
package import Support

/// The sums of a convolution or matrix product of int8 data with constant weights, as int32 values and in integer normal form.
///
/// Inputs: int8 data, read as an image [batch, height, width, channels]; weights [filters, height, width, channels of a group]
/// as int8 or int16; int32 bias, which holds the input zero point's share of all taps. Sums wrap modulo 2^32.
package struct IntegerSums: EmittableOperator {
  package static let mnemonic = "integer.sums"
  package static let kernels: [any Kernel] = [SumsKernel()]
  package static let dataInputs: Int? = 1

  /// What the data is read as.
  let image: [Int]
  let stride: Extent
  let dilation: Extent
  let padBefore: Extent
  /// What taps outside of the image read.
  let padValue: Int32
  let output: Extent
  /// Of the output tensor.
  let shape: [Int]

  package var attributes: Attributes {
    Attributes([
      ("image", .ints(image)), ("stride", .ints(stride.list)), ("dilation", .ints(dilation.list)),
      ("pad_before", .ints(padBefore.list)), ("pad_value", .int(Int(padValue))), ("output", .ints(output.list)),
      ("shape", .ints(shape)),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 3...3)
    return [try Shape(shape)]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(inputs[1].type, "weights tensor", is: [.int8, .int16])
    try require(inputs[2].type, "bias", is: [.int32])
    try require(outputs[0], "output", is: [.int32])
    guard inputs[1].constant != nil, inputs[2].constant != nil else {
      throw failure("weights", "weights and bias must be constant")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (x, w, bias) = (
      try inputs[0].ints("input"), try inputs[1].ints("weights"), try inputs[2].ints("bias")
    )
    let weights = inputs[1].type.shape
    let depth = weights[3]
    let groupSize = weights[0] / (image[3] / depth)
    var result: [Int32] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    for n in 0..<image[0] {
      for position in 0..<output.height * output.width {
        let top = position / output.width * stride.height - padBefore.height
        let left = position % output.width * stride.width - padBefore.width
        for filter in 0..<weights[0] {
          var sum = bias[filter]
          for tap in 0..<weights[1] * weights[2] {
            let iy = top + tap / weights[2] * dilation.height
            let ix = left + tap % weights[2] * dilation.width
            let inside = iy >= 0 && iy < image[1] && ix >= 0 && ix < image[2]
            let xs = ((n * image[1] + iy) * image[2] + ix) * image[3] + filter / groupSize * depth
            let ws = (filter * weights[1] * weights[2] + tap) * depth
            for c in 0..<depth { sum &+= (inside ? x[xs + c] : padValue) &* w[ws + c] }
          }
          result.append(sum)
        }
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    let filters = inputs[1].type.shape[0]
    return filters == 0 ? 0 : outputs[0].shape.elementCount * (inputs[1].type.shape.elementCount / filters)
  }
}
