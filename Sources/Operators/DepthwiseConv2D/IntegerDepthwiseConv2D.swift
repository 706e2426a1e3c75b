package import IR
package import Support

/// Depthwise convolution in integer normal form; inputs and conventions as for ``IntegerConv2D``, with weights
/// [1, height, width, channels × multiplier].
package struct IntegerDepthwiseConv2D: EmittableOperator, ClampingOperator, PaddedOperator {
  package static let mnemonic = "integer.depthwise_conv_2d"
  package static let kernels: [any Kernel] = [DepthwiseTapsKernel()]

  package let stride: Extent
  package let dilation: Extent
  package var padBefore: Extent
  package let padValue: Int32
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
    return [try Shape([inputs[0].type.shape[0], output.height, output.width, inputs[1].type.shape[3]])]
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
    let channels = weights[3]
    let multiplier = channels / image[3]
    var result: [Int32] = []
    result.reserveCapacity(outputs[0].shape.elementCount)
    for n in 0..<image[0] {
      for oy in 0..<output.height {
        for ox in 0..<output.width {
          for oc in 0..<channels {
            var sum = bias[oc]
            for ky in 0..<weights[1] {
              let iy = oy * stride.height - padBefore.height + ky * dilation.height
              for kx in 0..<weights[2] {
                let ix = ox * stride.width - padBefore.width + kx * dilation.width
                let inside = iy >= 0 && iy < image[1] && ix >= 0 && ix < image[2]
                let value = inside ? x[((n * image[1] + iy) * image[2] + ix) * image[3] + oc / multiplier] : padValue
                sum &+= value &* w[(ky * weights[2] + kx) * channels + oc]
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
    outputs[0].shape.elementCount * inputs[1].type.shape[1] * inputs[1].type.shape[2]
  }
}
