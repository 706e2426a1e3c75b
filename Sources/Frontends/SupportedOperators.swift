/// What the reader of TensorFlow Lite files knows, for the documentation.
package enum TFLiteSupport {
  /// Names of the operators, sorted; those that other subgraphs and variables need are not among them.
  package static var operators: [String] { TFLiteCall.supported }
}

/// What the reader of ONNX files knows, for the documentation.
package enum ONNXSupport {
  /// Those that stand for several nodes of a file are not among them.
  package static var operators: [String] { ONNXCall.builders.keys.filter { !$0.hasPrefix("nncgen.") }.sorted() }
}
