import Compiler
import IR
import Passes
import Support

/// Runs the operators of a model by their reference arithmetic, floats in single precision.
enum Evaluate {
  /// Reads one array for each input and writes the outputs to `prefix` with their number and `.npy`.
  ///
  /// The model is evaluated as it was read, and again after each rewrite of the layout and of float layers.
  static func run(model: String, inputs: [String], prefix: String) throws(Diagnostic) {
    var graph = try Pipeline.read(try Platform.read(model), file: model)
    for pass in [PushTransposes() as any Pass, FuseFloatLayers()] {
      try pass.run(on: &graph)
      try graph.verify()
    }
    guard inputs.count == graph.inputs.count else {
      throw Diagnostic("devtool.inputs", .usage, "the model has \(graph.inputs.count) inputs, not \(inputs.count)")
    }
    var tensors: [Tensor] = []
    for (file, id) in zip(inputs, graph.inputs) {
      tensors.append(try tensor(try NPYArray(try Platform.read(file), file: file), graph[id].type, file))
    }
    for (index, output) in try Interpreter(graph).outputs(tensors).enumerated() {
      try Platform.write(try array(output).contents, to: "\(prefix)\(index).npy")
    }
  }

  /// An array as a tensor of the given type; numbers of other widths are converted.
  private static func tensor(_ array: NPYArray, _ type: TensorType, _ file: String) throws(Diagnostic) -> Tensor {
    guard array.bytes.count / array.element.size == type.shape.elementCount else {
      throw Diagnostic("devtool.shape", .usage, "\(file) has the shape \(array.shape), but \(type.shape) is needed")
    }
    let size = array.element.size
    func word(_ index: Int) -> UInt64 {
      (0..<size).reduce(0) { $0 | UInt64(array.bytes[size * index + $1]) << UInt64(8 * $1) }
    }
    let words = (0..<type.shape.elementCount).map(word)
    switch (array.element, type.element) {
    case (.float32, .float32):
      return Tensor(type, floats: words.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) })
    case (.float64, .float32): return Tensor(type, floats: words.map { Float(Double(bitPattern: $0)) })
    case (.int64, .int32):
      return try Tensor(TensorType(.int64, type.shape), bytes: array.bytes).retyped(type)
    default: return try Tensor(type, bytes: array.bytes)
    }
  }

  private static func array(_ tensor: Tensor) throws(Diagnostic) -> NPYArray {
    let element: NPYArray.Element
    switch tensor.type.element {
    case .int8: element = .int8
    case .uint8: element = .uint8
    case .bool: element = .bool
    case .int16: element = .int16
    case .int32: element = .int32
    case .int64: element = .int64
    case .float32: element = .float32
    }
    return NPYArray(element: element, shape: tensor.type.shape.dims, bytes: tensor.bytes)
  }
}
