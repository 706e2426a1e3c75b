import Support

/// Why operators of ONNX files are not supported, and what users can change about them.
enum ONNXRefusals {
  /// The obstacle that a node without an importer is.
  static func failure(_ node: ONNXNode) -> Diagnostic {
    let message = "the operator \(node.fullName) is not supported"
    let entry = node.domain.hasPrefix("ai.onnx.preview.training") ? training : entry(of: node)
    return Diagnostic(
      "onnx.operator", entry.reason.map { "\(message): \($0)" } ?? message, notes: [entry.remedy])
  }

  private struct Entry: Sendable {
    let reason: String?
    let remedy: String
    let operators: [Substring]

    init(_ reason: String?, remedy: String, _ operators: String) {
      self.reason = reason
      self.remedy = remedy
      self.operators = operators.split { $0 == " " || $0 == "\n" }
    }
  }

  private static func entry(of node: ONNXNode) -> Entry {
    if let known = table.first(where: { $0.operators.contains(Substring(node.operation)) }) { return known }
    switch node.domain {
    case "": return other
    case "ai.onnx.ml": return behind
    case "com.microsoft": return runtime
    default:
      return Entry(
        "the file does not say what operators of `\(node.domain)` compute",
        remedy: "export them as functions, or end the model before this node", "")
    }
  }

  private static let training = Entry(
    "it belongs to the training of a network", remedy: "export the model for inference, after `model.eval()`",
    "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss Gradient GraphCall Adagrad Adam Momentum")

  private static let other = Entry(
    nil,
    remedy:
      "replace the layer by one of supported operators, or end the model before it and do the rest in the firmware",
    "")
  private static let behind = Entry(
    nil, remedy: "only neural networks are supported: end the model before this node, and do the rest in the firmware",
    "")
  private static let runtime = Entry(
    nil, remedy: "quantize with `QuantFormat.QDQ`, which needs no operators of ONNX Runtime alone", "")

  private static let table: [Entry] = [
    training,
    Entry(
      "what it gives is random", remedy: "random numbers belong to training: export the model after `model.eval()`",
      "Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike"),
    Entry(
      "strings have no form on a microcontroller",
      remedy: "look words up in the firmware and give the network their numbers as int32",
      "RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer LabelEncoder CategoryMapper"),
    Entry(
      "sequences, maps and optional values have no fixed size",
      remedy: "export with tensors as outputs, such as `zipmap=False` of skl2onnx, or end the model before this node",
      """
      SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap SplitToSequence
      ConcatFromSequence Optional OptionalGetElement OptionalHasElement ZipMap
      """),
    Entry(
      "the size of its result depends on the data",
      remedy: "sorting and selecting belongs behind the network: end the model before it, and do it in the firmware",
      "NonMaxSuppression Unique NonZero Compress"),
    Entry(
      "it decodes image files", remedy: "decode in the firmware and give the network pixels", "ImageDecoder"),
    Entry(
      "it reads elements at places that are computed as fractions, pixel by pixel",
      remedy: "end the model before it, or use Resize", "RoiAlign MaxRoiPool DeformConv"),
    Entry(
      "trees are no networks", remedy: "emit them with another tool",
      "TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor"),
    Entry(
      "only what is known when the file is read can be decided or repeated",
      remedy: "export with fixed shapes, then run `python -m onnxsim IN.onnx OUT.onnx`, which resolves what is known",
      "If Loop Scan"),
    Entry(
      nil, remedy: "compute the spectrum in the firmware and give the network its magnitudes",
      "DFT STFT MelWeightMatrix HannWindow HammingWindow BlackmanWindow"),
  ]
}
