import IR
import Support

/// Tables of functions of int8 that are computed in single precision.
///
/// Source: `LUTPopulate` in `tensorflow/lite/kernels/internal/common.h`. Where a result has no 32-bit integer, which the
/// reference does not define, it saturates like those just below.
enum FloatTable {
  /// The function of the real value of each element, to the nearest number of steps, half away from zero.
  static func map(
    _ input: Tensor, as output: TensorType, _ function: (Float) -> Float
  ) throws(Diagnostic) -> Tensor {
    let (scale, zeroPoint) = try input.type.affine("the input")
    let (outputScale, outputZeroPoint) = try output.affine("the output")
    let values = try input.ints("input").map { (element: Int32) -> Int32 in
      let y = function(scale * Float(element - zeroPoint))
      let steps = (y * (1 / outputScale)).rounded() + Float(outputZeroPoint)
      // Zero times an infinite factor.
      if steps.isNaN { return outputZeroPoint }
      return steps < -128 ? -128 : steps > 127 ? 127 : Int32(steps)
    }
    return Tensor(output, ints: values)
  }
}
