package import IR
package import Support

/// BATCH_MATMUL: products of the matrices in the last two axes of both inputs; the axes before them broadcast.
///
/// `adjointX` and `adjointY` transpose the matrices of an input first. An int32 output is the sums of int8 products.
/// Sources: `tensorflow/lite/micro/kernels/batch_matmul.cc`,
/// `tensorflow/lite/kernels/internal/reference/batch_matmul.h`.
package struct BatchMatMul: QuantizedOperator, RequantizingOperator {
  package static let mnemonic = "batch_matmul"
  package let adjointX: Bool
  package let adjointY: Bool
  package let arithmetic: Requantization.Arithmetic

  package init(adjointX: Bool, adjointY: Bool, arithmetic: Requantization.Arithmetic = .fixedPoint) {
    self.adjointX = adjointX
    self.adjointY = adjointY
    self.arithmetic = arithmetic
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    adjointX = try attributes.bool("adjoint_x")
    adjointY = try attributes.bool("adjoint_y")
    arithmetic = try attributes.arithmetic()
  }

  package var attributes: Attributes {
    Attributes([("adjoint_x", .bool(adjointX)), ("adjoint_y", .bool(adjointY))] + arithmetic.attributes)
  }

  package func requantizing(by arithmetic: Requantization.Arithmetic) -> any SourceOperator {
    BatchMatMul(adjointX: adjointX, adjointY: adjointY, arithmetic: arithmetic)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    return [try product(inputs.map(\.type.shape)).shape]
  }

  func product(_ shapes: [Shape]) throws(Diagnostic) -> MatrixBatch {
    guard shapes.allSatisfy({ (2...5).contains($0.rank) }) else {
      throw failure("rank", "the inputs must have 2 to 5 dimensions, not \(shapes[0]) and \(shapes[1])")
    }
    return try MatrixBatch(shapes[0], shapes[1], adjointX: adjointX, adjointY: adjointY)
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if try isFloat(inputs, outputs) { return }
    let isSum = outputs[0].element == .int32
    if outputs[0].element == .int16 { try requireFixedPoint() }
    for type in inputs.map(\.type) + (isSum ? [] : outputs) {
      try require(type, "operand", is: isSum ? [.int8] : [.int8, .int16])
      try require(type, sameElementAs: inputs[0].type, "inputs and output")
      guard type.element == .int16 else { continue }
      guard try type.affine("an int16 operand").zeroPoint == 0 else {
        throw failure("zero-point", "int16 operands must have the zero point 0")
      }
    }
    try checkFolded(inputs, outputs)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    let operands = inputs.map { Operand($0.type) }
    let (op, parameters) = try integerOperator(operands, outputs)
    return try op.evaluate(inputs + parameters, as: outputs)
  }

  private func evaluateFloat(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let batch = try product(inputs.map(\.type.shape))
    let (x, y) = (try inputs[0].floats("first input"), try inputs[1].floats("second input"))
    let values = batch.map { pairs in pairs.reduce(Float(0)) { $0 + x[$1.x] * y[$1.y] } }
    return [Tensor(outputs[0], floats: values)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    let depth = inputs[0].type.shape.dims.suffix(2).last ?? 1
    return outputs[0].shape.elementCount * (adjointX ? inputs[0].type.shape.dims.suffix(2).first ?? 1 : depth)
  }

  /// As for ``AccumulatorScales``; the recorded vectors of `Tests/Fixtures/operators/batch_matmul_scale_rounding` show that the
  /// product of the inputs' scales is not rounded to a float.
  private func scale(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> Requantization {
    if outputs[0].element == .int32 { return try Requantization(scale: 1) }
    let scales = (
      try inputs[0].type.affine("the first input").scale, try inputs[1].type.affine("the second input").scale
    )
    return try Requantization(
      input: scales.0, weights: scales.1, output: try outputs[0].affine("the output").scale, arithmetic)
  }

  /// The operator for inputs that are both data, and what it reads behind them.
  private func integerOperator(
    _ inputs: [Operand], _ outputs: [TensorType]
  ) throws(Diagnostic) -> (IntegerBatchMatMul, [Tensor]) {
    let isSum = outputs[0].element == .int32
    let stage = OutputStage(
      zeroPoint: isSum ? 0 : try outputs[0].affine("the output").zeroPoint,
      clamp: isSum ? Int32.min...Int32.max : try Activation.none.clamp(outputs[0]))
    let op = IntegerBatchMatMul(
      adjointX: adjointX, adjointY: adjointY,
      zeroPoints: [
        try inputs[0].type.affine("the first input").zeroPoint,
        try inputs[1].type.affine("the second input").zeroPoint,
      ], shape: nil, stage: stage)
    let scale = try scale(inputs, outputs)
    let one = try plainType(.int32, [1])
    return (
      op, [Tensor(one, ints: [0]), Tensor(one, ints: [scale.multiplier]), Tensor(one, ints: [scale.markedShift])]
    )
  }

  /// A constant second matrix that all rows share makes a dense layer, when its values without zero point are int8.
  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let (op, parameters) = try integerOperator(inputs, outputs)
    let constants = zip(parameters, ["bias", "multiplier", "shift"]).map { FoldedOperator.Input.constant($0, $1) }
    let general = FoldedOperator(op, [.input(0), .input(1)] + constants)
    guard let matrix = inputs[1].constant, outputs[0].element == .int8, !adjointX else { return general }
    let batch = try product(inputs.map(\.type.shape))
    guard matrix.type.shape.elementCount == batch.depth * batch.columns else { return general }
    let values = try matrix.ints("the second input")
    let weights = (0..<batch.depth * batch.columns).map { index in
      let (column, d) = (index / batch.depth, index % batch.depth)
      return values[adjointY ? index : d * batch.columns + column] - op.zeroPoints[1]
    }
    guard weights.allSatisfy({ (-128...127).contains($0) }) else { return general }
    let bias = try foldedBias(
      nil, weights: weights, channels: batch.columns, inputZeroPoint: op.zeroPoints[0]
    ) { $0 / batch.depth }
    let product = IntegerMatrixProduct(shape: outputs[0].shape.dims, stage: op.stage)
    let scale = [
      FoldedOperator.Input.constant(parameters[1], "multiplier"),
      .constant(Tensor(try plainType(.int8, [1]), ints: try parameters[2].ints("the shift")), "shift"),
    ]
    let type = try plainType(.int8, [batch.columns, batch.depth])
    return FoldedOperator(
      product,
      [.input(0), .constant(Tensor(type, ints: weights), "weights"), bias] + scale)
  }
}
