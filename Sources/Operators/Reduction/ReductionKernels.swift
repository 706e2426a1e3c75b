import IR
import Machine
package import Support

/// Mean: loops over the kept axes around loops over the reduced ones.
package struct MeanKernel: Kernel {
  package let name = "mean"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerMean else { return nil }
    let shape = layer.inputs[0].type.shape
    let strides = shape.strides
    let reduced = LoopNest(op.axes.map { LoopNest.Axis(size: shape[$0], steps: [strides[$0]]) })
    let outputs = layer.outputs[0].shape.elementCount
    return Work([
      WorkItem("element", shape.elementCount), WorkItem("run", outputs * reduced.outer.count),
      WorkItem("output", outputs),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerMean else { throw unsuitable(layer) }
    let shape = layer.inputs[0].type.shape
    let strides = shape.strides
    let keptAxes = (0..<shape.rank).filter { !op.axes.contains($0) }
    let keptStrides = try Shape(keptAxes.map { shape[$0] }).strides
    let kept = LoopNest(
      zip(keptAxes, keptStrides).map { LoopNest.Axis(size: shape[$0], steps: [strides[$0], $1]) })
    let reduced = LoopNest(op.axes.map { LoopNest.Axis(size: shape[$0], steps: [strides[$0]]) })
    let requantize = code.requantizeFunction()
    let (input, output) = (code.inputs[0], code.outputs[0])
    code.line(
      kept.cText(starts: [0, 0]) { offsets in
        let sum = reduced.cText(starts: [0], variable: "r") { inner in
          let index = offsets[0] == "0" ? inner[0] : inner[0] == "0" ? offsets[0] : "\(offsets[0]) + \(inner[0])"
          return "sum += \(input)[\(index)];"
        }
        return """
          int32_t sum = \(op.offset);
          \(sum)\(output)[\(offsets[1])] = \(requantize)(
              sum, \(op.scale.multiplier), \(op.scale.shift), \(op.stage.cArguments));
          """
      })
  }
}

/// Index of the largest value. Function `arg_max`.
package struct ArgMaxKernel: Kernel {
  package let name = "arg_max"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is ArgMax else { return nil }
    return Work([
      WorkItem("element", layer.inputs[0].type.shape.elementCount),
      WorkItem("output", layer.outputs[0].shape.elementCount),
    ])
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? ArgMax else { throw unsuitable(layer) }
    let shape = layer.inputs[0].type.shape
    let inner = shape.strides[op.axis]
    let size = shape[op.axis]
    code.call(
      code.function("arg_max"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* outer */ \(shape.elementCount / size / inner), /* values */ \(size), /* inner */ \(inner)",
      ])
  }
}
