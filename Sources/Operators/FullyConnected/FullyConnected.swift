package import IR
package import Support

/// Dense layer: int8 or int16 input read as rows of `depth` values, times int8 weights [units, depth]. An int32 output is the
/// sums of an int8 input.
///
/// Inputs: data, weights, and optionally an int32 bias. The output has the `shape` of the file, whose last dimension is
/// the number of units. Source: `tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h`.
package struct FullyConnected: QuantizedOperator, RequantizingOperator {
  package static let mnemonic = "fully_connected"
  package var quantizationRule: QuantizationRule { .weighted(channelAxis: 0) }
  package let activation: Activation
  package let shape: [Int]
  package let arithmetic: Requantization.Arithmetic

  package init(activation: Activation, shape: [Int], arithmetic: Requantization.Arithmetic = .fixedPoint) {
    self.activation = activation
    self.shape = shape
    self.arithmetic = arithmetic
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    activation = try attributes.activation()
    shape = try attributes.ints("shape")
    arithmetic = try attributes.arithmetic()
  }

  package var attributes: Attributes {
    Attributes([("activation", .string(activation.rawValue)), ("shape", .ints(shape))] + arithmetic.attributes)
  }

  package func requantizing(by arithmetic: Requantization.Arithmetic) -> any SourceOperator {
    FullyConnected(activation: activation, shape: shape, arithmetic: arithmetic)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...3)
    let weights = inputs[1].type.shape
    guard weights.rank == 2, weights.elementCount > 0 else {
      throw failure("weights", "the weights must have 2 dimensions (units, depth), not \(weights)")
    }
    let elements = inputs[0].type.shape.elementCount
    guard elements % weights[1] == 0 else {
      throw failure("depth", "an input of \(elements) values can't be read as rows of \(weights[1])")
    }
    guard inputs.count < 3 || inputs[2].type.shape.elementCount == weights[0] else {
      throw failure("bias", "the bias has \(inputs[2].type.shape.elementCount) values for \(weights[0]) units")
    }
    let output = try Shape(shape)
    guard output.dims.last == weights[0], output.elementCount == elements / weights[1] * weights[0] else {
      throw failure(
        "shape", "\(elements / weights[1]) rows of \(weights[0]) units do not fit the output shape \(output)")
    }
    return [output]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    if outputs[0].element == .int16 {
      try requireFixedPoint()
      return try checkWide(inputs, outputs)
    }
    if try isFloat(inputs, outputs) { return }
    if outputs[0].element == .int32 { return try checkSums(inputs, outputs) }
    try checkWeightedTypes(inputs, outputs, allowsDataWeights: true)
    _ = try scales(inputs, outputs)
    _ = try activation.clamp(outputs[0])
    if weightOffset(inputs[1].type) != 0 || inputs[1].constant == nil { try checkFolded(inputs, outputs) }
  }

  func scales(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> AccumulatorScales {
    try AccumulatorScales(
      input: inputs[0].type, weights: try symmetric(inputs[1].type), output: outputs[0],
      channels: inputs[1].type.shape[0],
      channelAxis: 0, arithmetic)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    if [.int16, .int32].contains(outputs[0].element) { return try evaluateFolded(inputs, as: outputs) }
    if outputs[0].element == .float32 { return try evaluateFloat(inputs, as: outputs) }
    let scales = try scales(inputs.map { Operand($0.type) }, outputs).perChannel
    let stage = OutputStage(
      zeroPoint: try outputs[0].affine("output").zeroPoint, clamp: try activation.clamp(outputs[0]))
    let zeroPoint = try inputs[0].type.affine("input").zeroPoint
    let x = try inputs[0].ints("input")
    let bias = inputs.count > 2 ? try inputs[2].ints("bias") : nil
    let (units, depth) = (inputs[1].type.shape[0], inputs[1].type.shape[1])
    let w = try SymmetricWeights.values(inputs[1], axis: 0) { $0 / depth }
    var result: [Int32] = []
    for row in 0..<x.count / depth {
      for unit in 0..<units {
        var sum: Int32 = 0
        for d in 0..<depth { sum &+= (x[row * depth + d] - zeroPoint) &* w[unit * depth + d] }
        result.append(stage.apply(sum &+ (bias?[unit] ?? 0), scales[unit]))
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    outputs[0].shape.elementCount * inputs[1].type.shape[1]
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    if outputs[0].element == .int16 { return try foldedWide(inputs, outputs) }
    if outputs[0].element == .int32 { return try foldedSums(inputs, outputs) }
    guard let operand = try symmetricWeights(inputs[1]) else { return try foldedData(inputs, outputs) }
    let zeroPoint = try inputs[0].type.affine("input").zeroPoint
    let weights = inputs[1].type.shape
    let op = IntegerMatrixProduct(
      shape: shape,
      stage: OutputStage(
        zeroPoint: try outputs[0].affine("output").zeroPoint, clamp: try activation.clamp(outputs[0])))
    let depth = weights[1]
    let bias = try foldedBias(
      inputs.count > 2 ? try inputs[2].constantInts("the bias") : nil,
      weights: operand.values, channels: weights[0], inputZeroPoint: zeroPoint
    ) { $0 / depth }
    return FoldedOperator(op, [.input(0), operand.input, bias] + (try scales(inputs, outputs).constants()))
  }
}
