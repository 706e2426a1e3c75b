import IR
import Operators
import Support

/// ConvInteger and MatMulInteger: the sums of layers of integers as they are.
extension ONNXCall {
  static let integerLayers: [String: Builder] = [
    "ConvInteger": { (call) throws(Diagnostic) in
      let x = try call.summands(0, zeroPoint: 2)
      let weights = try call.weights(1, scale: nil, zeroPoint: 3, axis: 0)
      return [.tensor(try call.convolution(x, weights, nil, .int32, nil), .int32)]
    },
    "MatMulInteger": { (call) throws(Diagnostic) in
      let x = try call.summands(0, zeroPoint: 2)
      guard try call.shape(1).rank == 2, try call.known(1) != nil else {
        return [.tensor(try call.matrixProduct(of: x, try call.summands(1, zeroPoint: 3), .int32, nil), .int32)]
      }
      let weights = try call.weights(1, scale: nil, zeroPoint: 3, axis: 1).transposed([1, 0])
      return [.tensor(try call.dense(x, weights, nil, .int32, nil), .int32)]
    },
  ]

  /// Integers of 8 bits with a zero point and without a scale, which counts as 1.
  private mutating func summands(_ input: Int, zeroPoint: Int) throws(Diagnostic) -> TensorID {
    guard has(zeroPoint) else {
      return try integers(input, Affine(scale: 1, zeroPoint: 0, element: try element(input)))
    }
    let points = try constant(zeroPoint, "the zero point")
    guard let point = try points.ints("the zero point").first, points.shape.elementCount == 1 else {
      throw failure("scale", "a zero point for each row is only supported for constants")
    }
    return try integers(input, Affine(scale: 1, zeroPoint: point, element: points.element))
  }
}
