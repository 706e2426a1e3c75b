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

    /// The type of such a tensor in the graph; nil for types that are not supported.
    var graphElement: ElementType? {
      switch element {
      case .int8, .uint8: .int8
      case .int16: .int16
      default: nil
      }
    }
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

  private func graphElement(_ affine: Affine) throws(Diagnostic) -> ElementType {
    guard let element = affine.graphElement else {
      throw failure("type", "integers of the type \(affine.element) are not supported")
    }
    return element
  }

  /// An input of integers with a scale and a zero point, as an int8 or int16 tensor.
  mutating func integers(_ input: Int, _ affine: Affine) throws(Diagnostic) -> TensorID {
    let target = try graphElement(affine)
    guard try element(input) == affine.element else {
      throw failure("type", "the input \(input) is \(try element(input)), but its zero point \(affine.element)")
    }
    let quantization = try affine.quantization()
    if let constant = try known(input) {
      let shift: Int64 = affine.element == .uint8 ? 128 : 0
      let values = try constant.ints("the input").map { Int32(truncatingIfNeeded: $0 - shift) }
      return add(Tensor(TensorType(target, constant.shape, quantization), ints: values), "input\(input)")
    }
    let id = try data(input)
    guard graph[id].type.element == .uint8 else { return try tagged(id, quantization) }
    let plain = try tagged(
      id, try .perTensor(scale: affine.scale, zeroPoint: Int32(truncatingIfNeeded: affine.zeroPoint)))
    return try emit(Quantize(), [plain], .int8, quantization)
  }

  /// Floats as integers: the nearest number of steps, ties to even, as ONNX wants it.
  mutating func quantized(_ x: TensorID, _ affine: Affine) throws(Diagnostic) -> ONNXValue {
    let op = Quantize(roundsToEven: true)
    return .tensor(try emit(op, [x], try graphElement(affine), try affine.quantization()), affine.element)
  }

  /// Integers as floats.
  mutating func real(_ input: Int, _ affine: Affine) throws(Diagnostic) -> TensorID {
    try emit(Dequantize(), [try integers(input, affine)], .float32)
  }

  private mutating func quantizeLinear() throws(Diagnostic) -> ONNXValue {
    let target = try int("output_dtype", default: 0)
    let element = target == 0 ? ONNXElement.uint8 : ONNXElement(rawValue: Int64(target)) ?? .uint8
    let slices = try ONNXSliceScales(self, of: try shape(0), default: element)
    if let constant = try known(0) { return .constant(try quantized(constant, slices)) }
    if let affine = slices.affine { return try quantized(try float(0), affine) }
    // Each slice by its own scale, rounded and moved as floats; the integers are exact.
    let (scales, points) = (try add(slices.constant(slices.scales), "scale"), slices.points.map { Float($0) })
    let steps = try emit(Division(activation: .none), [try float(0), scales], .float32)
    let rounded = try emit(PointwiseFunction(.round), [steps], .float32)
    let moved = try emit(
      Add(activation: .none), [rounded, try add(slices.constant(points), "zero_point")], .float32)
    return try quantized(moved, Affine(scale: 1, zeroPoint: 0, element: slices.element))
  }

  private mutating func dequantizeLinear() throws(Diagnostic) -> ONNXValue {
    let slices = try ONNXSliceScales(self, of: try shape(0), default: try element(0))
    if let constant = try known(0) { return .constant(try dequantized(constant, slices)) }
    if let affine = slices.affine { return .tensor(try real(0, affine), .float32) }
    let plain = try real(0, Affine(scale: 1, zeroPoint: 0, element: slices.element))
    let points = try add(slices.constant(slices.points.map { Float($0) }), "zero_point")
    let steps = try emit(Sub(activation: .none), [plain, points], .float32)
    let scales = try add(slices.constant(slices.scales), "scale")
    return .tensor(try emit(Mul(activation: .none), [steps, scales], .float32), .float32)
  }

  /// Constant floats as integers of any type.
  private mutating func quantized(_ constant: ONNXConstant, _ slices: ONNXSliceScales) throws(Diagnostic)
    -> ONNXConstant
  {
    guard let range = slices.element.range else {
      throw failure("type", "integers of the type \(slices.element) are not supported")
    }
    try spend(constant.shape.elementCount)
    let values = try constant.floats("the input").enumerated().map { (index, value) -> Int64 in
      let slice = slices.slice(index)
      let steps = (value / slices.scales[slice]).rounded(.toNearestOrEven)
      let point = slices.points[slice]
      if steps.isNaN { return point }
      guard steps.magnitude < 0x1p40 else { return steps < 0 ? range.lowerBound : range.upperBound }
      return min(max(Int64(steps) &+ point, range.lowerBound), range.upperBound)
    }
    return ONNXConstant(slices.element, constant.shape, .ints(values))
  }

  /// A constant as floats, which remembers its integers.
  private mutating func dequantized(_ constant: ONNXConstant, _ slices: ONNXSliceScales) throws(Diagnostic)
    -> ONNXConstant
  {
    let shape = constant.shape
    try spend(shape.elementCount)
    var ints: [Int32] = []
    var floats: [Float] = []
    for (index, value) in try constant.ints("the input").enumerated() {
      let slice = slices.slice(index)
      let (distance, overflow) = value.subtractingReportingOverflow(slices.points[slice])
      guard !overflow, let steps = Int32(exactly: distance) else {
        throw failure("type", "integers of more than 32 bits are not supported")
      }
      ints.append(steps)
      floats.append(Float(steps) * slices.scales[slice])
    }
    var result = ONNXConstant(.float32, shape, .floats(floats))
    if slices.block == nil, slices.scales.allSatisfy({ $0.isFinite && $0 > 0 }) {
      let isNarrow = [.int8, .uint8, .int4, .uint4].contains(constant.element)
      result.quantized = .init(ints: ints, scales: slices.scales, axis: slices.axis, isNarrow: isNarrow)
    }
    return result
  }
}
