package import IR
package import Support

/// Convolution in integer normal form: everything that the scales and zero points say is in the constants.
///
/// Inputs: int8 image [batch, height, width, channels]; constant int8 weights [output channels, height, width, input
/// channels]; constant int32 bias that holds the input zero point's share of all taps; multipliers and shifts, one or
/// one for each output channel. Taps outside of the image read `padValue`. Sums wrap modulo 2^32.
package struct IntegerConv2D: EmittableOperator, ClampingOperator, PaddedOperator {
  package static let mnemonic = "integer.conv_2d"
  package static let kernels: [any Kernel] = [MatrixProductKernel(), Conv2DRowsKernel(), Conv2DTapsKernel()]

  package let stride: Extent
  package let dilation: Extent
  /// Rows above and columns to the left of the image that the first window covers.
  package var padBefore: Extent
  package let padValue: Int32
  /// Height and width of the output.
  package let output: Extent
  package var stage: OutputStage

  package var clamp: ClosedRange<Int32> {
    get { stage.clamp }
    set { stage.clamp = newValue }
  }

  package var attributes: Attributes {
    Attributes(
      [
        ("stride", .ints(stride.list)), ("dilation", .ints(dilation.list)), ("pad_before", .ints(padBefore.list)),
        ("pad_value", .int(Int(padValue))), ("output", .ints(output.list)),
      ] + stage.attributes)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 5...5)
    return [try Shape([inputs[0].type.shape[0], output.height, output.width, inputs[1].type.shape[0]])]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWeightedTypes(inputs, outputs)
    _ = try ScaleTables(multipliers: inputs[3].constant, shifts: inputs[4].constant)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let scales = try ScaleTables(multipliers: inputs[3], shifts: inputs[4])
    let image = inputs[0].type.shape
    let weights = inputs[1].type.shape
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let bias = try inputs[2].ints("bias")
    let depth = weights[3]
    let groupSize = weights[0] / (image[3] / depth)
    var result: [Int32] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    for n in 0..<image[0] {
      for oy in 0..<output.height {
        for ox in 0..<output.width {
          for oc in 0..<weights[0] {
            var sum = bias[oc]
            for ky in 0..<weights[1] {
              let iy = oy * stride.height - padBefore.height + ky * dilation.height
              for kx in 0..<weights[2] {
                let ix = ox * stride.width - padBefore.width + kx * dilation.width
                let inside = iy >= 0 && iy < image[1] && ix >= 0 && ix < image[2]
                let xs = ((n * image[1] + iy) * image[2] + ix) * image[3] + oc / groupSize * depth
                let ws = ((oc * weights[1] + ky) * weights[2] + kx) * depth
                for c in 0..<depth { sum &+= (inside ? x[xs + c] : padValue) &* w[ws + c] }
              }
            }
            result.append(stage.apply(sum, scales[oc]))
          }
        }
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    let weights = inputs[1].type.shape
    return outputs[0].shape.elementCount * weights[1] * weights[2] * weights[3]
  }
}

/// A windowed operator in integer normal form that reads a fixed value outside of the image, so that a padding before it
/// can be absorbed.
package protocol PaddedOperator: EmittableOperator {
  var padBefore: Extent { get set }
  var padValue: Int32 { get }
}
