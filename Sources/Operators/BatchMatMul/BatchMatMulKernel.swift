import IR
import Machine
package import Support

/// Products of matrices that are both data. Functions `batch_matmul`, `batch_matmul_16` and `batch_matmul_32`.
package struct BatchMatMulKernel: Kernel {
  package let name = "batch_matmul"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerBatchMatMul, let batch = try? op.product(layer.inputs.map(\.type)) else {
      return nil
    }
    let isWide = layer.outputs[0].element == .int16
    let macs = layer.multiplyAccumulates
    return Work(
      [
        WorkItem("mac", isWide ? 0 : macs), WorkItem("wide mac", isWide ? macs : 0),
        WorkItem("output", layer.outputs[0].shape.elementCount), WorkItem("matrix", batch.nest.count),
      ],
      flash: isWide ? 8 : layer.inputs[2].type.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerBatchMatMul else { throw unsuitable(layer) }
    let batch = try op.product(layer.inputs.map(\.type))
    let function: String
    let arguments: [String]
    let zeroPoints = "/* zero points of the inputs */ \(op.zeroPoints[0]), \(op.zeroPoints[1])"
    if layer.outputs[0].element == .int16 {
      arguments = [try WideScales(op, layer.inputs).write(&code)]
      function = code.function("batch_matmul_16")
    } else if layer.outputs[0].element == .int32 {
      arguments = [zeroPoints]
      function = code.function("batch_matmul_32")
    } else {
      let bias = try layer.inputs[2].constantInts("the bias")
      let scale = try ScaleTables(multipliers: layer.inputs[3].constant, shifts: layer.inputs[4].constant)[0]
      let table = code.table("bias", .int32, bias, rowLength: 8, comment: "Bias \(layer.inputs[2].type.shape).")
      _ = code.requantizeFunction(for: [scale])
      function = code.function("batch_matmul")
      arguments = [
        zeroPoints,
        "\(table), /* step */ \(bias.count > 1 ? 1 : 0)",
        "/* multiplier, shift */ \(scale.multiplier), \(scale.markedShift), \(op.stage.cArguments)",
      ]
    }
    let text = batch.nest.cText(starts: [0, 0, 0]) { offsets in
      func pointer(_ base: String, _ offset: String) -> String { offset == "0" ? base : "\(base) + \(offset)" }
      let data = [
        "\(pointer(code.inputs[0], offsets[0])), /* step, row */ \(batch.xStep), \(batch.xRow)",
        "\(pointer(code.inputs[1], offsets[1])), /* step, column */ \(batch.yStep), \(batch.yColumn)",
        "\(pointer(code.outputs[0], offsets[2])), /* rows, depth, columns */ \(batch.rows), \(batch.depth), "
          + "\(batch.columns)",
      ]
      return "\(function)(\n    " + (data + arguments).joined(separator: ",\n    ") + ");"
    }
    code.line(text)
  }
}
