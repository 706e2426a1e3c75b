package import IR
package import Support

/// Products of matrices that are both data, in integer normal form.
///
/// Inputs: two int8 or two int16 tensors; constant int32 bias, one or one for each column; one multiplier and one shift.
/// Zero points are those of the inputs. Sums of int8 products wrap modulo 2^32; those of int16 products have 64 bits. An int32
/// output is the sums of int8 products, without a bias.
package struct IntegerBatchMatMul: StagedOperator, WideLayer {
  package static let mnemonic = "integer.batch_matmul"
  package static let kernels: [any Kernel] = [BatchMatMulKernel()]
  package static let dataInputs: Int? = 2

  package let adjointX: Bool
  package let adjointY: Bool
  package let zeroPoints: [Int32]
  /// The shape of the output, where it is another one than the product's.
  package let shape: [Int]?
  package var stage: OutputStage
  var accumulatorBits: Int { 64 }

  package var attributes: Attributes {
    Attributes(
      [
        ("adjoint_x", .bool(adjointX)), ("adjoint_y", .bool(adjointY)),
        ("zero_points", .ints(zeroPoints.map { Int($0) })),
      ] + (shape.map { [("shape", .ints($0))] } ?? []) + stage.attributes)
  }

  func product(_ inputs: [TensorType]) throws(Diagnostic) -> MatrixBatch {
    var (x, y) = (inputs[0].shape, inputs[1].shape)
    // A dense layer reads its input as rows.
    if shape != nil { x = try Shape([x.elementCount / max(1, y[1]), y[1]]) }
    return try MatrixBatch(x, y, adjointX: adjointX, adjointY: adjointY)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 5...5)
    if let shape { return [try Shape(shape)] }
    return [try product(inputs.map(\.type)).shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(outputs[0], "output", is: [.int8, .int16, .int32])
    for input in inputs.prefix(2) {
      try require(input.type, "input", is: [outputs[0].element == .int32 ? .int8 : outputs[0].element])
    }
    if outputs[0].element == .int16 {
      _ = try WideScales(self, inputs)
      guard try product(inputs.map(\.type)).depth <= 1 << 16 else {
        throw failure("depth", "int16 matrices of more than 2^16 columns are not supported")
      }
    }
    _ = try ScaleTables(multipliers: inputs[3].constant, shifts: inputs[4].constant)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let batch = try product(inputs.map(\.type))
    let (x, y) = (try inputs[0].ints("first input"), try inputs[1].ints("second input"))
    if outputs[0].element == .int16 {
      let scales = try WideScales(self, inputs)
      let values = batch.map { pairs in
        scales.apply(pairs.reduce(Int64(0)) { $0 &+ Int64(x[$1.x]) * Int64(y[$1.y]) }, channel: 0)
      }
      return [Tensor(outputs[0], ints: values)]
    }
    let sums = batch.map { pairs in
      pairs.reduce(Int32(0)) { $0 &+ (x[$1.x] - zeroPoints[0]) &* (y[$1.y] - zeroPoints[1]) }
    }
    if outputs[0].element == .int32 { return [Tensor(outputs[0], ints: sums)] }
    let scale = try ScaleTables(multipliers: inputs[3], shifts: inputs[4])[0]
    let bias = try inputs[2].ints("bias")
    let values = sums.enumerated().map { stage.apply($1 &+ bias[$0 % batch.columns % bias.count], scale) }
    return [Tensor(outputs[0], ints: values)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    outputs[0].shape.elementCount * ((try? product(inputs.map(\.type)).depth) ?? 0)
  }
}
