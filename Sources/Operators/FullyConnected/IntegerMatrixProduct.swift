package import IR
package import Support

/// Dense layer in integer normal form: rows of the input times constant weights [units, depth].
///
/// Inputs: int8 data, int8 weights, int32 bias with the input zero point's share, multipliers, shifts.
package struct IntegerMatrixProduct: StagedOperator, SpatialOperator {
  package static let mnemonic = "integer.matrix_product"
  package static let kernels: [any Kernel] = [
    MatrixProductKernel(), Conv2DLanesKernel(), DensePackedKernel(), Conv2DSparseKernel(), Conv2DTernaryKernel(),
    Conv2DPackedKernel(bits: 4), Conv2DPackedKernel(bits: 2), DenseSparseKernel(), Dense4BitKernel(),
    DenseSquaresKernel(), DenseHuffmanKernel(), DenseCodedKernel(), Conv2DCodedKernel(), OffsetKernel(),
  ]
  package static let dataInputs: Int? = 1

  package let shape: [Int]
  package var stage: OutputStage

  package var attributes: Attributes { Attributes([("shape", .ints(shape))] + stage.attributes) }

  /// A row of the input is a pixel to the kernels.
  package func access(_ layer: Layer, input: Int) -> SpatialAccess? {
    let (depth, units) = (layer.inputs[1].type.shape[1], layer.inputs[1].type.shape[0])
    guard input == 0, layer.outputs[0].element.isByte, depth > 0 else { return nil }
    let rows = layer.inputs[0].type.shape.elementCount / depth
    return SpatialAccess(image: [rows, 1, depth], output: [rows, 1, units], rows: .same, columns: .same)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 5...5)
    return [try Shape(shape)]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try checkWeightedTypes(inputs, outputs)
    _ = try ScaleTables(multipliers: inputs[3].constant, shifts: inputs[4].constant)
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let scales = try ScaleTables(multipliers: inputs[3], shifts: inputs[4])
    let x = try inputs[0].ints("input")
    let w = try inputs[1].ints("weights")
    let bias = try inputs[2].ints("bias")
    let (units, depth) = (inputs[1].type.shape[0], inputs[1].type.shape[1])
    var result: [Int32] = []
    for row in 0..<x.count / depth {
      for unit in 0..<units {
        var sum = bias[unit]
        for d in 0..<depth { sum &+= x[row * depth + d] &* w[unit * depth + d] }
        result.append(stage.apply(sum, scales[unit]))
      }
    }
    return [Tensor(outputs[0], ints: result)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    outputs[0].shape.elementCount * inputs[1].type.shape[1]
  }
}

extension IntegerMatrixProduct: FilterBankOperator {
  func keeping(outputs: Int) -> IntegerMatrixProduct {
    IntegerMatrixProduct(shape: shape.dropLast() + [outputs], stage: stage)
  }

  /// A row of the input is one position after the other, each with all of its channels.
  func filters(_ layer: Layer) throws(Diagnostic) -> FilterBank? {
    let (depth, channels) = (layer.inputs[1].type.shape[1], layer.inputs[0].type.channelCount)
    guard depth % channels == 0 else { return nil }
    return try FilterBank(
      layer, taps: depth / channels, multiplier: nil, patterns: TapPatterns(taps: depth / channels), padValue: 0,
      stage: stage)
  }
}
