package import IR
import Machine
package import Support

/// Logarithm of the softmax over the last axis of an int8 tensor; the output has scale 1/16 and zero point 127.
///
/// Source: `tensorflow/lite/micro/kernels/log_softmax.cc` and `LogSoftmaxQuantized` in
/// `tensorflow/lite/kernels/internal/reference/log_softmax.h`.
package struct LogSoftmax: QuantizedOperator {
  package static let mnemonic = "log_softmax"

  package init() {}
  package init(_ attributes: Attributes) throws(Diagnostic) {}
  package var attributes: Attributes { Attributes() }
  package var quantizationRule: QuantizationRule { .fixed(scale: 1 / 16, zeroPoint: 127, wide: nil) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    guard inputs[0].type.shape.rank > 0 else { throw failure("rank", "the input must have at least one dimension") }
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .float32])
    try require(outputs[0], sameElementAs: inputs[0].type, "input and output")
    guard outputs[0].element == .int8 else { return }
    let output = try outputs[0].affine("the output")
    guard output.scale == 1 / 16, output.zeroPoint == 127 else {
      throw failure("scale", "the output must have scale 1/16 and zero point 127, as the reference demands")
    }
    _ = try folded(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard case .floats(let values) = inputs[0].elements else {
      let folded = try folded(inputs.map { Operand($0.type) }, outputs)
      var operands = inputs
      for case .constant(let table, _) in folded.inputs { operands.append(table) }
      return try folded.op.evaluate(operands, as: outputs)
    }
    let depth = inputs[0].type.shape.dims.last ?? 1
    var result: [Float] = []
    for row in stride(from: 0, to: values.count, by: depth) {
      let x = values[row..<row + depth]
      let maximum = x.max() ?? 0
      let sum = x.reduce(Float(0)) { $0 + Float(RealFunctions.exp(Double($1 - maximum))) }
      let logarithm = Float(RealFunctions.log(Double(sum)))
      result += x.map { $0 - maximum - logarithm }
    }
    return [Tensor(outputs[0], floats: result)]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let scaling = try SoftmaxScaling(beta: 1, scale: try inputs[0].type.affine("the input").scale)
    let depth = inputs[0].type.shape.dims.last ?? 1
    guard depth <= 4095 else {
      throw failure("depth", "more than 4095 classes are not supported, but there are \(depth)")
    }
    let op = IntegerLogSoftmax(
      scale: Requantization(multiplier: scaling.multiplier, shift: scaling.shift),
      reverse: try Requantization(
        scaleBelowOne: Double(1 << (31 - scaling.shift)) / Double(scaling.multiplier)),
      radius: Int32(min(scaling.radius, 1 << 30)))
    let table = scaling.exponentials
    return FoldedOperator(
      op, [.input(0), .constant(Tensor(try plainType(.int32, [table.count]), ints: table), "exponentials")])
  }
}

/// Logarithm of the softmax in integer normal form.
///
/// Inputs: int8 data, and the constant int32 table of exponentials by distance from the row's maximum.
package struct IntegerLogSoftmax: EmittableOperator {
  package static let mnemonic = "integer.log_softmax"
  package static let kernels: [any Kernel] = [LogSoftmaxKernel()]
  package static let dataInputs: Int? = 1

  /// Brings distances to 26 fraction bits.
  package let scale: Requantization
  /// Brings them back.
  package let reverse: Requantization
  /// Longer distances count as infinite.
  package let radius: Int32

  package var attributes: Attributes {
    Attributes([
      ("multiplier", .int(Int(scale.multiplier))), ("shift", .int(scale.shift)),
      ("reverse_multiplier", .int(Int(reverse.multiplier))), ("reverse_shift", .int(reverse.shift)),
      ("radius", .int(Int(radius))),
    ])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(outputs[0], "output", is: [.int8])
    guard (1...256).contains(try inputs[1].constantInts("the table").count) else {
      throw failure("table", "the table of exponentials must have from 1 to 256 values")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let table = try inputs[1].ints("table")
    let x = try inputs[0].ints("input")
    let depth = inputs[0].type.shape.dims.last ?? 1
    var result: [Int32] = []
    for row in stride(from: 0, to: x.count, by: depth) {
      let values = x[row..<row + depth]
      let maximum = values.max() ?? 0
      let sum = values.reduce(Int32(0)) { sum, value in
        let distance = Int(maximum - value)
        return distance < table.count ? sum &+ roundingShiftRight(table[distance], 12) : sum
      }
      let logarithm = FixedPoint.logarithm(sum)
      let limit = max(-radius - 1, reverse.apply(logarithm &+ Int32.min))
      result += values.map { value in
        let difference = value - maximum
        guard difference > limit else { return -128 }
        return (-128...127).clamping(roundingShiftRight(scale.apply(difference) &- logarithm, 22) &+ 127)
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }
}

/// Logarithm of the softmax row by row. Function `log_softmax`.
package struct LogSoftmaxKernel: Kernel {
  package let name = "log_softmax"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is IntegerLogSoftmax else { return nil }
    let count = layer.inputs[0].type.shape.elementCount
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    return Work(
      [WorkItem("element", count), WorkItem("row", count / depth)], flash: layer.inputs[1].type.byteCount)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerLogSoftmax else { throw unsuitable(layer) }
    let exponentials = try layer.inputs[1].constantInts("the exponentials")
    let table = code.table(
      "exponentials", .int32, exponentials, rowLength: 8,
      comment: "exp(-distance from the maximum * scale) with 31 fraction bits.")
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    for function in ["scale", "clamp", "reciprocal", "logarithm"] { _ = code.function(function) }
    code.call(
      code.function("log_softmax"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(layer.inputs[0].type.shape.elementCount / depth), /* classes */ \(depth)",
        "\(table), /* entries */ \(exponentials.count), /* radius */ \(op.radius)",
        "/* multiplier, shift */ \(op.scale.multiplier), \(op.scale.shift)",
        "/* and back */ \(op.reverse.multiplier), \(op.reverse.shift)",
      ])
  }
}
