import IR
import Operators
import Support

/// Operators that only move elements.
extension TFLiteCall {
  static let movement: [String: Builder] = [
    "RESHAPE": { (call) throws(Diagnostic) in (Reshape(shape: call.outputShape), try call.data(1)) },
    "SQUEEZE": { (call) throws(Diagnostic) in (Reshape(shape: call.outputShape), try call.data(1)) },
    "EXPAND_DIMS": { (call) throws(Diagnostic) in (Reshape(shape: call.outputShape), try call.data(1)) },
    "TRANSPOSE": { (call) throws(Diagnostic) in
      (Transpose(permutation: try call.constants(1, "the permutation")), try call.data(1))
    },
    "CONCATENATION": { (call) throws(Diagnostic) in
      guard try call.activation(1) == .none else {
        throw call.failure("activation", "a fused activation is not supported, as in the reference")
      }
      return (
        Concatenation(axis: try call.shape(0).normalized(axis: try call.options?.int32(0, "axis") ?? 0)), call.inputs
      )
    },
    "PAD": { (call) throws(Diagnostic) in (try call.pad(), try call.data(1)) },
    "PADV2": { (call) throws(Diagnostic) in (try call.pad(), try call.data(1)) },
    "STRIDED_SLICE": { (call) throws(Diagnostic) in (try call.stridedSlice(), try call.data(1)) },
    "SPLIT": { (call) throws(Diagnostic) in
      guard call.inputs.count == 2 else { throw call.failure("inputs", "needs an axis and a tensor") }
      let axis = try call.constants(0, "the axis").first ?? 0
      return (Split(axis: try call.shape(1).normalized(axis: axis), count: call.outputs.count), [call.inputs[1]])
    },
  ]

  private func pad() throws(Diagnostic) -> Pad {
    let amounts = try constants(1, "the paddings")
    guard amounts.count == 2 * (try shape(0).rank) else {
      throw failure("paddings", "\(amounts.count) paddings do not suit the shape \(try shape(0))")
    }
    var value = 0
    var real: Float?
    if inputs.count > 2 {
      let border = try graph.operand(inputs[2])
      guard let constant = border.constant, constant.type.shape.elementCount == 1 else {
        throw failure("value", "the padding value is no constant number")
      }
      switch constant.elements {
      case .ints(let values): value = Int(values[0])
      case .wide(let values): value = Int(clamping: values[0])
      case .floats(let values): real = values[0]
      }
    } else if let output = outputs.first, graph[output].type.element.isByte {
      // The border is a real 0; the reference takes an integer 0 for wider types.
      value = Int(graph[output].type.quantization?.zeroPoints.first ?? 0)
    }
    return Pad(
      before: stride(from: 0, to: amounts.count, by: 2).map { amounts[$0] },
      after: stride(from: 1, to: amounts.count, by: 2).map { amounts[$0] }, value: value, real: real)
  }

  private func stridedSlice() throws(Diagnostic) -> StridedSlice {
    let masks = try ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"].enumerated()
      .map { (index, label) throws(Diagnostic) in try options?.int32(index, label) ?? 0 }
    guard masks[2] == 0, masks[3] == 0, try !(options?.bool(5, "offset") ?? false) else {
      throw failure("options", "an ellipsis mask, a new axis mask and `offset` are not supported")
    }
    return try StridedSlice(
      of: try shape(0), begin: try constants(1, "begin"), end: try constants(2, "end"),
      strides: try constants(3, "the strides"), beginMask: masks[0], endMask: masks[1], shrinkMask: masks[4])
  }
}
