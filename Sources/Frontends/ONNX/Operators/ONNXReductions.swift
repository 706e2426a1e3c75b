import IR
import Operators
import Support

/// Operators that make one value of many.
extension ONNXCall {
  static let reductions: [String: Builder] = [
    "ReduceMean": { (call) throws(Diagnostic) in try call.reduction(.mean) },
    "ReduceSum": { (call) throws(Diagnostic) in try call.reduction(.sum) },
    "ReduceSumSquare": { (call) throws(Diagnostic) in try call.reduction(.sumOfSquares) },
    "ReduceL2": { (call) throws(Diagnostic) in try call.reduction(.length) },
    "ReduceL1": { (call) throws(Diagnostic) in try call.reduction(.sumOfMagnitudes) },
    "ReduceLogSum": { (call) throws(Diagnostic) in try call.reduction(.logarithmOfSum) },
    "ReduceLogSumExp": { (call) throws(Diagnostic) in try call.reduction(.logarithmOfExponentials) },
    "ReduceMax": { (call) throws(Diagnostic) in try call.reduction(.maximum) },
    "ReduceMin": { (call) throws(Diagnostic) in try call.reduction(.minimum) },
    "ReduceProd": { (call) throws(Diagnostic) in try call.reduction(.product) },
    "TopK": { (call) throws(Diagnostic) in try call.extremeElements() },
    "ArgMax": { (call) throws(Diagnostic) in [try call.extremePlace { ArgMax(axis: $0) }] },
    "ArgMin": { (call) throws(Diagnostic) in [try call.extremePlace { ArgMin(axis: $0) }] },
  ]

  private enum Reduction {
    case mean, sum, sumOfMagnitudes, sumOfSquares, length, logarithmOfSum, logarithmOfExponentials, maximum, minimum
    case product
  }

  /// The axes that are reduced; nil when nothing is.
  private func reducedAxes(_ shape: Shape) throws(Diagnostic) -> [Int]? {
    let list = try list("axes", orInput: 1) ?? []
    if list.isEmpty {
      return try int("noop_with_empty_axes", default: 0) != 0 ? nil : Array(0..<shape.rank)
    }
    var axes: Set<Int> = []
    for axis in list { axes.insert(try shape.normalized(axis: axis)) }
    return axes.sorted()
  }

  private mutating func reduction(_ kind: Reduction) throws(Diagnostic) -> [ONNXValue] {
    let shape = try shape(0)
    let keeps = try int("keepdims", default: 1) != 0
    guard let axes = try reducedAxes(shape) else { return [try value(0)] }
    if let constant = try known(0), case .ints(let values) = constant.values {
      return [.constant(try folded(kind, constant, values, axes, keeps))]
    }
    guard try element(0).isFloat else { return [try integerReduction(kind, axes, keeps)] }
    let x = try float(0)
    let count = axes.reduce(1) { $0 * shape[$1] }
    switch kind {
    case .mean:
      return [.tensor(try emit(Mean(axes: axes, keepDimensions: keeps), [x], .float32), .float32)]
    case .sum: return [.tensor(try sum(of: x, axes, count, keeps), .float32)]
    case .sumOfSquares, .length:
      let sum = try sum(of: try product(x, x), axes, count, keeps)
      return [.tensor(kind == .length ? try function(.squareRoot, sum) : sum, .float32)]
    case .sumOfMagnitudes:
      return [.tensor(try sum(of: try function(.absolute, x), axes, count, keeps), .float32)]
    case .logarithmOfSum, .logarithmOfExponentials:
      let terms = kind == .logarithmOfSum ? x : try function(.exponential, x)
      return [.tensor(try function(.logarithm, try sum(of: terms, axes, count, keeps)), .float32)]
    case .maximum: return [.tensor(try move(Reduce(.maximum, axes: axes, keepDimensions: keeps), x), .float32)]
    case .minimum: return [.tensor(try move(Reduce(.minimum, axes: axes, keepDimensions: keeps), x), .float32)]
    case .product: return [.tensor(try product(of: x, axes, keeps, Mul(activation: .none)), .float32)]
    }
  }

  private mutating func sum(
    of x: TensorID, _ axes: [Int], _ count: Int, _ keeps: Bool
  ) throws(Diagnostic) -> TensorID {
    try scaled(try emit(Mean(axes: axes, keepDimensions: keeps), [x], .float32), by: Float(count))
  }

  /// The product of all elements over some axes, halves by halves.
  private mutating func product(
    of x: TensorID, _ axes: [Int], _ keeps: Bool, _ op: any SourceOperator
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[x].type.shape
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    var count = axes.reduce(1) { $0 * shape[$1] }
    let rest = shape.elementCount / max(1, count)
    var factors = try reshaped(try transposed(x, axes + kept), [count, rest])
    while count > 1 {
      let half = count / 2
      func rows(_ begin: Int, _ count: Int) -> [[Int]] { [Array(begin..<begin + count), []] }
      var halves = [try take(rows(0, half), factors), try take(rows(half, half), factors)]
      let odd = count % 2 == 1 ? try take(rows(count - 1, 1), factors) : nil
      halves = [try emit(op, halves, graph[x].type.element)]
      if let odd { halves.append(odd) }
      factors =
        halves.count == 1
        ? halves[0] : try emit(Concatenation(axis: 0), halves, graph[x].type.element)
      count = half + (odd == nil ? 0 : 1)
    }
    return try reshaped(
      factors, keeps ? (0..<shape.rank).map { axes.contains($0) ? 1 : shape[$0] } : kept.map { shape[$0] })
  }

  private mutating func integerReduction(
    _ kind: Reduction, _ axes: [Int], _ keeps: Bool
  ) throws(Diagnostic) -> ONNXValue {
    let element = try element(0)
    let x = try bare(0)
    let type = graph[x].type.element
    if element == .bool, kind == .maximum || kind == .minimum {
      // One is true unless all are false.
      let all = Reduce(.all, axes: axes, keepDimensions: keeps)
      if kind == .minimum { return .tensor(try emit(all, [x], .bool), .bool) }
      let none = try emit(all, [try emit(Logical(.not), [x], .bool)], .bool)
      return .tensor(try emit(Logical(.not), [none], .bool), .bool)
    }
    let op: any SourceOperator
    var terms = x
    switch kind {
    case .maximum: op = Reduce(.maximum, axes: axes, keepDimensions: keeps)
    case .minimum: op = Reduce(.minimum, axes: axes, keepDimensions: keeps)
    case .product: return .tensor(try product(of: x, axes, keeps, IntegerArithmetic(.multiply)), element)
    case .sum, .sumOfSquares, .sumOfMagnitudes:
      op = Reduce(.sum, axes: axes, keepDimensions: keeps)
      if kind == .sumOfSquares { terms = try emit(IntegerArithmetic(.multiply), [x, x], type) }
      if kind == .sumOfMagnitudes { terms = try emit(Extremum(.maximum), [x, try negated(x)], type) }
    default: throw failure("type", "of \(element) this is not supported, only of floats")
    }
    return .tensor(try emit(op, [terms], type), element)
  }

  /// Reductions of known integers.
  private mutating func folded(
    _ kind: Reduction, _ constant: ONNXConstant, _ values: [Int64], _ axes: [Int], _ keeps: Bool
  ) throws(Diagnostic) -> ONNXConstant {
    let shape = constant.shape
    let order = (0..<shape.rank).filter { !axes.contains($0) } + axes
    try spend(values.count)
    let rows = try constant.transposed(order).ints("the input")
    let count = axes.reduce(1) { $0 * shape[$1] }
    guard count > 0 else { throw failure("empty", "the input is empty") }
    let results = try stride(from: 0, to: rows.count, by: count).map { (start) throws(Diagnostic) -> Int64 in
      let row = rows[start..<start + count]
      switch kind {
      case .sum: return row.reduce(0, &+)
      case .product: return row.reduce(1, &*)
      case .maximum: return row.max() ?? 0
      case .minimum: return row.min() ?? 0
      default: throw failure("type", "only floats are supported")
      }
    }
    let dims = (0..<shape.rank).compactMap { axes.contains($0) ? (keeps ? 1 : nil) : shape[$0] }
    return ONNXConstant(constant.element, try Shape(dims), .ints(results))
  }

  /// The largest or smallest elements in order, and their places. A single one is found by operators of their own.
  private mutating func extremeElements() throws(Diagnostic) -> [ONNXValue] {
    let count = hasAttribute("k") ? try int("k", default: 0) : try constantInts(1, "`k`").first ?? 0
    let shape = try shape(0)
    let axis = try shape.normalized(axis: try int("axis", default: -1))
    let isLargest = try int("largest", default: 1) != 0
    let element = try element(0)
    let x = element.isFloat ? try float(0) : try bare(0)
    let type = graph[x].type
    guard count == 1, type.element == .int8 || type.element == .float32 else {
      let op = TopK(axis: axis, count: count, isLargest: isLargest)
      let outputs = try emitAll(op, [x]) { position, shape in
        position == 0 ? TensorType(type.element, shape, type.quantization) : TensorType(.int32, shape)
      }
      return [.tensor(outputs[0], element), .tensor(outputs[1], .int64)]
    }
    let value = try move(Reduce(isLargest ? .maximum : .minimum, axes: [axis], keepDimensions: true), x)
    let place = try emit(isLargest ? ArgMax(axis: axis) : ArgMin(axis: axis) as any SourceOperator, [x], .int32)
    var dims = shape.dims
    dims[axis] = 1
    return [.tensor(value, element), .tensor(try reshaped(place, dims), .int64)]
  }

  /// The place of the first or the last one of the extreme elements.
  private mutating func extremePlace(_ op: (Int) -> any SourceOperator) throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let axis = try shape.normalized(axis: try int("axis", default: 0))
    let isLast = try int("select_last_index", default: 0) != 0
    var x = try data(0)
    if isLast {
      var places = [[Int]](repeating: [], count: shape.rank)
      places[axis] = (0..<shape[axis]).reversed()
      x = try take(places, x)
    }
    var id = try emit(op(axis), [x], .int32)
    if isLast {
      let last = add(Tensor(TensorType(.int32, try Shape([])), ints: [Int32(shape[axis] - 1)]), "last")
      id = try emit(IntegerArithmetic(.subtract), [last, id], .int32)
    }
    if try int("keepdims", default: 1) != 0 {
      var dims = shape.dims
      dims[axis] = 1
      id = try reshaped(id, dims)
    }
    return .tensor(id, .int64)
  }
}
