import IR
import Operators
import Support

/// Operators that cut tensors.
extension ONNXCall {
  static let slices: [String: Builder] = [
    "Slice": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let starts = try call.list("starts", orInput: 1) ?? []
      let ends = try call.list("ends", orInput: 2) ?? []
      let axes = try call.list("axes", orInput: 3) ?? Array(starts.indices)
      let steps = call.has(4) ? try call.constantInts(4, "the steps") : [Int](repeating: 1, count: starts.count)
      guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
        throw call.failure("slice", "starts, ends, axes and steps have different lengths")
      }
      var cuts: [Cut] = []
      for (index, axis) in axes.enumerated() {
        cuts.append(
          try call.cut(try shape.normalized(axis: axis), shape, from: starts[index], to: ends[index], by: steps[index]))
      }
      return [try call.slice(cuts)]
    },
    "Split": { (call) throws(Diagnostic) in try call.parts() },
  ]

  /// Some elements of one axis.
  struct Cut {
    let axis: Int
    let begin: Int
    let step: Int
    let count: Int
  }

  /// The elements that Slice means, with its ends clamped into the axis.
  func cut(_ axis: Int, _ shape: Shape, from start: Int, to end: Int, by step: Int) throws(Diagnostic) -> Cut {
    let size = shape[axis]
    guard step != 0, step != Int.min else { throw failure("slice", "a step of \(step) is impossible") }
    func inside(_ index: Int) -> Int {
      let place = index < 0 ? index &+ size : index
      return step > 0 ? min(max(place, 0), size) : min(max(place, -1), size - 1)
    }
    // The smallest number stands for what lies before the axis; adding its size must not wrap around.
    let first = start < -size ? (step > 0 ? 0 : -1) : inside(start)
    let last = end < -size ? (step > 0 ? 0 : -1) : inside(end)
    let distance = step > 0 ? last - first : first - last
    let stride = Int(step.magnitude)
    return Cut(
      axis: axis, begin: first, step: max(-Shape.maximumElements, min(Shape.maximumElements, step)),
      count: distance <= 0 ? 0 : (distance - 1) / stride + 1)
  }

  mutating func slice(_ cuts: [Cut]) throws(Diagnostic) -> ONNXValue {
    try slice(try value(0), cuts, dropping: [])
  }

  /// The elements of `value` that the cuts leave; axes in `dropped` lose their dimension.
  mutating func slice(
    _ value: ONNXValue, _ cuts: [Cut], dropping dropped: [Int]
  ) throws(Diagnostic) -> ONNXValue {
    switch value {
    case .unknown: throw failure("inputs", "the input is not known")
    case .constant(let constant):
      let shape = constant.shape
      var dims = shape.dims
      for cut in cuts { dims[cut.axis] = cut.count }
      let target = try Shape(dims)
      try spend(target.elementCount)
      var result = constant.gathered(
        target.positions(in: shape) { (axis, index) in
          guard let cut = cuts.last(where: { $0.axis == axis }) else { return index }
          return cut.begin + index * cut.step
        }, target)
      if !dropped.isEmpty {
        result = result.reshaped(try Shape(dims.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)))
      }
      return .constant(result)
    case .tensor(let id, let element):
      let shape = graph[id].type.shape
      // What is empty is known.
      if cuts.contains(where: { $0.count == 0 }) {
        var dims = shape.dims
        for cut in cuts { dims[cut.axis] = cut.count }
        let target = try Shape(dims.enumerated().filter { !dropped.contains($0.offset) }.map(\.element))
        return .constant(ONNXConstant(element, target, element.isFloat ? .floats([]) : .ints([])))
      }
      var (begin, end) = ([Int](repeating: 0, count: shape.rank), shape.dims)
      var (strides, endMask) = ([Int](repeating: 1, count: shape.rank), 0)
      for cut in cuts {
        (begin[cut.axis], strides[cut.axis]) = (cut.begin, cut.step)
        end[cut.axis] = cut.begin + (cut.count - 1) * cut.step + (cut.step > 0 ? 1 : -1)
        // An end before the first element can't be said as an index, which would count from the back.
        if end[cut.axis] < 0 { endMask |= 1 << cut.axis }
      }
      let isWhole = cuts.allSatisfy { $0.count == shape[$0.axis] && $0.step == 1 }
      if isWhole, dropped.isEmpty { return value }
      let op = try StridedSlice(
        of: shape, begin: begin, end: end, strides: strides, beginMask: 0, endMask: endMask, shrinkMask: 0)
      let cutOut = try move(op, id)
      guard !dropped.isEmpty else { return .tensor(cutOut, element) }
      let dims = graph[cutOut].type.shape.dims.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
      return .tensor(try move(Reshape(shape: dims), cutOut), element)
    }
  }

  mutating func parts() throws(Diagnostic) -> [ONNXValue] {
    let shape = try shape(0)
    let axis = try shape.normalized(axis: try int("axis", default: 0))
    let count = node?.outputs.count ?? 1
    var sizes = try list("split", orInput: 1) ?? []
    if sizes.isEmpty {
      let size = (shape[axis] + count - 1) / max(1, count)
      sizes = (0..<count).map { min(size, shape[axis] - $0 * size) }
    }
    guard sizes.count == count, sizes.allSatisfy({ $0 >= 0 && $0 <= shape[axis] }), sizes.reduce(0, +) == shape[axis]
    else { throw failure("split", "parts of \(sizes) do not suit axis \(axis) of the shape \(shape)") }
    if case .tensor(let id, let element) = try value(0), Set(sizes).count == 1, count > 1 {
      let type = graph[id].type
      return try emitAll(Split(axis: axis, count: count), [id], type.element, type.quantization).map {
        .tensor($0, element)
      }
    }
    var results: [ONNXValue] = []
    var begin = 0
    for size in sizes {
      results.append(try slice([Cut(axis: axis, begin: begin, step: 1, count: size)]))
      begin += size
    }
    return results
  }
}
