import IR
import Operators
import Support

// Arithmetic on values that are known while a file is imported: exporters compute shapes and indices by nodes.

extension ONNXCall {
  /// What two numbers become.
  struct Arithmetic {
    let ints: @Sendable (Int64, Int64) -> Int64?
    let floats: @Sendable (Float, Float) -> Float
    /// Whether the result is a truth value.
    var isTest = false
  }

  /// Takes `count` elements from what may still be computed while the file is imported.
  mutating func spend(_ count: Int) throws(Diagnostic) {
    guard count <= foldingBudget else {
      throw failure("size", "too many constants would have to be computed while the file is imported")
    }
    foldingBudget -= count
  }

  /// The result for two known inputs; nil when one of them is computed at run time.
  mutating func folded(_ operation: Arithmetic) throws(Diagnostic) -> ONNXValue? {
    guard inputs.count == 2, let a = try known(0), let b = try known(1) else { return nil }
    guard a.element != .string else { throw failure("type", "strings are not supported") }
    let pairs = try Broadcast(a.shape, b.shape)
    try spend(pairs.shape.elementCount)
    let element = operation.isTest ? ONNXElement.bool : a.element
    if case .floats(let x) = a.values {
      let y = try b.floats("the second input")
      var result: [Float] = []
      pairs.forEach { result.append(operation.floats(x[$0], y[$1])) }
      if operation.isTest { return .constant(ONNXConstant(.bool, pairs.shape, .ints(result.map { $0 == 0 ? 0 : 1 }))) }
      return .constant(ONNXConstant(element, pairs.shape, .floats(result)))
    }
    let (x, y) = (try a.ints("the first input"), try b.ints("the second input"))
    var result: [Int64] = []
    var isDefined = true
    pairs.forEach { i, j in
      guard let value = operation.ints(x[i], y[j]) else {
        isDefined = false
        return
      }
      result.append(value)
    }
    guard isDefined else { throw failure("arithmetic", "divides by zero or leaves 64 bits") }
    return .constant(try ONNXConstant(element, pairs.shape, .ints(result)).wrapped())
  }

  /// The result for a known input; nil when it is computed at run time.
  mutating func folded(
    ints: (Int64) -> Int64?, floats: (Float) -> Float
  ) throws(Diagnostic) -> ONNXValue? {
    guard let x = try known(0) else { return nil }
    try spend(x.shape.elementCount)
    switch x.values {
    case .floats(let values): return .constant(ONNXConstant(x.element, x.shape, .floats(values.map(floats))))
    case .ints(let values):
      let results = values.compactMap(ints)
      guard results.count == values.count else { throw failure("arithmetic", "leaves 64 bits") }
      return .constant(try ONNXConstant(x.element, x.shape, .ints(results)).wrapped())
    }
  }
}

extension ONNXConstant {
  /// Integers that left the range of their type, modulo its size.
  func wrapped() throws(Diagnostic) -> ONNXConstant {
    guard case .ints(let values) = values, let range = element.range,
      values.contains(where: { !range.contains($0) })
    else { return self }
    return ONNXConstant(
      element, shape,
      .ints(
        values.map { value in
          switch element {
          case .int4: Int64(Int8(truncatingIfNeeded: value << 4) >> 4)
          case .int8: Int64(Int8(truncatingIfNeeded: value))
          case .int16: Int64(Int16(truncatingIfNeeded: value))
          case .int32: Int64(Int32(truncatingIfNeeded: value))
          default: value & range.upperBound
          }
        }))
  }

  /// The values as another element type, as Cast does it.
  func cast(to target: ONNXElement) throws(Diagnostic) -> ONNXConstant {
    guard element != .string, target.isFloat || target.range != nil else {
      throw Diagnostic("onnx.type", "a conversion from \(element) to \(target) is not supported")
    }
    switch values {
    case .floats(let floats):
      if target.isFloat {
        return ONNXConstant(target, shape, .floats(floats.map { target.rounded($0) }), quantized: quantized)
      }
      if target == .bool { return ONNXConstant(target, shape, .ints(floats.map { $0 == 0 ? 0 : 1 })) }
      let ints = floats.map { Int64(exactly: $0.rounded(.towardZero)) }
      guard !ints.contains(nil) else {
        throw Diagnostic("onnx.type", "a float does not fit into \(target)")
      }
      return try ONNXConstant(target, shape, .ints(ints.compactMap { $0 })).wrapped()
    case .ints(let ints):
      if target.isFloat { return ONNXConstant(target, shape, .floats(ints.map { Float($0) })) }
      if target == .bool { return ONNXConstant(target, shape, .ints(ints.map { $0 == 0 ? 0 : 1 })) }
      return try ONNXConstant(target, shape, .ints(ints)).wrapped()
    }
  }
}

extension ONNXElement {
  /// The nearest number of a narrower float type.
  func rounded(_ value: Float) -> Float {
    guard self == .bfloat16, value.isFinite else { return value }
    // To nearest, ties to even, on the upper 16 bits.
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
