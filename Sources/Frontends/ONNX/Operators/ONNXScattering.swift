import IR
import Operators
import Support

/// Operators that write elements to places that are known while the file is imported.
extension ONNXCall {
  static let scattering: [String: Builder] = [
    "ScatterElements": { (call) throws(Diagnostic) in [try call.scatterElements()] },
    "Scatter": { (call) throws(Diagnostic) in [try call.scatterElements()] },
    "ScatterND": { (call) throws(Diagnostic) in [try call.scatterSlices()] },
    "Col2Im": { (call) throws(Diagnostic) in [.tensor(try call.imageOfColumns(), .float32)] },
    "MaxUnpool": { (call) throws(Diagnostic) in [try call.unpooled()] },
  ]

  /// Each update of one element is a layer.
  private static let maximumRounds = 1024

  private mutating func scatterElements() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let axis = try shape.normalized(axis: try int("axis", default: 0))
    let indices = try constant(1, "the indices")
    let list = indices.shape
    guard list.rank == shape.rank, (0..<shape.rank).allSatisfy({ $0 == axis || list[$0] <= shape[$0] }) else {
      throw failure("scatter", "indices of the shape \(list) do not suit the shape \(shape)")
    }
    let (own, strides) = (list.strides, shape.strides)
    var targets: [Int] = []
    for (position, index) in try indices.ints("the indices").enumerated() {
      let place = try inside(index, shape[axis])
      targets.append(
        (0..<shape.rank).reduce(0) { sum, other in
          sum + strides[other] * (other == axis ? place : position / own[other] % list[other])
        })
    }
    return try scattered(targets)
  }

  private mutating func scatterSlices() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let indices = try constant(1, "the indices")
    let list = try indices.ints("the indices")
    guard let depth = indices.shape.dims.last, depth > 0, depth <= shape.rank else {
      throw failure("scatter", "indices of the shape \(indices.shape) do not suit the shape \(shape)")
    }
    let run = shape.dims[depth...].reduce(1, *)
    let strides = shape.strides
    var targets: [Int] = []
    for start in stride(from: 0, to: list.count, by: depth) {
      var place = 0
      for axis in 0..<depth { place += strides[axis] * (try inside(list[start + axis], shape[axis])) }
      try spend(run)
      targets += place..<place + run
    }
    return try scattered(targets)
  }

  /// An index that may count from the end.
  private func inside(_ index: Int64, _ size: Int) throws(Diagnostic) -> Int {
    let place = index < 0 ? index + Int64(size) : index
    guard (0..<Int64(size)).contains(place) else {
      throw failure("scatter", "the index \(index) is outside of an axis of \(size)")
    }
    return Int(place)
  }

  /// The first input with the elements of the third one written to `targets`, or combined with what is there.
  private mutating func scattered(_ targets: [Int]) throws(Diagnostic) -> ONNXValue {
    let element = try element(0)
    guard try shape(2).elementCount == targets.count, try self.element(2) == element else {
      throw failure("scatter", "updates of the shape \(try shape(2)) do not suit \(targets.count) places")
    }
    let shape = try shape(0)
    try spend(shape.elementCount)
    let data = element.isFloat ? try float(0) : try bare(0)
    if targets.isEmpty { return try value(0) }
    let updates = element.isFloat ? try float(2) : try bare(2)
    let reduction = try string("reduction", default: "none")
    if reduction == "none" { return try overwritten(targets, updates: 2) }
    let type = graph[data].type.element
    let op: any SourceOperator
    let neutral: Double
    let range = type.range ?? 0...0
    switch reduction {
    case "add": (op, neutral) = (element.isFloat ? Add(activation: .none) : IntegerArithmetic(.add), 0)
    case "mul": (op, neutral) = (element.isFloat ? Mul(activation: .none) : IntegerArithmetic(.multiply), 1)
    case "max":
      (op, neutral) = (
        Extremum(.maximum), element.isFloat ? -Double(Float.greatestFiniteMagnitude) : Double(range.lowerBound)
      )
    case "min":
      (op, neutral) = (
        Extremum(.minimum), element.isFloat ? Double(Float.greatestFiniteMagnitude) : Double(range.upperBound)
      )
    default: throw failure("scatter", "the reduction `\(reduction)` is not supported")
    }
    return .tensor(try combined(data, updates, targets, op, neutral: neutral), element)
  }

  /// The first input with the elements of another one written over it.
  mutating func overwritten(_ targets: [Int], updates: Int) throws(Diagnostic) -> ONNXValue {
    let (element, shape) = (try element(0), try shape(0))
    let inputs = element.isFloat ? [try float(0), try float(updates)] : try bare([0, updates])
    // One row of all elements, from which each place takes its own.
    var places = Array(0..<shape.elementCount)
    for (update, target) in targets.enumerated() { places[target] = shape.elementCount + update }
    let all = try joined([
      try reshaped(inputs[0], [shape.elementCount]), try reshaped(inputs[1], [targets.count]),
    ])
    return .tensor(try picked(all, places, shape.dims), element)
  }

  /// `data` with each update combined with what is at its target; as many layers as updates have the same target.
  private mutating func combined(
    _ data: TensorID, _ updates: TensorID, _ targets: [Int], _ op: any SourceOperator, neutral: Double
  ) throws(Diagnostic) -> TensorID {
    let type = graph[data].type
    let dims = type.shape.dims
    var rounds: [[Int]] = []
    var counts = [Int](repeating: 0, count: type.shape.elementCount)
    for (update, target) in targets.enumerated() {
      let round = counts[target]
      if round == rounds.count {
        guard round < Self.maximumRounds else {
          throw failure("scatter", "more than \(Self.maximumRounds) updates of one element are not supported")
        }
        try spend(counts.count)
        rounds.append([Int](repeating: 0, count: counts.count))
      }
      // The neutral element stands first.
      rounds[round][target] = update + 1
      counts[target] += 1
    }
    let one = TensorType(type.element, try Shape([1]))
    let filler =
      type.element == .float32
      ? Tensor(one, floats: [Float(neutral)]) : Tensor(one, ints: [Int32(neutral)])
    let all = try joined([add(filler, "neutral"), try reshaped(updates, [targets.count])])
    var result = data
    for places in rounds { result = try emit(op, [result, try picked(all, places, dims)], type.element) }
    return result
  }

  /// Lists of elements one behind the other.
  private mutating func joined(_ lists: [TensorID]) throws(Diagnostic) -> TensorID {
    try emit(Concatenation(axis: 0), lists, graph[lists[0]].type.element)
  }

  // MARK: Images

  /// Sums of the pixels of windows at the places from which they were taken.
  private mutating func imageOfColumns() throws(Diagnostic) -> TensorID {
    let shape = try shape(0)
    let image = try constantInts(1, "the shape of the image")
    let block = try constantInts(2, "the shape of the windows")
    let axes = image.count
    let strides = try ints("strides") ?? [Int](repeating: 1, count: axes)
    let dilations = try ints("dilations") ?? [Int](repeating: 1, count: axes)
    let pads = try ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    let isSmall = { (list: [Int]) in list.allSatisfy { (1...65_535).contains($0) } }
    guard shape.rank == 3, axes > 0, block.count == axes, strides.count == axes, dilations.count == axes,
      pads.count == 2 * axes, [image, block, strides, dilations].allSatisfy(isSmall),
      pads.allSatisfy({ (0...65_535).contains($0) })
    else { throw failure("columns", "the attributes do not suit an input of the shape \(shape)") }
    let steps = (0..<axes).map { (axis: Int) -> Int in
      let padded = image[axis] + pads[axis] + pads[axes + axis]
      return (padded - dilations[axis] * (block[axis] - 1) - 1) / strides[axis] + 1
    }
    let taps = try Shape(block)
    let (windows, pixels) = (try Shape(steps), try Shape(image))
    guard windows.elementCount == shape[2], taps.elementCount > 0, shape[1] % taps.elementCount == 0 else {
      throw failure("columns", "\(shape) are no windows of \(block) of an image of \(image)")
    }
    let channels = shape[1] / taps.elementCount
    let target = try Shape([shape[0], channels] + image)
    try spend(shape.elementCount)
    // For each tap and window the pixel; nil outside of the image.
    var places: [Int?] = []
    for tap in 0..<taps.elementCount {
      for window in 0..<windows.elementCount {
        var place: Int? = 0
        for axis in 0..<axes {
          let first = window / windows.strides[axis] % steps[axis] * strides[axis]
          let index = first + tap / taps.strides[axis] % block[axis] * dilations[axis] - pads[axis]
          place = (0..<image[axis]).contains(index) ? place.map { $0 + index * pixels.strides[axis] } : nil
        }
        places.append(place)
      }
    }
    var (sources, targets): ([Int], [Int]) = ([], [])
    for plane in 0..<shape[0] * channels {
      for (index, place) in places.enumerated() {
        guard let place else { continue }
        sources.append(plane * places.count + index)
        targets.append(plane * pixels.elementCount + place)
      }
    }
    let updates = try picked(try float(0), sources, [sources.count])
    let zeros = add(
      Tensor(TensorType(.float32, target), floats: [Float](repeating: 0, count: target.elementCount)), "zeros")
    return try combined(zeros, updates, targets, Add(activation: .none), neutral: 0)
  }

  /// Elements at known places of a larger image of zeros.
  private mutating func unpooled() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let indices = try constant(1, "the indices of the maxima")
    let kernel = try ints("kernel_shape") ?? []
    let axes = shape.rank - 2
    let strides = try ints("strides") ?? [Int](repeating: 1, count: axes)
    let pads = try ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    guard axes > 0, kernel.count == axes, strides.count == axes, pads.count == 2 * axes,
      (kernel + strides + pads).allSatisfy({ (0...65_535).contains($0) }), indices.shape == shape
    else { throw failure("unpool", "the attributes do not suit an input of the shape \(shape)") }
    let inferred =
      shape.dims[..<2]
      + (0..<axes).map { (shape[$0 + 2] - 1) * strides[$0] + kernel[$0] - pads[$0] - pads[axes + $0] }
    let small = try Shape(Array(inferred))
    let target = has(2) ? try Shape(try constantInts(2, "the shape")) : small
    guard target.rank == shape.rank, (0..<shape.rank).allSatisfy({ target[$0] >= small[$0] }) else {
      throw failure("unpool", "the shape \(target) is too small")
    }
    var targets: [Int] = []
    for index in try indices.ints("the indices") {
      let place = try inside(index, small.elementCount)
      // Indices belong to the inferred shape.
      targets.append(
        (0..<shape.rank).reduce(0) { $0 + place / small.strides[$1] % small[$1] * target.strides[$1] })
    }
    try spend(target.elementCount)
    var places = [Int](repeating: 0, count: target.elementCount)
    for (update, target) in targets.enumerated() { places[target] = update + 1 }
    let zero = add(Tensor(TensorType(.float32, try Shape([1])), floats: [0]), "zero")
    let all = try joined([zero, try reshaped(try float(0), [shape.elementCount])])
    return .tensor(try picked(all, places, target.dims), .float32)
  }
}
