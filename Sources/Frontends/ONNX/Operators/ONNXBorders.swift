import IR
import Operators
import Support

/// Operators that put borders around tensors.
extension ONNXCall {
  static let borders: [String: Builder] = [
    "CenterCropPad": { (call) throws(Diagnostic) in [try call.centered()] },
    "Pad": { (call) throws(Diagnostic) in try call.padded() },
  ]

  /// A value as a tensor of the graph.
  private mutating func tensor(of value: ONNXValue) throws(Diagnostic) -> TensorID {
    switch value {
    case .tensor(let id, _): id
    case .constant(let constant): try add(constant, "data")
    case .unknown: throw failure("inputs", "the input is not known")
    }
  }

  /// The middle of the first input, or the input in the middle of zeros.
  private mutating func centered() throws(Diagnostic) -> ONNXValue {
    let shape = try shape(0)
    let sizes = try constantInts(1, "the shape")
    var axes: [Int] = []
    for axis in try ints("axes") ?? Array(0..<shape.rank) { axes.append(try shape.normalized(axis: axis)) }
    guard axes.count == sizes.count, Set(axes).count == axes.count, sizes.allSatisfy({ $0 > 0 }) else {
      throw failure("pad", "the sizes \(sizes) do not suit the axes \(axes)")
    }
    var cuts: [Cut] = []
    var (before, after) = ([Int](repeating: 0, count: shape.rank), [Int](repeating: 0, count: shape.rank))
    for (axis, size) in zip(axes, sizes) {
      let room = size - shape[axis]
      if room < 0 { cuts.append(Cut(axis: axis, begin: -room / 2, step: 1, count: size)) }
      if room > 0 { (before[axis], after[axis]) = (room / 2, room - room / 2) }
    }
    let value = cuts.isEmpty ? try value(0) : try slice(try value(0), cuts, dropping: [])
    guard (before + after).contains(where: { $0 > 0 }) else { return value }
    let element = try element(0)
    let id = try tensor(of: value)
    let isShifted = element == .uint8 && graph[id].type.element == .int8
    return .tensor(try move(Pad(before: before, after: after, value: isShifted ? -128 : 0), id), element)
  }

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
    let id = try tensor(of: value)
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
