import Support

/// Why operators that the standard has are not supported.
enum ONNXRefusals {
  static func failure(_ node: ONNXNode) -> Diagnostic {
    let message = "the operator \(node.fullName) is not supported"
    let reason =
      node.domain.hasPrefix("ai.onnx.preview.training")
      ? training : reasons.first { $0.operators.contains(Substring(node.operation)) }?.reason
    return Diagnostic("onnx.operator", reason.map { "\(message): \($0)" } ?? message)
  }

  private static let training = "it belongs to the training of a network"

  private static let reasons: [(reason: String, operators: [Substring])] = [
    (training, words("NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss Gradient GraphCall Adagrad Adam Momentum")),
    (
      "what it gives is random",
      words("Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike")
    ),
    (
      "strings have no form on a microcontroller",
      words("RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer LabelEncoder CategoryMapper")
    ),
    (
      "sequences, maps and optional values have no fixed size",
      words(
        """
        SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap SplitToSequence
        ConcatFromSequence Optional OptionalGetElement OptionalHasElement ZipMap
        """)
    ),
    ("the size of its result depends on the data", words("NonMaxSuppression Unique")),
    ("it decodes image files", words("ImageDecoder")),
    (
      "it reads elements at places that are computed as fractions, pixel by pixel",
      words("RoiAlign MaxRoiPool DeformConv")
    ),
    ("trees are no networks", words("TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor")),
  ]

  private static func words(_ text: String) -> [Substring] { text.split { $0 == " " || $0 == "\n" } }
}
