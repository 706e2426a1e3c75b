package import IR
package import Support

/// Every operator that front ends build, by mnemonic.
package enum OperatorRegistry {
  /// In alphabetical order.
  package static let source: [any SourceOperator.Type] = [
    Add.self, ArgMax.self, AveragePool2D.self, Concatenation.self, Conv2D.self, DepthwiseConv2D.self, Dequantize.self,
    FullyConnected.self, HardSwish.self, LeakyRelu.self, Logistic.self, MaxPool2D.self, Mean.self, Mul.self, Pad.self,
    Quantize.self, Relu.self, Relu6.self, Reshape.self, Softmax.self, Split.self, StridedSlice.self, Sub.self,
    Tanh.self, Transpose.self,
  ]

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
