import IR
import Operators
import Support

/// Operators that give truth values, and those that choose by them.
extension ONNXCall {
  static let comparisons: [String: Builder] = [
    "Equal": relation(.equal, .init(ints: { $0 == $1 ? 1 : 0 }, floats: { $0 == $1 ? 1 : 0 }, isTest: true)),
    "Greater": relation(.greater, .init(ints: { $0 > $1 ? 1 : 0 }, floats: { $0 > $1 ? 1 : 0 }, isTest: true)),
    "GreaterOrEqual": relation(
      .greaterOrEqual, .init(ints: { $0 >= $1 ? 1 : 0 }, floats: { $0 >= $1 ? 1 : 0 }, isTest: true)),
    "Less": relation(.less, .init(ints: { $0 < $1 ? 1 : 0 }, floats: { $0 < $1 ? 1 : 0 }, isTest: true)),
    "LessOrEqual": relation(
      .lessOrEqual, .init(ints: { $0 <= $1 ? 1 : 0 }, floats: { $0 <= $1 ? 1 : 0 }, isTest: true)),
    "And": logical({ $0 & $1 }) { Logical(.and) }, "Or": logical({ $0 | $1 }) { Logical(.or) },
    "Xor": logical({ $0 ^ $1 }) { Comparison(.notEqual) },
    "Not": { (call) throws(Diagnostic) in
      if let value = try call.folded(ints: { 1 - $0 }, floats: { $0 }) { return [value] }
      return [.tensor(try call.emit(Logical(.not), [try call.data(0)], .bool), .bool)]
    },
    "IsNaN": { (call) throws(Diagnostic) in
      // Nothing else differs from itself.
      let x = try call.float(0)
      return [.tensor(try call.emit(Comparison(.notEqual), [x, x], .bool), .bool)]
    },
    "IsInf": { (call) throws(Diagnostic) in
      let positive = try call.int("detect_positive", default: 1) != 0
      let negative = try call.int("detect_negative", default: 1) != 0
      var x = try call.float(0)
      if positive, negative { x = try call.function(.absolute, x) }
      // Nothing equals what is not a number.
      let wanted: Float = positive ? .infinity : negative ? -.infinity : .nan
      return [.tensor(try call.emit(Comparison(.equal), [x, try call.add(scalar: wanted, "infinity")], .bool), .bool)]
    },
    "Where": { (call) throws(Diagnostic) in try call.choice() },
    "OneHot": { (call) throws(Diagnostic) in [try call.oneHot()] },
    "Trilu": triangle, "com.microsoft.Trilu": triangle,
  ]

  private static func relation(_ relation: Comparison.Relation, _ arithmetic: Arithmetic) -> Builder {
    { (call) throws(Diagnostic) in
      if let value = try call.folded(arithmetic) { return [value] }
      let operands =
        try call.element(0).isFloat ? [try call.float(0), try call.float(1)] : try call.bare([0, 1])
      return [.tensor(try call.emit(Comparison(relation), operands, .bool), .bool)]
    }
  }

  private static func logical(
    _ operation: @escaping @Sendable (Int64, Int64) -> Int64, _ op: @escaping @Sendable () -> any SourceOperator
  ) -> Builder {
    { (call) throws(Diagnostic) in
      if let value = try call.folded(Arithmetic(ints: operation, floats: { x, _ in x })) { return [value] }
      return [.tensor(try call.emit(op(), try call.bare([0, 1]), .bool), .bool)]
    }
  }

  // MARK: Choices

  mutating func choice() throws(Diagnostic) -> [ONNXValue] {
    if let test = try known(0) {
      let flags = try test.ints("the condition")
      // A condition that is the same everywhere chooses one tensor.
      if let first = flags.first, flags.allSatisfy({ $0 == first }) {
        let chosen = first != 0 ? 1 : 2
        let shape = try Broadcast(try Broadcast(try shape(1), try shape(2)).shape, test.shape).shape
        if try self.shape(chosen) == shape { return [try value(chosen)] }
      }
      if let a = try known(1), let b = try known(2) { return [try chosen(test.shape, flags, a, b)] }
    }
    let element = try element(1)
    guard try element == self.element(2) else { throw failure("type", "both choices must be of one element type") }
    let condition = try data(0)
    let choices = element.isFloat ? [try float(1), try float(2)] : try bare([1, 2])
    return [.tensor(try emit(Select(), [condition] + choices, graph[choices[0]].type.element), element)]
  }

  /// Where on known tensors.
  private mutating func chosen(
    _ shape: Shape, _ flags: [Int64], _ a: ONNXConstant, _ b: ONNXConstant
  ) throws(Diagnostic) -> ONNXValue {
    let pairs = try Broadcast(a.shape, b.shape)
    let all = try Broadcast(pairs.shape, shape)
    try spend(all.shape.elementCount)
    var places: [(Int, Int)] = []
    pairs.forEach { places.append(($0, $1)) }
    var chosen: [(isFirst: Bool, place: Int)] = []
    all.forEach { pair, flag in
      chosen.append(flags[flag] != 0 ? (true, places[pair].0) : (false, places[pair].1))
    }
    switch (a.values, b.values) {
    case (.ints(let x), .ints(let y)):
      return .constant(
        ONNXConstant(a.element, all.shape, .ints(chosen.map { $0.isFirst ? x[$0.place] : y[$0.place] })))
    case (.floats(let x), .floats(let y)):
      return .constant(
        ONNXConstant(a.element, all.shape, .floats(chosen.map { $0.isFirst ? x[$0.place] : y[$0.place] })))
    default: throw failure("type", "both choices must be of one element type")
    }
  }

  /// Whether the numbers along a new axis are those of an integer tensor.
  mutating func matches(_ indices: TensorID, count: Int, axis: Int) throws(Diagnostic) -> TensorID {
    var dims = graph[indices].type.shape.dims
    dims.insert(1, at: axis)
    let x = try reshaped(indices, dims)
    return try emit(Comparison(.equal), [x, try counting(count, axis: axis, rank: dims.count)], .bool)
  }

  private mutating func oneHot() throws(Diagnostic) -> ONNXValue {
    guard let depth = try constant(1, "the depth").numbers.first, depth >= 1, depth <= Double(Shape.maximumElements)
    else { throw failure("depth", "the depth must be positive") }
    let values = try constant(2, "the values")
    guard values.shape.elementCount == 2 else { throw failure("values", "there must be two values") }
    let count = Int(depth)
    try spend(count)
    let rank = try shape(0).rank + 1
    let axis = try int("axis", default: -1)
    let place = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(place) else { throw failure("axis", "there is no axis \(axis)") }
    var indices = try bare(0)
    if graph[indices].type.element != .int32 { indices = try emit(Operators.Cast(), [indices], .int32) }
    // Negative ones count from the end.
    var dims = graph[indices].type.shape.dims
    let isHit = try matches(indices, count: count, axis: place)
    dims.insert(1, at: place)
    let fromEnd = try counting(count, axis: place, rank: rank, from: -count)
    let isHitFromEnd = try emit(Comparison(.equal), [try reshaped(indices, dims), fromEnd], .bool)
    let test = try emit(Logical(.or), [isHit, isHitFromEnd], .bool)
    let numbers = values.numbers
    guard let element = values.element.tensorElement else {
      throw failure("type", "values of \(values.element) are not supported")
    }
    if numbers == [0, 1], element != .float32 {
      return .tensor(try emit(Operators.Cast(), [test], element), values.element)
    }
    let scalar = try Shape([])
    let off = try add(values.gathered([0], scalar), "off")
    let on = try add(values.gathered([1], scalar), "on")
    return .tensor(try emit(Select(), [test, on, off], element), values.element)
  }

  /// Matrices with zeros above or below a diagonal.
  private static let triangle: Builder = { (call) throws(Diagnostic) in
    let shape = try call.shape(0)
    guard shape.rank >= 2 else { throw call.failure("rank", "the input of the shape \(shape) is no matrix") }
    let limit = Shape.maximumElements
    let k = call.has(1) ? min(max(try call.constantInts(1, "`k`").first ?? 0, -limit), limit) : 0
    let isUpper = try call.int("upper", default: 1) != 0
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    guard shape.elementCount > 0 else { return [try call.value(0)] }
    try call.spend(rows * columns)
    let flags = (0..<rows * columns).map { index -> Int32 in
      let distance = index % columns - index / columns
      return (isUpper ? distance >= k : distance <= k) ? 1 : 0
    }
    let mask = call.add(Tensor(TensorType(.bool, try Shape([rows, columns])), ints: flags), "triangle")
    let element = try call.element(0)
    let x = element.isFloat ? try call.float(0) : try call.bare(0)
    let zero = element.isFloat ? try call.add(scalar: 0, "zero") : try call.add(integer: 0, like: x)
    return [.tensor(try call.emit(Select(), [mask, x, zero], call.graph[x].type.element), element)]
  }
}
