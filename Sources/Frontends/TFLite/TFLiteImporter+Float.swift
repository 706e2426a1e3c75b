import IR
import Operators
import Support

// Files of "dynamic range" and "float16" quantization: only their weights have fewer bits, and the network computes in
// floats. Their weights become floats.

extension TFLiteImporter {
  /// Whether the DEQUANTIZE of `inputs` only widens a float16 constant, which has been done already; its output becomes the
  /// constant then.
  mutating func foldsHalf(_ inputs: [TensorID], _ outputs: [TensorID]) throws(Diagnostic) -> Bool {
    guard inputs.count == 1, outputs.count == 1, let bytes = graph[inputs[0]].constant,
      graph[inputs[0]].type.element == .float32, graph[outputs[0]].type.element == .float32,
      graph[outputs[0]].constant == nil
    else { return false }
    guard graph[inputs[0]].type.shape == graph[outputs[0]].type.shape else {
      throw Diagnostic("tflite.dequantize", "DEQUANTIZE: input and output have different shapes")
    }
    // A state begins as what DEQUANTIZE makes of a constant; the reference runs that once.
    if variables.value(outputs[0]) == nil {
      graph[outputs[0]].constant = bytes
    } else {
      variables.initial[outputs[0]] = bytes
    }
    widenedConstants["float16", default: []].insert(inputs[0])
    return true
  }

  /// The inputs of an operator, where the constant quantized weights of a float operator are replaced by floats.
  mutating func floatOperands(_ inputs: [TensorID], _ outputs: [TensorID]) throws(Diagnostic) -> [TensorID] {
    guard inputs.count > 1, let output = outputs.first, graph[inputs[0]].type.element == .float32,
      graph[output].type.element == .float32
    else { return inputs }
    var operands = inputs
    for (position, id) in inputs.enumerated() {
      let type = graph[id].type
      guard type.element == .int8 || type.element == .uint8, type.quantization != nil,
        let weights = try graph.operand(id).constant
      else { continue }
      let floats = try Dequantize.real(weights)
      operands[position] = graph.add(constant: floats, name: graph[id].name)
      widenedConstants[type.element.rawValue, default: []].insert(id)
    }
    return operands
  }

  mutating func noteWeights() {
    for (element, tensors) in widenedConstants.sorted(by: { $0.key < $1.key }) {
      graph.notes.append("\(tensors.count) \(element) weight tensors of a float network were converted to float32")
    }
  }
}
