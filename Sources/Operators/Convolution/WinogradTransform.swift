/// Winograd's F(4×4, 3×3) in integers: the matrices that `Templates/functions/winograd_*.c` compute with, and what makes
/// them exact.
///
/// With the points 0, 1, −1, 2, −2 and ∞, and with the denominators of the usual weight transform moved to the output, all
/// entries are integers, and for every 6×6 tile of pixels d and every 3×3 filter g
///
///     output · ((weight g weightᵀ) ∘ (pixel d pixelᵀ)) · outputᵀ  =  24² × the 4×4 convolutions
///
/// is an identity of polynomials with integer coefficients. It therefore also holds modulo 2^32, for sums over channels, and
/// whatever wraps on the way. 24² = 2⁶ · 9, and 9 has an inverse modulo 2^32: the product with it is 2⁶ times the
/// convolution, modulo 2^32. When the convolution lies within −2²⁵..<2²⁵, 2⁶ times it is a 32-bit number, and an arithmetic
/// shift by 6 gives the convolution itself. The bias is added behind that, modulo 2^32 like the reference adds it.
package enum WinogradTransform {
  /// Elements of a transformed tile.
  package static let places = 36
  package static let pixel: [[Int32]] = [
    [4, 0, -5, 0, 1, 0], [0, 4, 4, -1, -1, 0], [0, -4, 4, 1, -1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ]
  package static let weight: [[Int32]] = [[1, 0, 0], [1, 1, 1], [1, -1, 1], [1, 2, 4], [1, -2, 4], [0, 0, 1]]
  package static let output: [[Int32]] = [
    [6, 4, 4, 1, 1, 0], [0, 4, -4, 2, -2, 0], [0, 4, 4, 4, 4, 0], [0, 4, -4, 8, -8, 24],
  ]
  /// What the convolutions come multiplied by.
  package static let scale: Int32 = 24 * 24

  /// No int8 pixels make the sum of products with the weights of a filter, without its bias, too large.
  package static func isExact(_ weights: ArraySlice<Int32>) -> Bool {
    var (low, high) = (Int64(0), Int64(0))
    for weight in weights {
      let (a, b) = (Int64(weight) * -128, Int64(weight) * 127)
      low += min(a, b)
      high += max(a, b)
    }
    return low >= -(1 << 25) && high < 1 << 25
  }

  /// A filter [3, 3, channels] as the C reads it: pairs of channels with 9 taps each, the last one with zeros where the
  /// number of channels is odd.
  package static func packed(_ weights: ArraySlice<Int32>, channels: Int) -> [Int32] {
    (0..<(channels + 1) / 2 * 2).flatMap { channel in
      (0..<9).map { tap in channel < channels ? weights[weights.startIndex + tap * channels + channel] : 0 }
    }
  }
}
