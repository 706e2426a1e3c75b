import Support

/// How Resize makes the elements of an axis from those of another size.
///
/// Source: the description of the operator Resize in the ONNX standard.
struct ResizingRule {
  let mode: String
  let coordinates: String
  let rounding: String
  /// The parameter of the cubic filter.
  var cubic = -0.75
  /// Whether the filter becomes wider when the axis becomes shorter.
  var isSmoothed = false
  /// Whether elements outside of the axis don't count, instead of being those at its ends.
  var excludesOutside = false

  private static func failure(_ message: String) -> Diagnostic { Diagnostic("onnx.resize", message) }

  /// Where an element of the result lies in the input.
  ///
  /// - Parameter span: the part of the axis that is taken, as shares of its length.
  func coordinate(
    _ place: Int, _ factor: Double, _ size: Int, _ target: Int, _ span: (Double, Double)
  ) throws(Diagnostic) -> Double {
    let x = Double(place)
    let length = factor * Double(size)
    switch coordinates {
    case "half_pixel": return (x + 0.5) / factor - 0.5
    case "pytorch_half_pixel": return target > 1 ? (x + 0.5) / factor - 0.5 : -0.5
    case "half_pixel_symmetric":
      return Double(size) / 2 * (1 - Double(target) / length) + (x + 0.5) / factor - 0.5
    case "align_corners": return target > 1 ? x * Double(size - 1) / (length - 1) : 0
    case "asymmetric": return x / factor
    case "tf_crop_and_resize":
      let last = Double(size - 1)
      let middle = (span.0 + span.1) / 2 * last
      return target > 1 ? span.0 * last + x * (span.1 - span.0) * last / (length - 1) : middle
    default: throw Self.failure("the coordinates `\(coordinates)` are not supported")
    }
  }

  /// The element that is nearest to a position.
  func rounded(_ position: Double) throws(Diagnostic) -> Int {
    switch rounding {
    case "round_prefer_floor": return Int((position - 0.5).rounded(.up))
    case "round_prefer_ceil": return Int((position + 0.5).rounded(.down))
    case "floor": return Int(position.rounded(.down))
    case "ceil": return Int(position.rounded(.up))
    default: throw Self.failure("the rounding `\(rounding)` is not supported")
    }
  }

  /// The share that each of `size` elements has in the value at a position.
  func weights(_ position: Double, _ factor: Double, _ size: Int) throws(Diagnostic) -> [Float] {
    var result = [Double](repeating: 0, count: size)
    guard position.magnitude <= 0x1p30 else { throw Self.failure("a position is no number that can be reached") }
    if mode == "nearest" {
      result[min(max(try rounded(position), 0), size - 1)] = 1
      return result.map { Float($0) }
    }
    guard mode == "linear" || mode == "cubic" else { throw Self.failure("the mode `\(mode)` is not supported") }
    let scale = isSmoothed ? min(factor, 1) : 1
    let radius = (mode == "linear" ? 1 : 2) / scale
    guard radius <= 65_535 else { throw Self.failure("the factor is too small") }
    var total = 0.0
    for tap in Int((position - radius).rounded(.down))...Int((position + radius).rounded(.up)) {
      let part = share(((Double(tap) - position) * scale).magnitude)
      if excludesOutside, !(0..<size).contains(tap) { continue }
      result[min(max(tap, 0), size - 1)] += part
      total += part
    }
    // The shares of a widened filter, or of one with parts outside, don't add up to 1 by themselves.
    return result.map { Float($0 / (isSmoothed || excludesOutside ? total : 1)) }
  }

  /// The share of a pixel at a distance.
  func share(_ x: Double) -> Double {
    if mode == "linear" { return max(0, 1 - x) }
    if x <= 1 { return ((cubic + 2) * x - (cubic + 3)) * x * x + 1 }
    return x < 2 ? ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic : 0
  }
}
