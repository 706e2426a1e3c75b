import IR
import Support

/// Decodes the types of `ValueInfoProto` messages.
enum ONNXTypeReader {
  /// The element type in the file, and the type of the tensor in the graph.
  ///
  /// A first dimension without a size is the batch, which is taken as 1.
  static func read(_ message: ProtobufMessage, name: String) throws(Diagnostic) -> (ONNXElement, TensorType) {
    do throws(Diagnostic) {
      guard let tensor = try message.message(2, "type")?.message(1, "tensor_type") else {
        throw Diagnostic("onnx.type", "is no tensor: sequences, maps and optional values are not supported")
      }
      let number = try tensor.integer(1, "elem_type")
      guard let element = ONNXElement(rawValue: number), let tensorElement = element.tensorElement else {
        let text = ONNXElement(rawValue: number)?.refusal ?? "\(number), which is unknown"
        throw Diagnostic("onnx.type", "has the element type \(text)")
      }
      guard let shape = try tensor.message(2, "shape") else {
        throw Diagnostic(
          "onnx.shape", "has no shape", notes: ["export the model with inputs of fixed shapes"])
      }
      var dims: [Int] = []
      for (axis, dim) in try shape.messages(1, "dim").enumerated() {
        let size = try dim.integer(1, "dim_value")
        if dim.has(1), size >= 0, let size = Int(exactly: size) {
          dims.append(size)
        } else if axis == 0 {
          dims.append(1)
        } else {
          let parameter = try dim.string(2, "dim_param")
          throw Diagnostic(
            "onnx.shape", "dimension \(axis) has no fixed size" + (parameter.isEmpty ? "" : " (`\(parameter)`)"),
            notes: [
              "export the model with fixed shapes, or fix them: python -m onnxruntime.tools.make_dynamic_shape_fixed"
            ])
        }
      }
      return (element, TensorType(tensorElement, try Shape(dims)))
    } catch {
      throw error.located(.node(file: message.reader.file, name: "input `\(name)`"))
    }
  }
}
