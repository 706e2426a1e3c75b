/// How the scales of an operator's operands hang together in int8, as TensorFlow Lite Micro demands it.
package enum QuantizationRule: Equatable, Sendable {
  /// Every output has a scale and zero point of its own, and inputs may have any.
  case own
  /// All inputs and outputs have one scale and zero point.
  case shared
  /// The output has this scale and zero point, whatever its values are.
  case fixed(scale: Float, zeroPoint: Int32)
  /// Data, constant weights with one scale for each slice of the axis, and optionally a bias in the scale input × weights.
  case weighted(channelAxis: Int)
}

// Operators that pick or replace elements, whose conditions and indices are no real values.
extension Select { package var quantizationRule: QuantizationRule { .shared } }
extension Gather { package var quantizationRule: QuantizationRule { .shared } }
extension GatherND { package var quantizationRule: QuantizationRule { .shared } }
extension DynamicUpdateSlice { package var quantizationRule: QuantizationRule { .shared } }
