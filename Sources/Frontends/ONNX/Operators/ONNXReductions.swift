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
    "ArgMax": { (call) throws(Diagnostic) in [try call.argMax(try call.data(0))] },
    "ArgMin": { (call) throws(Diagnostic) in
      [try call.argMax(try call.emit(PointwiseFunction(.negate), [try call.float(0)], .float32))]
    },
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
    let x = try float(0)
    let count = axes.reduce(1) { $0 * shape[$1] }
    switch kind {
    case .mean:
      return [.tensor(try emit(Mean(axes: axes, keepDimensions: keeps), [x], .float32), .float32)]
    case .sum: return [.tensor(try sum(of: x, axes, count, keeps), .float32)]
    case .sumOfSquares, .length:
      let squares = try emit(Mul(activation: .none), [x, x], .float32)
      let sum = try sum(of: squares, axes, count, keeps)
      if kind == .sumOfSquares { return [.tensor(sum, .float32)] }
      return [.tensor(try emit(PointwiseFunction(.squareRoot), [sum], .float32), .float32)]
    case .sumOfMagnitudes:
      let magnitudes = try emit(PointwiseFunction(.absolute), [x], .float32)
      return [.tensor(try sum(of: magnitudes, axes, count, keeps), .float32)]
    case .logarithmOfSum, .logarithmOfExponentials:
      let terms = kind == .logarithmOfSum ? x : try emit(PointwiseFunction(.exponential), [x], .float32)
      let sum = try sum(of: terms, axes, count, keeps)
      return [.tensor(try emit(PointwiseFunction(.logarithm), [sum], .float32), .float32)]
    case .maximum: return [.tensor(try maximum(of: x, axes, count, keeps), .float32)]
    case .minimum:
      let negated = try emit(PointwiseFunction(.negate), [x], .float32)
      let result = try maximum(of: negated, axes, count, keeps)
      return [.tensor(try emit(PointwiseFunction(.negate), [result], .float32), .float32)]
    case .product: throw failure("operator", "a product of floats is not supported")
    }
  }

  private mutating func sum(
    of x: TensorID, _ axes: [Int], _ count: Int, _ keeps: Bool
  ) throws(Diagnostic) -> TensorID {
    let mean = try emit(Mean(axes: axes, keepDimensions: keeps), [x], .float32)
    return try emit(Mul(activation: .none), [mean, try add(scalar: Float(count), "count")], .float32)
  }

  /// The maximum as a pooling over the reduced axes, which are moved behind the batch: [1, count, 1, kept].
  private mutating func maximum(
    of x: TensorID, _ axes: [Int], _ count: Int, _ keeps: Bool
  ) throws(Diagnostic) -> TensorID {
    let shape = graph[x].type.shape
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    let order = axes + kept
    var id = order == Array(0..<shape.rank) ? x : try move(Transpose(permutation: order), x)
    id = try move(Reshape(shape: [1, count, 1, shape.elementCount / max(1, count)]), id)
    id = try move(
      MaxPool2D(filter: Extent(count, 1), stride: Extent(1, 1), padding: .valid, activation: .none), id)
    let dims = keeps ? (0..<shape.rank).map { axes.contains($0) ? 1 : shape[$0] } : kept.map { shape[$0] }
    return try move(Reshape(shape: dims), id)
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

  private mutating func argMax(_ x: TensorID) throws(Diagnostic) -> ONNXValue {
    guard try int("select_last_index", default: 0) == 0 else {
      throw failure("attribute", "`select_last_index` is not supported")
    }
    let shape = try shape(0)
    let axis = try shape.normalized(axis: try int("axis", default: 0))
    var id = try emit(ArgMax(axis: axis), [x], .int32)
    if try int("keepdims", default: 1) != 0 {
      var dims = shape.dims
      dims[axis] = 1
      id = try move(Reshape(shape: dims), id)
    }
    return .tensor(id, .int64)
  }
}
