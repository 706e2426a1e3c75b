import IR
import Operators
import Support

// What operators that are built from others have in common: arithmetic on tensors of the graph.

extension ONNXCall {
  mutating func sum(_ a: TensorID, _ b: TensorID) throws(Diagnostic) -> TensorID {
    try emit(Add(activation: .none), [a, b], .float32)
  }

  /// x plus an addend; where a known one is infinite or so large that nothing is left of x, as in masks, it is the result.
  mutating func biased(_ x: TensorID, _ addend: TensorID) throws(Diagnostic) -> TensorID {
    guard let constant = try graph.operand(addend).constant, case .floats(let values) = constant.elements,
      values.contains(where: { $0.magnitude >= 1e30 })
    else { return try sum(x, addend) }
    let type = constant.type
    let flags = values.map { Int32($0.magnitude >= 1e30 ? 1 : 0) }
    let mask = add(Tensor(TensorType(.bool, type.shape), ints: flags), "infinite")
    let finite = add(Tensor(type, floats: values.map { $0.magnitude >= 1e30 ? 0 : $0 }), "addend")
    return try emit(Select(), [mask, addend, try sum(x, finite)], .float32)
  }

  mutating func difference(_ a: TensorID, _ b: TensorID) throws(Diagnostic) -> TensorID {
    try emit(Sub(activation: .none), [a, b], .float32)
  }

  mutating func product(_ a: TensorID, _ b: TensorID) throws(Diagnostic) -> TensorID {
    try emit(Mul(activation: .none), [a, b], .float32)
  }

  mutating func scaled(_ x: TensorID, by factor: Float) throws(Diagnostic) -> TensorID {
    factor == 1 ? x : try product(x, try add(scalar: factor, "factor"))
  }

  mutating func shifted(_ x: TensorID, by addend: Float) throws(Diagnostic) -> TensorID {
    addend == 0 ? x : try sum(x, try add(scalar: addend, "addend"))
  }

  mutating func function(
    _ kind: PointwiseFunction.Kind, _ x: TensorID, _ a: Float = 0, _ b: Float = 0
  ) throws(Diagnostic) -> TensorID {
    try emit(PointwiseFunction(kind, a, b), [x], .float32)
  }

  /// `x` under another shape with as many elements.
  mutating func reshaped(_ x: TensorID, _ dims: [Int]) throws(Diagnostic) -> TensorID {
    graph[x].type.shape.dims == dims ? x : try move(Reshape(shape: dims), x)
  }

  /// Axis i of the result is axis `order[i]` of `x`.
  mutating func transposed(_ x: TensorID, _ order: [Int]) throws(Diagnostic) -> TensorID {
    order == Array(order.indices) ? x : try move(Transpose(permutation: order), x)
  }

  /// Elements of `x`, counted in row-major order, under the shape `dims`.
  mutating func picked(_ x: TensorID, _ places: [Int], _ dims: [Int]) throws(Diagnostic) -> TensorID {
    let flat = try reshaped(x, [graph[x].type.shape.elementCount])
    return try reshaped(try move(Take(places: [places]), flat), dims)
  }

  /// A matrix times `x` along an axis: [rows, size of the axis] with weights in row-major order, and an addend for each row.
  mutating func mapped(
    _ x: TensorID, axis: Int, rows: Int, _ weights: [Float], addends: [Float]? = nil
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[x].type.shape
    var order = Array(0..<shape.rank)
    order.append(order.remove(at: axis))
    let matrix = ONNXConstant(.float32, try Shape([rows, shape[axis]]), .floats(weights))
    var bias: TensorID?
    if let addends, addends.contains(where: { $0 != 0 }) {
      bias = add(Tensor(TensorType(.float32, try Shape([rows])), floats: addends), "addends")
    }
    let result = try dense(try transposed(x, order), matrix, bias)
    var back = Array(0..<shape.rank - 1)
    back.insert(shape.rank - 1, at: axis)
    return try transposed(result, back)
  }

  /// The numbers 0 to `count` − 1 along `axis` of a tensor of `rank` dimensions, as int32.
  mutating func counting(
    _ count: Int, axis: Int, rank: Int, from first: Int = 0
  ) throws(Diagnostic) -> TensorID {
    var dims = [Int](repeating: 1, count: rank)
    dims[axis] = count
    let values = (0..<count).map { Int32(truncatingIfNeeded: first + $0) }
    return add(Tensor(TensorType(.int32, try Shape(dims)), ints: values), "numbers")
  }

  /// 1 where a condition holds, else 0.
  mutating func real(ofTruth condition: TensorID) throws(Diagnostic) -> TensorID {
    try emit(Select(), [condition, try add(scalar: 1, "one"), try add(scalar: 0, "zero")], .float32)
  }

  // MARK: Integers

  /// An input of plain integers in the type of the file, without a scale.
  mutating func bare(_ input: Int) throws(Diagnostic) -> TensorID {
    let id = try plain(input)
    let type = graph[id].type
    guard type.quantization != nil else { return id }
    return try emit(Reshape(shape: type.shape.dims), [id], type.element)
  }

  /// Inputs of plain integers or truth values.
  mutating func bare(_ positions: [Int]) throws(Diagnostic) -> [TensorID] {
    var ids: [TensorID] = []
    for position in positions { ids.append(try bare(position)) }
    return ids
  }

  /// An operator on plain integers whose output is of the type of the last input.
  mutating func integers(_ op: any SourceOperator, _ positions: [Int]) throws(Diagnostic) -> ONNXValue {
    let ids = try bare(positions)
    guard let last = ids.last, let position = positions.last else { throw failure("inputs", "there are no inputs") }
    return .tensor(try emit(op, ids, graph[last].type.element), try element(position))
  }

  /// A single integer of the type of the tensor `x`.
  mutating func add(integer: Int, like x: TensorID) throws(Diagnostic) -> TensorID {
    let element = graph[x].type.element
    guard let value = Int32(exactly: integer), element.range?.contains(value) == true else {
      throw failure("type", "\(integer) is no \(element.rawValue)")
    }
    return add(Tensor(TensorType(element, try Shape([])), ints: [value]), "integer")
  }
}
