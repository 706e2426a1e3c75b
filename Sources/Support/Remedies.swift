/// What users can change about operators that are supported, but not as a file has them.
enum Remedies {
  /// By the last part of an error's identifier.
  private static let notes: [String: String] = [
    "activation": options, "attribute": options, "axis": options, "clip": options, "options": options, "pad": options,
    "padding": options, "paddings": options, "resize": options, "training": "export the model for inference",
    "constant": constant, "condition": constant, "slice": constant,
    "type": types, "scale": types, "zero-point": types, "missing": types,
    "shape": shapes, "rank": shapes, "inputs": shapes, "outputs": shapes,
    "operator": "replace the layer, or give it other types or shapes; end the model before it if that can't be",
    "variable": "give the layer a state that starts as a constant of the file",
    "weights": "weights must be constants of the file: convert the trained model for inference",
    "bias": "biases must be constants of the file: convert the trained model for inference",
  ]

  private static let options = "leave out this option of the layer, or write it with other layers"
  private static let constant =
    "it must be known when the file is read: convert with fixed shapes, so that the converter can compute it"
  private static let types =
    "convert with full integer quantization (int8 inputs and outputs), the types that most operators take"
  private static let shapes = "convert with fixed shapes and a batch of 1; end the model before it if that can't be"

  private static let elsewhere =
    "replace the layer by one of supported operators, or end the model before it and do the rest in the firmware"

  /// The error with something to do about it, unless it says that itself.
  static func completed(_ error: Diagnostic) -> Diagnostic {
    guard error.notes.isEmpty, error.obstacles.isEmpty else { return error }
    let kind = error.id.split(separator: ".").last.map(String.init) ?? ""
    return error.noting(notes[kind] ?? elsewhere)
  }
}
