import IR
import Operators
import Support

/// Operators that join tensors or repeat them.
extension ONNXCall {
  static let joining: [String: Builder] = [
    "Concat": { (call) throws(Diagnostic) in
      let axis = try call.int("axis", default: 1)
      return [try call.concatenation(axis: axis < 0 ? axis + (try call.shape(0).rank) : axis)]
    },
    "Expand": { (call) throws(Diagnostic) in
      let target = try Broadcast(try call.shape(0), try Shape(try call.constantInts(1, "the shape"))).shape
      return [try call.repeated(to: target)]
    },
    "Tile": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let counts = try call.constantInts(1, "the repeats")
      guard counts.count == shape.rank, counts.allSatisfy({ (1...Shape.maximumElements).contains($0) }) else {
        throw call.failure("tile", "the repeats \(counts) do not suit the shape \(shape)")
      }
      var value = try call.value(0)
      for axis in 0..<shape.rank { value = try call.repeated(value, counts[axis], axis: axis) }
      return [value]
    },
  ]

  /// All inputs one behind the other along an axis.
  mutating func concatenation(axis place: Int) throws(Diagnostic) -> ONNXValue {
    if let constants = try allKnown(), constants.count == inputs.count {
      return .constant(try joined(constants, axis: place))
    }
    var parts: [TensorID] = []
    for position in inputs.indices {
      // An empty part adds nothing.
      if try shape(position).elementCount > 0 { parts.append(try data(position)) }
    }
    guard let first = parts.first else { throw failure("inputs", "there are no inputs") }
    if parts.count == 1 { return .tensor(first, try element(0)) }
    // Some parts of uint8 may be shifted: all must be, or none.
    let types = parts.map { graph[$0].type }
    guard types.allSatisfy({ $0.element == types[0].element }) else {
      throw failure("type", "the inputs are not of one element type")
    }
    let id = try emit(Concatenation(axis: place), parts, types[0].element, types[0].quantization)
    return .tensor(id, try element(0))
  }

  /// Constants one behind the other along an axis.
  private mutating func joined(_ constants: [ONNXConstant], axis: Int) throws(Diagnostic) -> ONNXConstant {
    let parts = constants.filter { $0.shape.elementCount > 0 || $0.shape.rank > 1 }
    guard let first = parts.first else { return constants[0] }
    var dims = first.shape.dims
    guard dims.indices.contains(axis) else { throw failure("axis", "there is no axis \(axis) in \(first.shape)") }
    for part in parts.dropFirst() {
      var own = part.shape.dims
      guard own.count == dims.count else { throw failure("shape", "the inputs have different numbers of dimensions") }
      dims[axis] += own[axis]
      own[axis] = dims[axis]
      guard own == dims else { throw failure("shape", "the inputs do not fit together along axis \(axis)") }
    }
    let target = try Shape(dims)
    try spend(target.elementCount)
    let outer = dims[..<axis].reduce(1, *)
    func interleaved<Value>(_ lists: [[Value]]) -> [Value] {
      (0..<outer).flatMap { row in lists.flatMap { $0[row * ($0.count / outer)..<(row + 1) * ($0.count / outer)] } }
    }
    if outer == 0 { return first.gathered([], target) }
    if case .floats = first.values {
      let lists = try parts.map { (part) throws(Diagnostic) in try part.floats("the inputs") }
      return ONNXConstant(first.element, target, .floats(interleaved(lists)))
    }
    let lists = try parts.map { (part) throws(Diagnostic) in try part.ints("the inputs") }
    return ONNXConstant(first.element, target, .ints(interleaved(lists)))
  }

  /// The first input, with axes of size 1 repeated up to the shape `target`.
  private mutating func repeated(to target: Shape) throws(Diagnostic) -> ONNXValue {
    let own = try shape(0)
    let dims = [Int](repeating: 1, count: target.rank - own.rank) + own.dims
    if case .constant(let constant) = try value(0) {
      try spend(target.elementCount)
      let positions = target.positions(in: try Shape(dims)) { dims[$0] == 1 ? 0 : $1 }
      return .constant(constant.gathered(positions, target))
    }
    var value = try reshaped(dims)
    for axis in 0..<target.rank where dims[axis] != target[axis] {
      value = try repeated(value, target[axis], axis: axis)
    }
    return value
  }

  /// `value` as often as `count` says, one behind the other.
  private mutating func repeated(_ value: ONNXValue, _ count: Int, axis: Int) throws(Diagnostic) -> ONNXValue {
    if count == 1 { return value }
    switch value {
    case .unknown: throw failure("inputs", "the input is not known")
    case .constant(let constant):
      var dims = constant.shape.dims
      let size = dims[axis]
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      guard !overflow else { throw failure("shape", "the result is too large") }
      dims[axis] = product
      let target = try Shape(dims)
      try spend(target.elementCount)
      let positions = target.positions(in: constant.shape) { $0 == axis ? $1 % size : $1 }
      return .constant(constant.gathered(positions, target))
    case .tensor(let id, let element):
      var multiples = [Int](repeating: 1, count: graph[id].type.shape.rank)
      multiples[axis] = count
      return .tensor(try move(Tile(multiples: multiples), id), element)
    }
  }
}
