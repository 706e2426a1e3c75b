import Support

/// Logistic function and hyperbolic tangent of 16-bit numbers by interpolation in a table of the logistic function.
///
/// Source: `tensorflow/lite/kernels/internal/reference/integer_ops/{logistic,tanh}.h`.
enum SigmoidTable {
  /// Of i / 24, as numbers with 16 fraction bits. Each is raised by half of what the interpolation to the next one lacks in
  /// the middle, and the last one is the largest number.
  static let values: [Int32] = (0...255).map { (i: Int) -> Int32 in
    func exact(_ x: Double) -> Double { 65536 / (1 + RealFunctions.exp(-x / 24)) }
    if i == 255 { return 65535 }
    let x = Double(i)
    let lack = exact(x + 0.5) - (exact(x) + exact(x + 1)) / 2
    return Int32((exact(x) + lack / 2).rounded())
  }

  /// The input times 12,288 × its scale, as a number of steps of the table's finest interpolation.
  private static func steps(_ x: Int32, _ multiplier: Int32, _ shift: Int) -> Int32 {
    (x &* multiplier &+ (shift > 0 ? 1 << Int32(shift - 1) : 0)) >> Int32(shift)
  }

  static func logistic(_ x: Int32, _ multiplier: Int32, _ shift: Int) -> Int32 {
    let value = steps(x, multiplier, shift)
    let magnitude = abs(value)
    let index = Int(magnitude >> 9)
    var result: Int32 = 32767 << 10
    if index < 255 {
      result = values[index] << 9 + (magnitude & 511) * (values[index + 1] - values[index])
    }
    return (value >= 0 ? result + 512 : 1 << 25 - result + 511) >> 10
  }

  static func tanh(_ x: Int32, _ multiplier: Int32, _ shift: Int) -> Int32 {
    let value = steps(x, multiplier, shift)
    let magnitude = abs(value)
    let index = Int(magnitude >> 8)
    var result: Int32 = 65535 << 8
    if index < 255 {
      result = values[index] << 8 + (magnitude & 255) * (values[index + 1] - values[index])
    }
    return (value >= 0 ? result - 1 << 23 + 128 : 1 << 23 - result + 127) >> 8
  }
}

/// How LOGISTIC and TANH read 16-bit inputs: times `multiplier`, shifted right by `shift`.
///
/// Source: `CalculateArithmeticOpDataLogistic` in `tensorflow/lite/micro/kernels/logistic_common.cc` and
/// `CalculateArithmeticOpData` in `tensorflow/lite/micro/kernels/tanh.cc`.
struct SigmoidInput {
  let multiplier: Int32
  let shift: Int

  /// - Parameter maximumShift: scales of 2^-12 up to 2^(maximumShift - 12) are read without a general multiplier.
  init(_ input: (scale: Float, zeroPoint: Int32), _ output: (scale: Float, zeroPoint: Int32), maximumShift: Int)
    throws(Diagnostic)
  {
    guard input.zeroPoint == 0, output.zeroPoint == 0, Self.powerOfTwo(output.scale) == -15 else {
      throw Diagnostic(
        "operator.scale", "16-bit operands must have zero points of 0 and an output scale of 2^-15, as in the reference"
      )
    }
    if let exponent = Self.powerOfTwo(input.scale), (0...maximumShift).contains(exponent + 12) {
      multiplier = 3 << Int32(exponent + 12)
      shift = 0
      return
    }
    var factor = Double(input.scale) * 12288
    var shift = 0
    while factor <= 32767.0 / 2, shift <= 30 {
      shift += 1
      factor *= 2
    }
    guard factor <= 32767 else {
      throw Diagnostic("operator.scale", "the input scale \(input.scale) is above 2.66, too large for the reference")
    }
    multiplier = Int32(factor)
    self.shift = shift
  }

  /// The exponent of a scale that is nearly a power of 2.
  private static func powerOfTwo(_ scale: Float) -> Int? {
    let logarithm = Float(RealFunctions.log(Double(scale))) * (1 / Float(RealFunctions.log(2)))
    let rounded = logarithm.rounded()
    return (logarithm - rounded).magnitude < 1e-3 ? Int(rounded) : nil
  }
}
