import IR
import Operators
import Support

/// QuantizeLinear and DequantizeLinear.
extension ONNXCall {
  static let quantization: [String: Builder] = {
    let quantize: Builder = { (call) throws(Diagnostic) in [try call.quantizeLinear()] }
    let dequantize: Builder = { (call) throws(Diagnostic) in [try call.dequantizeLinear()] }
    return [
      "QuantizeLinear": quantize, "DequantizeLinear": dequantize, "com.microsoft.QuantizeLinear": quantize,
      "com.microsoft.DequantizeLinear": dequantize,
    ]
  }()

  /// A scale and a zero point, as the file has them for a value.
  struct Affine {
    let scale: Float
    let zeroPoint: Int64
    let element: ONNXElement

    /// For a tensor in the graph, where uint8 is shifted to int8.
    func quantization() throws(Diagnostic) -> Quantization {
      let shifted = element == .uint8 ? zeroPoint - 128 : zeroPoint
      return try .perTensor(scale: scale, zeroPoint: Int32(truncatingIfNeeded: shifted))
    }

    var isByte: Bool { element == .int8 || element == .uint8 }
  }

  /// The scale in the input `scale` and the zero point in the input after it, which must be single numbers.
  func affine(_ scale: Int, zeroPoint: Int, default element: ONNXElement) throws(Diagnostic) -> Affine {
    let scales = try constant(scale, "the scale").floats("the scale")
    guard let value = scales.first, scales.count == 1 else {
      throw failure("scale", "a scale for each slice is only supported for constants")
    }
    guard has(zeroPoint) else { return Affine(scale: value, zeroPoint: 0, element: element) }
    let point = try constant(zeroPoint, "the zero point")
    guard let number = try point.ints("the zero point").first, point.shape.elementCount == 1 else {
      throw failure("scale", "the zero point must be one number")
    }
    return Affine(scale: value, zeroPoint: number, element: point.element)
  }

  /// An input of 8-bit integers with a scale and a zero point, as an int8 tensor.
  mutating func integers(_ input: Int, _ affine: Affine) throws(Diagnostic) -> TensorID {
    guard affine.isByte else { throw failure("type", "integers of the type \(affine.element) are not supported") }
    guard try element(input) == affine.element else {
      throw failure("type", "the input \(input) is \(try element(input)), but its zero point \(affine.element)")
    }
    let quantization = try affine.quantization()
    if let constant = try known(input) {
      let shift: Int64 = affine.element == .uint8 ? 128 : 0
      let values = try constant.ints("the input").map { Int32(truncatingIfNeeded: $0 - shift) }
      return add(Tensor(TensorType(.int8, constant.shape, quantization), ints: values), "input\(input)")
    }
    let id = try data(input)
    guard graph[id].type.element == .uint8 else { return try tagged(id, quantization) }
    let plain = try tagged(
      id, try .perTensor(scale: affine.scale, zeroPoint: Int32(truncatingIfNeeded: affine.zeroPoint)))
    return try emit(Quantize(), [plain], .int8, quantization)
  }

  /// Floats as 8-bit integers: the nearest number of steps, ties to even, as ONNX wants it.
  mutating func quantized(_ x: TensorID, _ affine: Affine) throws(Diagnostic) -> ONNXValue {
    guard affine.isByte else { throw failure("type", "integers of the type \(affine.element) are not supported") }
    let op = Quantize(roundsToEven: true)
    return .tensor(try emit(op, [x], .int8, try affine.quantization()), affine.element)
  }

  /// 8-bit integers as floats.
  mutating func real(_ input: Int, _ affine: Affine) throws(Diagnostic) -> TensorID {
    try emit(Dequantize(), [try integers(input, affine)], .float32)
  }

  private mutating func quantizeLinear() throws(Diagnostic) -> ONNXValue {
    guard try int("block_size", default: 0) == 0 else { throw failure("attribute", "blocks are not supported") }
    let target = try int("output_dtype", default: 0)
    let element = target == 0 ? ONNXElement.uint8 : ONNXElement(rawValue: Int64(target)) ?? .uint8
    return try quantized(try float(0), try affine(1, zeroPoint: 2, default: element))
  }

  private mutating func dequantizeLinear() throws(Diagnostic) -> ONNXValue {
    guard try int("block_size", default: 0) == 0 else { throw failure("attribute", "blocks are not supported") }
    if let constant = try known(0) { return .constant(try dequantized(constant)) }
    let affine = try affine(1, zeroPoint: 2, default: try element(0))
    return .tensor(try real(0, affine), .float32)
  }

  /// A constant as floats, which remembers its integers.
  private mutating func dequantized(_ constant: ONNXConstant) throws(Diagnostic) -> ONNXConstant {
    let scales = try self.constant(1, "the scale").floats("the scale")
    let points = has(2) ? try self.constant(2, "the zero point").ints("the zero point") : []
    let shape = constant.shape
    var axis = 0
    if scales.count > 1 {
      axis = try shape.normalized(axis: try int("axis", default: 1))
      guard shape[axis] == scales.count else {
        throw failure("scale", "\(scales.count) scales do not suit axis \(axis) of the shape \(shape)")
      }
    }
    guard !scales.isEmpty, points.isEmpty || points.count == scales.count else {
      throw failure("scale", "\(scales.count) scales and \(points.count) zero points do not belong together")
    }
    try spend(shape.elementCount)
    let inner = scales.count > 1 ? shape.strides[axis] : max(1, shape.elementCount)
    var ints: [Int32] = []
    var floats: [Float] = []
    for (index, value) in try constant.ints("the input").enumerated() {
      let slice = index / inner % scales.count
      let (distance, overflow) = value.subtractingReportingOverflow(points.isEmpty ? 0 : points[slice])
      guard !overflow, let steps = Int32(exactly: distance) else {
        throw failure("type", "integers of more than 32 bits are not supported")
      }
      ints.append(steps)
      floats.append(Float(steps) * scales[slice])
    }
    var result = ONNXConstant(.float32, shape, .floats(floats))
    if scales.allSatisfy({ $0.isFinite && $0 > 0 }) {
      let isNarrow = [.int8, .uint8, .int4, .uint4].contains(constant.element)
      result.quantized = .init(ints: ints, scales: scales, axis: axis, isNarrow: isNarrow)
    }
    return result
  }
}
