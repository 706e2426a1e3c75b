package import IR
package import Support

/// The largest or smallest elements along an axis, in order, and where they stood; of equal ones the first comes first.
///
/// [outer…, size, inner…] → values and int32 indices [outer…, count, inner…]; scales stay. Source: `TopContainer` in
/// `tensorflow/lite/kernels/topk_v2.cc`, for the largest of the last axis; the operator TopK of ONNX.
package struct TopK: SourceOperator, EmittableOperator {
  package static let mnemonic = "top_k"
  package static let kernels: [any Kernel] = [TopKKernel()]
  /// Counted from the front.
  package let axis: Int
  package let count: Int
  package let isLargest: Bool

  package init(axis: Int, count: Int, isLargest: Bool = true) {
    self.axis = axis
    self.count = count
    self.isLargest = isLargest
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    axis = try attributes.int("axis")
    count = try attributes.int("count")
    isLargest = try attributes.bool("largest")
  }

  package var attributes: Attributes {
    Attributes([("axis", .int(axis)), ("count", .int(count)), ("largest", .bool(isLargest))])
  }
  package var quantizationRule: QuantizationRule { .shared }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 1...1)
    let shape = inputs[0].type.shape
    guard axis >= 0, axis < shape.rank else { throw failure("axis", "there is no axis \(axis) in the shape \(shape)") }
    guard (1...max(1, shape[axis])).contains(count) else {
      throw failure("count", "\(count) elements can't be taken from axis \(axis) of \(shape)")
    }
    var dims = shape.dims
    dims[axis] = count
    return [Shape](repeating: try Shape(dims), count: 2)
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .uint8, .int16, .int32, .float32])
    guard outputs.count == 2 else { throw failure("outputs", "has two outputs: values and indices") }
    try requireOneElement([inputs[0].type, outputs[0]])
    try require(outputs[1], "list of indices", is: [.int32])
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let shape = inputs[0].type.shape
    switch inputs[0].elements {
    case .ints(let all):
      let places = places(all, shape)
      return [Tensor(outputs[0], ints: places.map { all[$0.position] }), Tensor(outputs[1], ints: places.map(\.index))]
    case .wide(let all):
      let places = places(all, shape)
      return [Tensor(outputs[0], wide: places.map { all[$0.position] }), Tensor(outputs[1], ints: places.map(\.index))]
    case .floats(let all):
      let places = places(all, shape)
      return [
        Tensor(outputs[0], floats: places.map { all[$0.position] }), Tensor(outputs[1], ints: places.map(\.index)),
      ]
    }
  }

  /// For each element of an output the element that it is: its position in the input, and its index along the axis.
  private func places<Value: Comparable>(_ x: [Value], _ shape: Shape) -> [(position: Int, index: Int32)] {
    let (size, inner) = (shape[axis], shape.strides[axis])
    var result = [(position: Int, index: Int32)](repeating: (0, 0), count: x.count / max(1, size) * count)
    for row in 0..<x.count / max(1, size) {
      let start = row / inner * size * inner + row % inner
      let order = (0..<size).sorted { a, b in
        let (first, second) = (x[start + a * inner], x[start + b * inner])
        if first == second { return a < b }
        return isLargest ? first > second : first < second
      }
      for (rank, index) in order.prefix(count).enumerated() {
        let target = row / inner * count * inner + rank * inner + row % inner
        result[target] = (start + index * inner, Int32(truncatingIfNeeded: index))
      }
    }
    return result
  }
}

extension TopK: AxisOperator {
  package func reordered(_ order: [Int]) -> (op: any SourceOperator, output: [Int])? {
    order.indices.contains(axis) ? (TopK(axis: order[axis], count: count, isLargest: isLargest), order) : nil
  }
}
