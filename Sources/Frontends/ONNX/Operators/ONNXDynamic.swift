import IR
import Operators
import Support

/// Layers whose input is quantized while they run, see ``ONNXDynamicLayers``: they are taken as layers of floats.
extension ONNXCall {
  static let dynamicQuantization: [String: Builder] = [
    "DynamicQuantizeLinear": { (call) throws(Diagnostic) in try call.dynamicQuantizeLinear() },
    "nncgen.DynamicConv": { (call) throws(Diagnostic) in
      let weights = try call.realWeights(1, scale: 2, zeroPoint: 3, axis: 0)
      return [.tensor(try call.convolution(try call.float(0), weights, nil, .float32, nil), .float32)]
    },
    "nncgen.DynamicMatMul": { (call) throws(Diagnostic) in [try call.dynamicMatMul(scale: 2, zeroPoint: 3, bias: 4)] },
    "com.microsoft.DynamicQuantizeMatMul": { (call) throws(Diagnostic) in
      [try call.dynamicMatMul(scale: 2, zeroPoint: 3, bias: 4)]
    },
    "com.microsoft.MatMulIntegerToFloat": { (call) throws(Diagnostic) in
      let own = try call.affine(2, zeroPoint: 4, default: try call.element(0))
      let x = try call.real(0, own)
      return [.tensor(try call.realProduct(x, scale: 3, zeroPoint: 5, bias: 6), .float32)]
    },
  ]

  /// Constants fold; the scale of anything else is only known at run time.
  private mutating func dynamicQuantizeLinear() throws(Diagnostic) -> [ONNXValue] {
    guard let x = try known(0) else {
      throw failure(
        "dynamic",
        "finds a scale while the network runs, which needs floats; only layers as quantize_dynamic writes them are taken"
      )
    }
    try spend(x.shape.elementCount)
    let values = try x.floats("the input")
    let (low, high) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    let scale = (high == low ? 1 : high - low) / 255
    let point = max(0, min(255, (0 - low / scale))).rounded(.toNearestOrEven)
    guard scale.isFinite, scale > 0, point.isFinite else {
      throw failure("dynamic", "the constant has no finite scale")
    }
    let integers = values.map { value -> Int64 in
      let steps = (value / scale).rounded(.toNearestOrEven) + point
      return steps.isNaN ? Int64(point) : Int64(max(0, min(255, steps)))
    }
    let single = try Shape([])
    return [
      .constant(ONNXConstant(.uint8, x.shape, .ints(integers))),
      .constant(ONNXConstant(.float32, single, .floats([scale]))),
      .constant(ONNXConstant(.uint8, single, .ints([Int64(point)]))),
    ]
  }

  /// Weights of integers as floats.
  private mutating func realWeights(
    _ input: Int, scale: Int, zeroPoint: Int, axis: Int
  ) throws(Diagnostic) -> ONNXConstant {
    note(
      "layers that quantize their input while they run are taken as layers of floats, with weights of their real values"
    )
    return try weights(input, scale: scale, zeroPoint: zeroPoint, axis: axis).real()
  }

  private mutating func dynamicMatMul(scale: Int, zeroPoint: Int, bias: Int) throws(Diagnostic) -> ONNXValue {
    .tensor(try realProduct(try float(0), scale: scale, zeroPoint: zeroPoint, bias: bias), .float32)
  }

  /// `x` times the constant matrix of integers that the input 1 is.
  private mutating func realProduct(
    _ x: TensorID, scale: Int, zeroPoint: Int, bias: Int
  ) throws(Diagnostic) -> TensorID {
    guard try shape(1).rank == 2 else { throw failure("rank", "the second input must be a matrix") }
    let weights = try realWeights(1, scale: scale, zeroPoint: zeroPoint, axis: 1).transposed([1, 0])
    let addend = has(bias) ? try add(try constant(bias, "the bias").flattened(), "bias") : nil
    return try dense(x, weights, addend)
  }
}

extension ONNXConstant {
  /// Integers with their scales as floats; nothing is remembered of the integers.
  fileprivate func real() throws(Diagnostic) -> ONNXConstant {
    guard let quantized else { return self }
    let inner = quantized.scales.count == 1 ? max(1, shape.elementCount) : max(1, shape.strides[quantized.axis])
    let floats = quantized.ints.enumerated().map { index, value in
      Float(value) * quantized.scales[index / inner % quantized.scales.count]
    }
    return ONNXConstant(.float32, shape, .floats(floats))
  }
}
