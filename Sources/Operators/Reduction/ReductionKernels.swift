import IR
import Machine
package import Support

/// Mean: loops over the kept axes around loops over the reduced ones.
package struct MeanKernel: Kernel {
  package let name = "mean"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerMean else { return nil }
    return (try? AxisReduction(layer.inputs[0].type.shape, axes: op.axes)).map { Work($0.work()) }
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerMean else { throw unsuitable(layer) }
    let loops = try AxisReduction(layer.inputs[0].type.shape, axes: op.axes)
    let (input, output) = (code.inputs[0], code.outputs[0])
    guard layer.outputs[0].element == .int8 else { return writeWide(op, loops, into: &code) }
    let requantize = code.requantizeFunction(for: [op.scale])
    code.line(
      loops.cText(
        step: { "sum += \(input)[\($0)];" },
        { loops, position in
          """
          int32_t sum = \(op.offset);
          \(loops)\(output)[\(position)] = \(requantize)(
              sum, \(op.scale.multiplier), \(op.scale.markedShift), \(op.stage.cArguments));
          """
        }))
  }

  /// Sums of 16-bit values wrap, as the reference's do.
  private func writeWide(_ op: IntegerMean, _ loops: AxisReduction, into code: inout LayerCode) {
    let (input, output) = (code.inputs[0], code.outputs[0])
    let value = ElementExpression.input(0).requantized(op.scale, op.stage.zeroPoint, op.stage.clamp)
      .text(["(int32_t)sum"], [], &code)
    code.line(
      loops.cText(
        step: { "const int32_t x = \(input)[\($0)];\nsum += (uint32_t)x;" },
        { loops, position in
          """
          uint32_t sum = \(UInt32(bitPattern: op.offset))u;
          \(loops)\(output)[\(position)] = (int16_t)\(value.atom);
          """
        }))
  }
}

/// Index of the largest or smallest value. Function `arg_max`.
package struct ArgMaxKernel: Kernel {
  package let name = "arg_max"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is ArgMax || layer.op is ArgMin else { return nil }
    return Work([
      WorkItem("element", layer.inputs[0].type.shape.elementCount),
      WorkItem("output", layer.outputs[0].shape.elementCount),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    let smallest = layer.op as? ArgMin
    guard let op = layer.op as? ArgMax ?? smallest?.opposite else { throw unsuitable(layer) }
    let shape = layer.inputs[0].type.shape
    let inner = shape.strides[op.axis]
    let size = shape[op.axis]
    code.call(
      code.function("arg_max"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* outer */ \(shape.elementCount / size / inner), /* values */ \(size), /* inner */ \(inner)",
        "/* largest or smallest */ \(smallest == nil ? 1 : -1)",
      ])
  }
}
