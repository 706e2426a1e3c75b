package import IR
import Support

/// Input vectors that reach the corners: zero point, extremes, ramps, then random values.
package enum VectorGenerator {
  /// `count` vectors for inputs of the integer types `types`; the same ones every time.
  package static func vectors(for types: [TensorType], count: Int = 16, seed: UInt64 = 1) -> [[Tensor]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in types.map { vector(index, $0, &random) } }
  }

  private static func vector(_ index: Int, _ type: TensorType, _ random: inout SplitMix64) -> Tensor {
    let range = type.element.range ?? 0...0
    let span = Int(range.upperBound) - Int(range.lowerBound) + 1
    let zeroPoint = range.clamping(type.quantization?.zeroPoints.first ?? 0)
    let values = (0..<type.shape.elementCount).map { i -> Int32 in
      switch index {
      case 0: zeroPoint
      case 1: range.lowerBound
      case 2: range.upperBound
      case 3: Int32(Int(range.lowerBound) + i % span)
      case 4: i % 2 == 0 ? range.lowerBound : range.upperBound
      // Small values around the zero point, as real signals have them.
      case let k where k % 3 == 0: range.clamping(zeroPoint + Int32.random(in: -12...12, using: &random))
      default: Int32.random(in: range, using: &random)
      }
    }
    return Tensor(type, ints: values)
  }
}

extension ClosedRange<Int32> {
  fileprivate func clamping(_ value: Int32) -> Int32 { Swift.min(Swift.max(value, lowerBound), upperBound) }
}
