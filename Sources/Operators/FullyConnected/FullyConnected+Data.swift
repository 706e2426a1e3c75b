import IR
import Support

/// Weights that are data, or that have a zero point.
extension FullyConnected {
  /// The zero point of the weights; weights with a scale for each unit have none.
  func weightOffset(_ weights: TensorType) -> Int32 {
    guard let points = weights.quantization?.zeroPoints, points.count == 1 else { return 0 }
    return points[0]
  }

  /// The type of weights from which a single zero point is subtracted.
  func symmetric(_ weights: TensorType) throws(Diagnostic) -> TensorType {
    guard weights.quantization?.scales.count == 1 else { return weights }
    let (scale, _) = try weights.affine("the weights")
    return TensorType(weights.element, weights.shape, try .perTensor(scale: scale, zeroPoint: 0))
  }

  /// Constant weights minus their zero points; nil when they are data, or too wide for what computes them in fixed point.
  func symmetricWeights(_ weights: Operand) throws(Diagnostic) -> SymmetricWeights? {
    guard weights.constant != nil else { return nil }
    let depth = weights.type.shape[1]
    let symmetric = try SymmetricWeights(weights, axis: 0) { $0 / depth }
    return symmetric.isNarrow || arithmetic == .singlePrecision ? symmetric : nil
  }

  /// The product of two tensors that are both data: input and weights.
  func foldedData(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let scales = try scales(inputs, outputs)
    guard scales.perChannel.allSatisfy({ $0 == scales.perChannel.first }) else {
      throw failure("scale", "weights that are not constant must have one scale")
    }
    let op = IntegerBatchMatMul(
      adjointX: false, adjointY: true,
      zeroPoints: [try inputs[0].type.affine("the input").zeroPoint, weightOffset(inputs[1].type)], shape: shape,
      stage: OutputStage(
        zeroPoint: try outputs[0].affine("the output").zeroPoint, clamp: try activation.clamp(outputs[0])))
    let bias: FoldedOperator.Input =
      inputs.count > 2 ? .input(2) : .constant(Tensor(try plainType(.int32, [1]), ints: [0]), "bias")
    return FoldedOperator(op, [.input(0), .input(1), bias] + (try scales.constants()))
  }
}
