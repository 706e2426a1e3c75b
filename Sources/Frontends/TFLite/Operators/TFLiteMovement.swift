import IR
import Operators
import Support

/// Operators that only move elements.
extension TFLiteCall {
  static let movement: [String: Builder] = [
    "RESHAPE": { (call) throws(Diagnostic) in (Reshape(shape: try call.reshaped()), try call.data(1)) },
    "SQUEEZE": { (call) throws(Diagnostic) in (Reshape(shape: call.outputShape), try call.data(1)) },
    "EXPAND_DIMS": { (call) throws(Diagnostic) in (Reshape(shape: call.outputShape), try call.data(1)) },
    "TRANSPOSE": { (call) throws(Diagnostic) in
      (Transpose(permutation: try call.constants(1, "the permutation")), try call.data(1))
    },
    "CONCATENATION": { (call) throws(Diagnostic) in
      guard try call.activation(1) == .none else {
        throw call.failure("activation", "a fused activation is not supported, as in the reference")
      }
      let axis = try call.options?.int32(0, "axis") ?? 0
      // What loops leave of a tensor may be empty at its begin and end.
      let inputs = call.inputs.filter { call.graph[$0].type.shape.elementCount > 0 }
      guard let first = inputs.first.map({ call.graph[$0].type.shape }) else {
        throw call.failure("shape", "all inputs are empty")
      }
      guard inputs.count > 1 else { return (Reshape(shape: first.dims), inputs) }
      return (Concatenation(axis: try first.normalized(axis: axis)), inputs)
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

  /// Whether the operator cuts nothing out of a tensor.
  func isEmpty() throws(Diagnostic) -> Bool {
    guard name == "SLICE", inputs.count == 3, let sizes = try graph.operand(inputs[2]).constant else { return false }
    let shape = try shape(0)
    let begin = try graph.operand(inputs[1]).constant?.wideInts("begin") ?? []
    for (axis, size) in try sizes.wideInts("the sizes").enumerated() {
      if size == 0 { return true }
      // Up to the end is nothing when the begin is the end.
      if size == -1, axis < min(shape.rank, begin.count), begin[axis] == shape[axis] { return true }
    }
    return false
  }

  /// The shape that a RESHAPE gives.
  private func reshaped() throws(Diagnostic) -> [Int] {
    guard isDynamic, inputs.count > 1, graph[inputs[1]].constant != nil else { return outputShape }
    var dims = try constants(1, "the shape")
    let known = dims.reduce(1) { $1 > 0 ? min($0 * $1, Shape.maximumElements + 1) : $0 }
    let count = try shape(0).elementCount
    if let open = dims.firstIndex(of: -1), known > 0, count.isMultiple(of: known) { dims[open] = count / known }
    return dims
  }

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
