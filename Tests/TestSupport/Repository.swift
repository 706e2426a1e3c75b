package import Support

/// Paths of the repository and of what was built.
package enum Repository {
  /// The folder of `Package.swift`.
  package static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// A recorded folder with a model and its vectors.
  package struct ModelFolder: Sendable, CustomStringConvertible {
    package let path: String
    package var description: String { path.split(separator: "/").last.map(String.init) ?? path }

    package func bytes(_ name: String) throws(Diagnostic) -> [UInt8] { try Platform.read("\(path)/\(name)") }

    /// The `.npy` files of the inputs or outputs, in the order of the model.
    package func vectorPaths(_ role: String) throws(Diagnostic) -> [String] {
      try Platform.list(path).filter { $0.hasPrefix(role) && $0.hasSuffix(".npy") }.map { "\(path)/\($0)" }
    }
  }

  /// The single-operator models that were recorded with TensorFlow Lite Micro.
  package static let operatorFixtures: [ModelFolder] = folders("Tests/Fixtures/operators")

  /// Float models of one operator that were recorded with TensorFlow Lite Micro.
  package static let floatFixtures: [ModelFolder] = folders("Tests/Fixtures/floats")

  /// Networks that Keras made, in int8 with vectors of TensorFlow Lite Micro, in floats with some of TensorFlow Lite.
  package static let kerasFixtures: [ModelFolder] = folders("Tests/Fixtures/keras")

  /// Small ONNX models with vectors of ONNX Runtime.
  package static let onnxFixtures: [ModelFolder] = folders("Tests/Fixtures/onnx")

  /// Models of PyTorch, ONNX Runtime's quantizer and scikit-learn with vectors of ONNX Runtime.
  package static let exportedFixtures: [ModelFolder] = folders("Tests/Fixtures/exported")

  package static let samples: [ModelFolder] = ["digits", "gesture", "vibration"].map {
    ModelFolder(path: "\(root)/Samples/\($0)")
  }

  private static func folders(_ path: String) -> [ModelFolder] {
    ((try? Platform.list("\(root)/\(path)")) ?? []).map { ModelFolder(path: "\(root)/\(path)/\($0)") }
  }
}
