import Support

/// What users can change about operators of ONNX files that are not supported.
enum ONNXRemedies {
  /// The obstacle that a node without an importer is.
  static func unsupported(_ node: ONNXNode) -> Diagnostic {
    Diagnostic("onnx.operator", "the operator \(node.fullName) is not supported", notes: notes(node))
  }

  private static func notes(_ node: ONNXNode) -> [String] {
    switch node.domain {
    case "": break
    case "ai.onnx.ml":
      return ["only neural networks are supported: end the model before this node, and do the rest in the firmware"]
    case "com.microsoft":
      return ["quantize with `QuantFormat.QDQ`, which needs no operators of ONNX Runtime alone"]
    default:
      return ["the file does not say what they compute: export them as functions, or end the model before this node"]
    }
    return table.first { $0.operators.contains(Substring(node.operation)) }?.notes ?? [
      "replace the layer by one of supported operators, or end the model before it and do the rest in the firmware"
    ]
  }

  /// What helps with operators that models do have.
  private static let table: [(operators: [Substring], notes: [String])] = [
    (
      "If Loop Scan".split(separator: " "),
      ["export with fixed shapes, then run `python -m onnxsim IN.onnx OUT.onnx`, which resolves what is known"]
    ),
    (
      "NonZero TopK Unique NonMaxSuppression Compress Where".split(separator: " "),
      ["sorting and selecting belongs behind the network: end the model before it, and do it in the firmware"]
    ),
    (
      "DFT STFT MelWeightMatrix HannWindow HammingWindow BlackmanWindow".split(separator: " "),
      ["compute the spectrum in the firmware and give the network its magnitudes"]
    ),
    (
      "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Multinomial Bernoulli".split(separator: " "),
      ["random numbers belong to training: export the model for inference, after `model.eval()`"]
    ),
    (
      "StringNormalizer TfIdfVectorizer StringConcat StringSplit RegexFullMatch".split(separator: " "),
      ["look words up in the firmware and give the network their numbers as int32"]
    ),
  ]
}
