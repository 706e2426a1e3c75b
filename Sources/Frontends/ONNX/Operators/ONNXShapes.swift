import IR
import Operators
import Support

/// Operators on shapes, and those that only give a tensor another shape or type.
extension ONNXCall {
  static let shapes: [String: Builder] = [
    "Constant": { (call) throws(Diagnostic) in [.constant(try call.constantNode())] },
    "Identity": { (call) throws(Diagnostic) in [try call.value(0)] },
    "Dropout": { (call) throws(Diagnostic) in
      if call.has(2), try call.constant(2, "`training_mode`").ints("`training_mode`").first != 0 {
        throw call.failure("training", "Dropout in training is not supported")
      }
      // Nothing is dropped.
      let shape = try call.shape(0)
      let mask = ONNXConstant(.bool, shape, .ints([Int64](repeating: 1, count: shape.elementCount)))
      return [try call.value(0), .constant(mask)]
    },
    "EyeLike": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let number = Int64(try call.int("dtype", default: call.element(0).rawValue))
      guard let element = ONNXElement(rawValue: number), shape.rank == 2 else {
        throw call.failure("type", "a matrix of the shape \(shape) and the type \(number) is not supported")
      }
      try call.spend(shape.elementCount)
      let k = try call.int("k", default: 0)
      let values = (0..<shape.elementCount).map { Int64($0 % shape[1] - $0 / shape[1] == k ? 1 : 0) }
      return [.constant(try ONNXConstant(.int64, shape, .ints(values)).cast(to: element))]
    },
    "Shape": { (call) throws(Diagnostic) in
      let dims = try call.shape(0).dims.map { Int64($0) }
      let places = [try call.int("start", default: 0), try call.int("end", default: Int64(dims.count))]
      let bounds = places.map { min(max($0 < 0 ? $0 &+ dims.count : $0, 0), dims.count) }
      return [.constant(try ONNXConstant(list: bounds[0] < bounds[1] ? Array(dims[bounds[0]..<bounds[1]]) : []))]
    },
    "Size": { (call) throws(Diagnostic) in
      [.constant(ONNXConstant(.int64, try Shape([]), .ints([Int64(try call.shape(0).elementCount)])))]
    },
    "ConstantOfShape": { (call) throws(Diagnostic) in
      let shape = try Shape(try call.constantInts(0, "the shape"))
      let zero = ONNXConstant(.float32, try Shape([1]), .floats([0]))
      let fill = try call.tensor("value") ?? zero
      guard fill.shape.elementCount == 1 else { throw call.failure("attribute", "`value` must hold one number") }
      try call.spend(shape.elementCount)
      return [.constant(fill.gathered([Int](repeating: 0, count: shape.elementCount), shape))]
    },
    "Range": { (call) throws(Diagnostic) in [.constant(try call.range())] },
    "Cast": { (call) throws(Diagnostic) in
      let number = Int64(try call.int("to", default: 0))
      guard let target = ONNXElement(rawValue: number) else {
        throw call.failure("type", "the element type \(number) is unknown")
      }
      return [try call.cast(to: target)]
    },
    "CastLike": { (call) throws(Diagnostic) in [try call.cast(to: try call.element(1))] },
    "Reshape": { (call) throws(Diagnostic) in [try call.reshaped(try call.reshapeTarget())] },
    "Flatten": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let axis = try call.int("axis", default: 1)
      let place = axis < 0 ? axis + shape.rank : axis
      guard (0...shape.rank).contains(place) else { throw call.failure("axis", "there is no axis \(axis)") }
      return [
        try call.reshaped([shape.dims[..<place].reduce(1, *), shape.dims[place...].reduce(1, *)])
      ]
    },
    "Squeeze": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      var axes: [Int] = []
      for axis in try call.list("axes", orInput: 1) ?? [] { axes.append(try shape.normalized(axis: axis)) }
      if axes.isEmpty { axes = (0..<shape.rank).filter { shape[$0] == 1 } }
      guard axes.allSatisfy({ shape[$0] == 1 }) else {
        throw call.failure("axis", "the axes \(axes) of the shape \(shape) are not all of size 1")
      }
      return [try call.reshaped((0..<shape.rank).filter { !axes.contains($0) }.map { shape[$0] })]
    },
    "Unsqueeze": { (call) throws(Diagnostic) in
      let shape = try call.shape(0)
      let axes = try call.list("axes", orInput: 1) ?? []
      let rank = shape.rank + axes.count
      let places = axes.map { $0 < 0 ? $0 + rank : $0 }
      guard Set(places).count == axes.count, places.allSatisfy({ (0..<rank).contains($0) }) else {
        throw call.failure("axis", "the axes \(axes) do not suit the shape \(shape)")
      }
      var dims = shape.dims[...]
      return [try call.reshaped((0..<rank).map { places.contains($0) ? 1 : dims.removeFirst() })]
    },
  ]

  private func constantNode() throws(Diagnostic) -> ONNXConstant {
    if let tensor = try tensor("value") { return tensor }
    if hasAttribute("value_int") {
      return ONNXConstant(.int64, try Shape([]), .ints([Int64(try int("value_int", default: 0))]))
    }
    if hasAttribute("value_float") {
      return ONNXConstant(.float32, try Shape([]), .floats([try float("value_float", default: 0)]))
    }
    if let list = try ints("value_ints") { return try ONNXConstant(list: list.map { Int64($0) }) }
    if let list = try floats("value_floats") { return ONNXConstant(.float32, try Shape([list.count]), .floats(list)) }
    throw failure("constant", "sparse constants and strings are not supported")
  }

  private mutating func range() throws(Diagnostic) -> ONNXConstant {
    let (start, limit, delta) = (
      try constant(0, "the start"), try constant(1, "the limit"), try constant(2, "the step")
    )
    guard let first = start.numbers.first, let end = limit.numbers.first, let step = delta.numbers.first, step != 0
    else { throw failure("range", "the step must not be 0") }
    let count = max(0, ((end - first) / step).rounded(.up))
    guard count <= Double(Shape.maximumElements), let size = Int(exactly: count) else {
      throw failure("range", "has too many elements")
    }
    try spend(size)
    let shape = try Shape([size])
    switch (start.values, delta.values) {
    case (.ints(let a), .ints(let b)):
      return ONNXConstant(start.element, shape, .ints((0..<Int64(size)).map { a[0] &+ $0 &* b[0] }))
    case (.floats(let a), .floats(let b)):
      return ONNXConstant(start.element, shape, .floats((0..<size).map { a[0] + Float($0) * b[0] }))
    default: throw failure("type", "start and step must be of one element type")
    }
  }

  /// A value as another element type; at run time only floats of other widths.
  private mutating func cast(to target: ONNXElement) throws(Diagnostic) -> ONNXValue {
    let own = try element(0)
    if let constant = try known(0) {
      try spend(constant.shape.elementCount)
      return .constant(try constant.cast(to: target))
    }
    let isWider = own == .int32 && target == .int64 || own == .int64 && target == .int32
    if own == target || own.isFloat && target.isFloat || isWider { return .tensor(try data(0), target) }
    if target.isFloat, own == .bool { return .tensor(try real(ofTruth: try data(0)), target) }
    // Bytes as they are have the scale 1.
    if target.isFloat, own == .int8 || own == .uint8 {
      return .tensor(try real(0, Affine(scale: 1, zeroPoint: 0, element: own)), target)
    }
    guard let type = target.tensorElement else { throw failure("type", "a conversion to \(target.refusal)") }
    guard target != .int4, target != .uint4 else {
      throw failure("type", "only constants can have 4 bits, not what is computed")
    }
    // Rounding to a narrower float has no bits of its own here.
    return .tensor(try emit(Operators.Cast(), [try plain(0)], type), target)
  }

  /// The shape that the second input or the attribute says, with 0 and −1 resolved.
  private func reshapeTarget() throws(Diagnostic) -> [Int] {
    let shape = try shape(0)
    var dims = try list("shape", orInput: 1) ?? []
    if try int("allowzero", default: 0) == 0 {
      for (axis, dim) in dims.enumerated() where dim == 0 {
        guard axis < shape.rank else { throw failure("shape", "dimension \(axis) of the input does not exist") }
        dims[axis] = shape[axis]
      }
    }
    guard let open = dims.firstIndex(of: -1) else { return dims }
    var known = 1
    for (axis, dim) in dims.enumerated() where axis != open {
      let (product, overflow) = known.multipliedReportingOverflow(by: dim)
      guard dim >= 0, !overflow else { throw failure("shape", "the shape \(dims) is impossible") }
      known = product
    }
    guard known > 0, shape.elementCount % known == 0 else {
      throw failure("shape", "\(shape) can't become \(dims)")
    }
    dims[open] = shape.elementCount / known
    return dims
  }

  /// The first input under another shape.
  mutating func reshaped(_ dims: [Int]) throws(Diagnostic) -> ONNXValue {
    let target = try Shape(dims)
    let shape = try shape(0)
    guard target.elementCount == shape.elementCount else {
      throw failure("shape", "\(shape) can't become \(target): the numbers of elements differ")
    }
    if case .constant(let constant) = try value(0) {
      var result = constant.reshaped(target)
      // Scales along an axis survive when the axes up to it stay.
      if let quantized = constant.quantized,
        quantized.scales.count == 1 || shape.dims.prefix(quantized.axis + 1) == target.dims.prefix(quantized.axis + 1)
      {
        result.quantized = quantized
        if quantized.scales.count == 1 { result.quantized?.axis = 0 }
      }
      return .constant(result)
    }
    if shape == target { return try value(0) }
    return .tensor(try move(Reshape(shape: dims), try data(0)), try element(0))
  }
}
