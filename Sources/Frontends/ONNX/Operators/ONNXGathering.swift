import IR
import Operators
import Support

/// Operators that pick elements by their indices.
extension ONNXCall {
  static let gathering: [String: Builder] = [
    "Gather": { (call) throws(Diagnostic) in
      [try call.gather(axis: try call.shape(0).normalized(axis: try call.int("axis", default: 0)))]
    },
    "GatherElements": { (call) throws(Diagnostic) in
      let axis = try call.shape(0).normalized(axis: try call.int("axis", default: 0))
      return [try call.indexed(GatherElements(axis: axis))]
    },
    "GatherND": { (call) throws(Diagnostic) in
      [try call.indexed(GatherND(batchDims: try call.int("batch_dims", default: 0), countsFromEnd: true))]
    },
    "Compress": { (call) throws(Diagnostic) in [try call.compressed()] },
    "NonZero": { (call) throws(Diagnostic) in
      guard let constant = try call.known(0) else {
        throw call.failure("extent", "the size of the result would be known at run time only")
      }
      let places = constant.numbers.indices.filter { constant.numbers[$0] != 0 }
      let strides = constant.shape.strides
      let rows = strides.enumerated().flatMap { axis, stride in
        places.map { Int64($0 / stride % constant.shape[axis]) }
      }
      return [.constant(ONNXConstant(.int64, try Shape([strides.count, places.count]), .ints(rows)))]
    },
    "ReverseSequence": { (call) throws(Diagnostic) in [try call.reversedSequences()] },
  ]

  /// An operator that picks elements of the first input by indices in the second one.
  private mutating func indexed(_ op: any SourceOperator) throws(Diagnostic) -> ONNXValue {
    let x = try data(0)
    let type = graph[x].type
    return .tensor(try emit(op, [x, try bare(1)], type.element, type.quantization), try element(0))
  }

  /// Elements at known places: a slice, or slices one behind the other. Other places are looked up.
  private mutating func gather(axis: Int) throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    guard let indices = try known(1) else { return try indexed(Gather(axis: axis, countsFromEnd: true)) }
    let places = try indices.ints("the indices").map { Int($0 < 0 ? $0 + Int64(shape[axis]) : $0) }
    guard places.allSatisfy({ (0..<shape[axis]).contains($0) }) else {
      throw failure("gather", "the indices reach outside of axis \(axis) of the shape \(shape)")
    }
    let dims = shape.dims[..<axis] + indices.shape.dims + shape.dims[(axis + 1)...]
    let isKnown = try known(0) != nil
    guard isKnown || !places.isEmpty else { throw failure("gather", "there are no indices") }
    if case .constant(let constant) = try value(0) {
      let flat = try Shape(shape.dims[..<axis] + [places.count] + shape.dims[(axis + 1)...])
      try spend(flat.elementCount)
      let positions = flat.positions(in: shape) { $0 == axis ? places[$1] : $1 }
      return .constant(constant.gathered(positions, try Shape(Array(dims))))
    }
    var lists = [[Int]](repeating: [], count: shape.rank)
    lists[axis] = places
    let taken = try take(lists, try data(0))
    return .tensor(try move(Reshape(shape: Array(dims)), taken), try element(0))
  }

  /// The elements at `places` of each axis; evenly spaced ones are a slice.
  mutating func take(_ places: [[Int]], _ id: TensorID) throws(Diagnostic) -> TensorID {
    let shape = graph[id].type.shape
    var cuts: [Cut] = []
    var isEven = true
    for (axis, list) in places.enumerated() where !list.isEmpty {
      let step = list.count > 1 ? list[1] - list[0] : 1
      if step == 0 || list.enumerated().contains(where: { $1 != list[0] + $0 * step }) { isEven = false }
      cuts.append(Cut(axis: axis, begin: list[0], step: step, count: list.count))
    }
    guard isEven, places.count == shape.rank else { return try move(Take(places: places), id) }
    guard case .tensor(let result, _) = try slice(.tensor(id, .float32), cuts, dropping: []) else { return id }
    return result
  }

  /// The slices of an axis, or the elements, for which a known condition holds.
  private mutating func compressed() throws(Diagnostic) -> ONNXValue {
    guard let condition = try known(1) else {
      throw failure("extent", "the size of the result would be known at run time only")
    }
    let flags = try condition.ints("the condition")
    var x = try data(0)
    var axis = 0
    if hasAttribute("axis") {
      axis = try shape(0).normalized(axis: try int("axis", default: 0))
    } else {
      x = try reshaped(x, [graph[x].type.shape.elementCount])
    }
    let shape = graph[x].type.shape
    let places = flags.indices.filter { flags[$0] != 0 }
    guard let last = places.last, last < shape[axis] else {
      throw failure("condition", "the condition chooses nothing, or more than axis \(axis) of \(shape) has")
    }
    var lists = [[Int]](repeating: [], count: shape.rank)
    lists[axis] = places
    return .tensor(try take(lists, x), try element(0))
  }

  /// The first elements of each sequence in the opposite order, as many as a list says for each batch.
  private mutating func reversedSequences() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let lengths = try constantInts(1, "the lengths of the sequences")
    let (time, batch) = (try int("time_axis", default: 0), try int("batch_axis", default: 1))
    guard shape.rank >= 2, time != batch, (0...1).contains(time), (0...1).contains(batch),
      lengths.count == shape[batch], lengths.allSatisfy({ (0...shape[time]).contains($0) })
    else { throw failure("sequences", "the lengths \(lengths) do not suit the shape \(shape)") }
    let strides = shape.strides
    let places = (0..<shape.elementCount).map { (index: Int) -> Int in
      let step = index / strides[time] % shape[time]
      let length = lengths[index / strides[batch] % shape[batch]]
      return step < length ? index + (length - 1 - 2 * step) * strides[time] : index
    }
    return .tensor(try picked(try data(0), places, shape.dims), try element(0))
  }
}
