import IR
import Operators
import Support

/// Operators that only move elements.
extension ONNXCall {
  static let movement: [String: Builder] = [
    "Transpose": { (call) throws(Diagnostic) in
      let rank = try call.shape(0).rank
      let permutation = try call.ints("perm") ?? Array((0..<rank).reversed())
      if case .constant(let constant) = try call.value(0) {
        try call.spend(constant.shape.elementCount)
        return [.constant(try constant.transposed(permutation))]
      }
      return [.tensor(try call.move(Transpose(permutation: permutation), try call.data(0)), try call.element(0))]
    },
    "Concat": { (call) throws(Diagnostic) in [try call.concatenation()] },
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
    "Gather": { (call) throws(Diagnostic) in [try call.gather()] },
    "Pad": { (call) throws(Diagnostic) in try call.padded() },
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
    "DepthToSpace": { (call) throws(Diagnostic) in
      let (n, c, h, w) = try call.imageDims()
      let b = try call.int("blocksize", default: 1)
      guard (1...4096).contains(b), c % (b * b) == 0 else {
        throw call.failure("attribute", "`blocksize` does not divide the channels")
      }
      let isCRD = try call.string("mode", default: "DCR") == "CRD"
      let parts = isCRD ? [n, c / (b * b), b, b, h, w] : [n, b, b, c / (b * b), h, w]
      let order = isCRD ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
      return [try call.rearranged(parts, order, [n, c / (b * b), h * b, w * b])]
    },
    "SpaceToDepth": { (call) throws(Diagnostic) in
      let (n, c, h, w) = try call.imageDims()
      let b = try call.int("blocksize", default: 1)
      guard (1...4096).contains(b), h % b == 0, w % b == 0 else {
        throw call.failure("attribute", "`blocksize` does not divide the image")
      }
      return [
        try call.rearranged([n, c, h / b, b, w / b, b], [0, 3, 5, 1, 2, 4], [n, c * b * b, h / b, w / b])
      ]
    },
  ]

  private func imageDims() throws(Diagnostic) -> (Int, Int, Int, Int) {
    let shape = try shape(0)
    guard shape.rank == 4 else { throw failure("rank", "the input of the shape \(shape) is no image") }
    return (shape[0], shape[1], shape[2], shape[3])
  }

  private mutating func rearranged(_ parts: [Int], _ order: [Int], _ dims: [Int]) throws(Diagnostic) -> ONNXValue {
    var id = try move(Reshape(shape: parts), try data(0))
    id = try move(Transpose(permutation: order), id)
    return .tensor(try move(Reshape(shape: dims), id), try element(0))
  }

  // MARK: Slices

  /// Some elements of one axis.
  struct Cut {
    let axis: Int
    let begin: Int
    let step: Int
    let count: Int
  }

  /// The elements that Slice means, with its ends clamped into the axis.
  private func cut(_ axis: Int, _ shape: Shape, from start: Int, to end: Int, by step: Int) throws(Diagnostic) -> Cut {
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

  private mutating func slice(_ cuts: [Cut]) throws(Diagnostic) -> ONNXValue {
    try slice(try value(0), cuts, dropping: [])
  }

  /// The elements of `value` that the cuts leave; axes in `dropped` lose their dimension.
  private mutating func slice(
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
      guard cuts.allSatisfy({ $0.count > 0 }) else { throw failure("slice", "the slice is empty") }
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

  private mutating func parts() throws(Diagnostic) -> [ONNXValue] {
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

  // MARK: Joining and repeating

  private mutating func concatenation() throws(Diagnostic) -> ONNXValue {
    let rank = try shape(0).rank
    let axis = try int("axis", default: 1)
    let place = axis < 0 ? axis + rank : axis
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

  // MARK: Borders

  private mutating func padded() throws(Diagnostic) -> [ONNXValue] {
    let mode = try string("mode", default: "constant")
    guard ["constant", "edge", "reflect", "wrap"].contains(mode) else {
      throw failure("pad", "the mode `\(mode)` is not supported")
    }
    let shape = try shape(0)
    let amounts = try list("pads", orInput: 1) ?? []
    var axes = Array(0..<shape.rank)
    if has(3) {
      axes = []
      for axis in try constantInts(3, "the axes") { axes.append(try shape.normalized(axis: axis)) }
    }
    guard amounts.count == 2 * axes.count else {
      throw failure("pad", "\(amounts.count) paddings do not suit \(axes.count) axes")
    }
    var (before, after) = ([Int](repeating: 0, count: shape.rank), [Int](repeating: 0, count: shape.rank))
    for (index, axis) in axes.enumerated() {
      (before[axis], after[axis]) = (amounts[index], amounts[axes.count + index])
    }
    guard (before + after).allSatisfy({ $0.magnitude <= Shape.maximumElements }) else {
      throw failure("pad", "the paddings \(amounts) are not supported")
    }
    // Negative amounts cut.
    var value = try value(0)
    let cuts = (0..<shape.rank).filter { before[$0] < 0 || after[$0] < 0 }.map { axis in
      Cut(
        axis: axis, begin: max(0, -before[axis]), step: 1,
        count: max(0, shape[axis] + min(0, before[axis]) + min(0, after[axis])))
    }
    if !cuts.isEmpty { value = try slice(value, cuts, dropping: []) }
    (before, after) = (before.map { max(0, $0) }, after.map { max(0, $0) })
    if (before + after).allSatisfy({ $0 == 0 }) { return [value] }
    var fill = 0.0
    if hasAttribute("value") { fill = Double(try float("value", default: 0)) }
    if has(2) { fill = try constant(2, "the value").numbers.first ?? 0 }
    let element = try element(0)
    let id: TensorID
    switch value {
    case .tensor(let tensor, _): id = tensor
    case .constant(let constant): id = try add(constant, "data")
    case .unknown: throw failure("inputs", "the input is not known")
    }
    if mode != "constant" {
      let sizes = graph[id].type.shape.dims
      let places = try sizes.indices.map { (axis) throws(Diagnostic) in
        try Self.border(mode, sizes[axis], before[axis], after[axis])
      }
      return [.tensor(try move(Take(places: places), id), element)]
    }
    let shift = element == .uint8 && graph[id].type.element == .int8 ? 128.0 : 0
    let isFloat = element.isFloat
    guard isFloat || Int(exactly: fill) != nil else { throw failure("pad", "the value \(fill) is no integer") }
    let op = Pad(
      before: before, after: after, value: isFloat ? 0 : Int(fill - shift),
      real: isFloat && fill != 0 ? Float(fill) : nil)
    return [.tensor(try move(op, id), element)]
  }
}

extension ONNXCall {
  /// Where the elements of an axis come from that has got a border; an empty list when it has none.
  private static func border(_ mode: String, _ size: Int, _ before: Int, _ after: Int) throws(Diagnostic) -> [Int] {
    if before + after == 0 { return [] }
    guard size > 0 else { throw Diagnostic("onnx.pad", "an axis without elements can't be mirrored") }
    _ = try Shape([size + before + after])
    return (-before..<size + after).map { index in
      switch mode {
      case "edge": return min(max(index, 0), size - 1)
      case "wrap": return (index % size + size) % size
      default:
        // Back and forth, without the ends twice.
        if size == 1 { return 0 }
        let period = 2 * (size - 1)
        let place = (index % period + period) % period
        return min(place, period - place)
      }
    }
  }
}

extension Shape {
  /// For each element of this shape in row-major order its position in a tensor of the shape `other`.
  ///
  /// - Parameter place: maps an axis and an index along it to the index in the other shape.
  fileprivate func positions(in other: Shape, _ place: (Int, Int) -> Int) -> [Int] {
    guard elementCount > 0 else { return [] }
    let strides = other.strides
    var positions = [0]
    for axis in dims.indices {
      let steps = (0..<dims[axis]).map { place(axis, $0) * strides[axis] }
      positions = positions.flatMap { base in steps.map { base + $0 } }
    }
    return positions
  }
}
