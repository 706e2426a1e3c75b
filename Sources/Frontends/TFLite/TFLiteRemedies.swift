import Support

/// What users can change about operators and types of TensorFlow Lite files that are not supported.
enum TFLiteRemedies {
  /// For loops over data that is not known when the file is read.
  static let recurrent = [
    "convert recurrent layers with `unroll=True`, or LSTM layers with a fixed batch so that they become fused operators"
  ]

  /// The obstacle that an operator without an importer is.
  static func unsupported(_ name: String) -> Diagnostic {
    Diagnostic(
      "tflite.operator", "\(name) is not supported",
      notes: special(name) ?? [
        "replace the layer by one of supported operators, or end the model before it and do the rest in the firmware",
        "supported are \(TFLiteCall.supported.joined(separator: ", "))",
      ])
  }

  /// For a tensor of an element type that is not supported.
  static func type(_ name: String) -> [String] {
    switch name {
    case "float16": ["convert to int8, or to float32 and quantize here with `--calibrate`; weights may have 16 bits"]
    case "bfloat16": ["convert to int8, or to float32 and quantize here with `--calibrate`"]
    case "float64": ["let the model compute in float32: `tf.keras.backend.set_floatx(\"float32\")`"]
    case "complex64", "complex128": ["compute the spectrum in the firmware and give the network its magnitudes"]
    case "string": ["look words up in the firmware and give the network their numbers as int32"]
    case "variant", "resource": recurrent
    case "int4": ["only constant weights may have 4 bits: convert with int8 activations"]
    default: ["cast the tensor to int32 in the model"]
    }
  }

  private static func special(_ name: String) -> [String]? {
    if name.hasPrefix("CUSTOM `Flex") {
      return [
        "this is a kernel of TensorFlow itself: convert without `tf.lite.OpsSet.SELECT_TF_OPS`; "
          + "the converter then names the layers to replace"
      ]
    }
    if name.hasPrefix("CUSTOM") {
      return ["the file does not say what it computes: end the model before it, or express it by built-in operators"]
    }
    if name.hasPrefix("STABLEHLO") {
      return ["convert with `supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]`, which writes no StableHLO operators"]
    }
    return table.first { $0.names.contains(Substring(name)) }?.notes
  }

  /// What helps with operators that models do have.
  private static let table: [(names: [Substring], notes: [String])] = [
    (
      "LSTM RNN BIDIRECTIONAL_SEQUENCE_LSTM BIDIRECTIONAL_SEQUENCE_RNN UNIDIRECTIONAL_SEQUENCE_RNN".split(
        separator: " "),
      [
        "convert with a current TensorFlow: LSTM layers become UNIDIRECTIONAL_SEQUENCE_LSTM, and other recurrent layers elementary operators"
      ]
    ),
    (
      ["GELU"],
      ["use `relu`, `relu6`, `hard_swish` or `swish` instead; or write x · sigmoid(1.702 · x), which is close to it"]
    ),
    (
      """
      WHERE UNIQUE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SPARSE_TO_DENSE REVERSE_SEQUENCE BUCKETIZE
      """.split { $0 == " " || $0 == "\n" },
      ["sorting and selecting belongs behind the network: end the model before it, and do it in the firmware"]
    ),
    (
      "RFFT2D REAL IMAG COMPLEX_ABS".split(separator: " "),
      ["compute the spectrum in the firmware and give the network its magnitudes"]
    ),
    (
      "RANDOM_STANDARD_NORMAL RANDOM_UNIFORM MULTINOMIAL".split(separator: " "),
      ["random numbers belong to training: convert the model for inference, with `training=False`"]
    ),
    (
      "HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_LOOKUP HASHTABLE_SIZE".split(separator: " "),
      ["look words up in the firmware and give the network their numbers as int32"]
    ),
    (
      "CONV_3D CONV_3D_TRANSPOSE".split(separator: " "),
      ["use 2-D convolutions: over single frames, or with the frames as channels"]
    ),
    (
      ["FAKE_QUANT"],
      ["convert the trained model to int8: with `Optimize.DEFAULT` FAKE_QUANT becomes the scales of tensors"]
    ),
  ]
}
