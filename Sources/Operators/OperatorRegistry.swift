package import IR
package import Support

/// Every operator that front ends build, by mnemonic.
package enum OperatorRegistry {
  /// Sorted by mnemonic.
  package static let source: [any SourceOperator.Type] =
    (weighted + elementwise + unary + functions + movement + rearrangement + reductions + recurrent + matrices
    + arithmetic + axes).sorted { $0.mnemonic < $1.mnemonic }

  private static let weighted: [any SourceOperator.Type] = [
    AveragePool2D.self, Conv2D.self, DepthwiseConv2D.self, FullyConnected.self, MaxPool2D.self,
  ]
  private static let matrices: [any SourceOperator.Type] = [BatchMatMul.self, TransposeConv.self]
  private static let elementwise: [any SourceOperator.Type] = [Add.self, Mul.self, Sub.self]
  private static let unary: [any SourceOperator.Type] = [
    Dequantize.self, Exponential.self, HardSwish.self, LeakyRelu.self, Logarithm.self, Logistic.self, Quantize.self,
    Relu.self, Relu6.self, Tanh.self,
  ]
  private static let functions: [any SourceOperator.Type] = [PointwiseFunction.self, Take.self]
  private static let movement: [any SourceOperator.Type] = [
    Concatenation.self, Pad.self, Reshape.self, Split.self, StridedSlice.self, Transpose.self,
  ]
  private static let rearrangement: [any SourceOperator.Type] = [
    BatchToSpace.self, BroadcastArgs.self, Cast.self, DepthToSpace.self, DynamicUpdateSlice.self, Gather.self,
    GatherElements.self, GatherND.self, MirrorPad.self, Pack.self, RankOf.self, ResizeNearest.self, ShapeOf.self,
    SpaceToBatch.self,
    SpaceToDepth.self, SplitSizes.self, Tile.self, Unpack.self, ZerosLike.self,
  ]
  private static let arithmetic: [any SourceOperator.Type] = [
    Abs.self, AddN.self, Comparison.self, Division.self, Elu.self, Extremum.self, FloorDivision.self,
    IntegerArithmetic.self, Logical.self, Prelu.self, Rsqrt.self, Select.self, SquaredDifference.self,
  ]
  private static let axes: [any SourceOperator.Type] = [
    ArgMin.self, CumulativeSum.self, L2Normalization.self, L2Pool2D.self, LogSoftmax.self, Reduce.self,
    ResizeBilinear.self, Sum.self,
  ]
  private static let reductions: [any SourceOperator.Type] = [ArgMax.self, Mean.self, Softmax.self, TopK.self]
  private static let recurrent: [any SourceOperator.Type] = [Gru.self, Lstm.self, Rnn.self, Svdf.self]

  /// The operator with the given mnemonic and attributes.
  package static func make(_ mnemonic: String, _ attributes: Attributes) throws(Diagnostic) -> any SourceOperator {
    guard let type = source.first(where: { $0.mnemonic == mnemonic }) else {
      throw Diagnostic(
        "operator.unknown", "unknown operator `\(mnemonic)`",
        notes: ["supported are \(source.map { $0.mnemonic }.joined(separator: ", "))"])
    }
    return try type.init(attributes)
  }
}
