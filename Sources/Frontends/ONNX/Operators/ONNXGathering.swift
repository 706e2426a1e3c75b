import IR
import Operators
import Support

/// Operators that pick elements by their indices.
extension ONNXCall {
  static let gathering: [String: Builder] = [
    "Gather": { (call) throws(Diagnostic) in [try call.gather()] }
  ]

  /// Elements at known places: a slice, or slices one behind the other.
  private mutating func gather() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let axis = try shape.normalized(axis: try int("axis", default: 0))
    // Such indices may be negative, which counts from the end, and no kernel knows that.
    let indices = try constant(1, "the indices (those of run time may be negative)")
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
}
