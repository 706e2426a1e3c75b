package import IR
import Machine
package import Support

/// SOFTMAX with 16-bit outputs: of int8, by the exponentials of the 8-bit one, and of int16, by interpolation in two tables.
///
/// Source: `CalculateSoftmaxParams` in `tensorflow/lite/micro/kernels/softmax_common.cc` and `SoftmaxInt16` in
/// `tensorflow/lite/kernels/internal/reference/softmax.h`.
extension Softmax {
  func checkWide(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .int16])
    let (input, output) = (try inputs[0].type.affine("the input"), try outputs[0].affine("the output"))
    let isWide = inputs[0].type.element == .int16
    let unit: Float = isWide ? 1 / 32768 : 1 / 65536
    guard (output.scale - unit).magnitude <= 0.001 * unit, output.zeroPoint == (isWide ? 0 : -32768) else {
      throw failure(
        "scale",
        "the int16 output must have scale \(isWide ? "1/32768 and zero point 0" : "1/65536 and zero point -32768"), "
          + "as the reference demands")
    }
    guard !isWide || input.zeroPoint == 0 else {
      throw failure("zero-point", "the int16 input must have a zero point of 0, as the reference demands")
    }
    _ = try foldedWide(inputs)
  }

  func foldedWide(_ inputs: [Operand]) throws(Diagnostic) -> FoldedOperator {
    guard inputs[0].type.element == .int16 else {
      let table = try table(inputs[0].type)
      return FoldedOperator(
        IntegerSoftmax(),
        [.input(0), .constant(Tensor(try plainType(.int32, [table.count]), ints: table), "exponentials")])
    }
    let scale = try inputs[0].type.affine("the input").scale
    let op = IntegerWideSoftmax(scale: try Requantization(scale: Double(scale) * Double(beta) / (10.0 / 65535.0)))
    let type = try plainType(.int16, [InterpolationTable.count])
    return FoldedOperator(
      op,
      [
        .input(0), .constant(Tensor(type, ints: IntegerWideSoftmax.exponentials), "exponentials"),
        .constant(Tensor(type, ints: IntegerWideSoftmax.reciprocals), "reciprocals"),
      ])
  }

  func evaluateWide(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let folded = try foldedWide(inputs.map { Operand($0.type) })
    var operands = inputs
    for case .constant(let table, _) in folded.inputs { operands.append(table) }
    return try folded.op.evaluate(operands, as: outputs)
  }
}

/// A table of a function of 16-bit numbers, between whose values lines are drawn.
///
/// Source: `LUTPopulateInt16` and `LUTLookup` in `tensorflow/lite/kernels/internal/common.h`.
enum InterpolationTable {
  static let count = 513

  /// - Parameters:
  ///   - scale: of the inputs, with their zero point.
  static func values(scale: Float, zeroPoint: Int32, outputScale: Float, _ function: (Float) -> Float) -> [Int32] {
    let lowest = scale * Float(-32768 - zeroPoint)
    let highest = scale * Float(32767 - zeroPoint)
    let step = (highest - lowest) / 512
    let half = step / 2
    let inverse = 65536 / (outputScale * 32767 - outputScale * -32768)
    func clamped(_ value: Float) -> Int32 { Int32(min(max(value, -32768), 32767)) }
    return (0..<512).map { (i: Int) -> Int32 in
      let x = lowest + Float(i) * step
      let sample = (function(x) * inverse).rounded()
      let next = function(lowest + Float(i + 1) * step) * inverse
      let interpolated = ((next + sample) / 2).rounded()
      let middle = (function(x + half) * inverse).rounded()
      return clamped(sample - ((interpolated - middle) / 2).rounded())
    } + [clamped((function(highest) * inverse).rounded())]
  }

  static func value(_ x: Int32, _ table: [Int32]) -> Int32 {
    let index = Int(256 + x >> 7)
    return table[index] + ((table[index + 1] - table[index]) * (x & 127) + 64) >> 7
  }
}

/// Softmax of 16-bit values in integer normal form.
///
/// Inputs: int16 data, and the constant tables of e^x for x from −10 to 0 and of 1 / (1 + x) for x from 0 to 1.
package struct IntegerWideSoftmax: EmittableOperator {
  package static let mnemonic = "integer.wide_softmax"
  package static let kernels: [any Kernel] = [WideSoftmaxKernel()]
  package static let dataInputs: Int? = 1

  static let exponentials = InterpolationTable.values(
    scale: 10 / 65535, zeroPoint: 32767, outputScale: 2 / 65535
  ) { Float(RealFunctions.exp(Double($0))) }
  static let reciprocals = InterpolationTable.values(
    scale: 1 / 65535, zeroPoint: -32768, outputScale: 2 / 65535
  ) { 1 / (1 + $0) }

  /// Brings distances from the maximum to 65535 steps for 10.
  package let scale: Requantization

  package var attributes: Attributes {
    Attributes([("multiplier", .int(Int(scale.multiplier))), ("shift", .int(scale.shift))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 3...3)
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    for type in [inputs[0].type] + outputs { try require(type, "operand", is: [.int16]) }
    for table in inputs.dropFirst() {
      guard try table.constantInts("the table").count == InterpolationTable.count else {
        throw failure("table", "a table must have 513 values")
      }
    }
    let depth = inputs[0].type.shape.dims.last ?? 1
    guard depth <= 32767 else {
      throw failure("depth", "more than 32767 classes are not supported, but there are \(depth)")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (exponentials, reciprocals) = (try inputs[1].ints("table"), try inputs[2].ints("table"))
    let x = try inputs[0].ints("input")
    let depth = inputs[0].type.shape.dims.last ?? 1
    func saturated(_ value: Int32) -> Int32 { (-32768...32767).clamping(value) }
    var result: [Int32] = []
    for row in stride(from: 0, to: x.count, by: depth) {
      let values = x[row..<row + depth]
      let maximum = values.max() ?? 0
      let own = values.map { InterpolationTable.value(saturated(scale.apply($0 - maximum) &+ 32767), exponentials) }
      let sum = own.reduce(0, +)
      let headroom = sum.leadingZeroBitCount
      let mantissa = Int32(truncatingIfNeeded: (Int64(sum) << Int64(headroom - 1) + 1 << 13) >> 14)
      let reciprocal = InterpolationTable.value(saturated(mantissa - 98304), reciprocals)
      let shift = Int32(31 - headroom)
      result += own.map { (0...32767).clamping(($0 * reciprocal + 1 << (shift - 1)) >> shift) }
    }
    return [Tensor(outputs[0], ints: result)]
  }
}

/// Softmax of 16-bit values row by row. Function `softmax_16`.
package struct WideSoftmaxKernel: Kernel {
  package let name = "softmax_16"

  package func work(_ layer: Layer) -> Work? {
    guard layer.op is IntegerWideSoftmax else { return nil }
    let count = layer.inputs[0].type.shape.elementCount
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    return Work(
      [WorkItem("element", count), WorkItem("row", count / depth)], flash: 4 * InterpolationTable.count)
  }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerWideSoftmax else { throw unsuitable(layer) }
    let tables = [
      code.table(
        "exponentials", .int16, try layer.inputs[1].constantInts("the exponentials"), rowLength: 16,
        comment: "exp(x) with 15 fraction bits for x from -10 to 0."),
      code.table(
        "reciprocals", .int16, try layer.inputs[2].constantInts("the reciprocals"), rowLength: 16,
        comment: "1 / (1 + x) with 15 fraction bits for x from 0 to 1."),
    ]
    let depth = layer.inputs[0].type.shape.dims.last ?? 1
    for function in ["scale", "clamp"] { _ = code.function(function) }
    code.call(
      code.function("softmax_16"),
      [
        "\(code.inputs[0]), \(code.outputs[0])",
        "/* rows */ \(layer.inputs[0].type.shape.elementCount / depth), /* classes */ \(depth)",
        "/* multiplier, shift */ \(op.scale.multiplier), \(op.scale.shift)", tables.joined(separator: ", "),
      ])
  }
}
