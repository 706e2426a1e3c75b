import IR
import Support

/// Constant int8 weights without their zero points, as integer operators have them.
///
/// Those of unsigned types with a zero point are from −255 to 255 and need 16 bits: int8 where all of them fit, else int16.
struct SymmetricWeights {
  let values: [Int32]
  /// All of them are int8.
  let isNarrow: Bool
  /// Where they stand after folding: the operator's second input, or a constant.
  let input: FoldedOperator.Input

  /// - Parameters:
  ///   - axis: the one that counts the output channels.
  ///   - channelOf: the output channel to which the weight at an index belongs.
  init(_ weights: Operand, axis: Int, channelOf: (Int) -> Int) throws(Diagnostic) {
    let own = try weights.constantInts("the weights")
    let points = weights.type.quantization?.zeroPoints ?? []
    guard points.contains(where: { $0 != 0 }) else {
      values = own
      isNarrow = true
      input = .input(1)
      return
    }
    guard points.count == 1 || points.count == weights.type.shape[axis] && weights.type.quantization?.axis == axis
    else {
      throw Diagnostic("quantization.count", "\(points.count) zero points of the weights do not suit axis \(axis)")
    }
    guard points.allSatisfy({ (-128...127).contains($0) }) else {
      throw Diagnostic("quantization.zero-point", "a zero point of the weights is no int8")
    }
    let values = own.enumerated().map { $1 - points[points.count == 1 ? 0 : channelOf($0)] }
    let isNarrow = values.allSatisfy { (-128...127).contains($0) }
    self.values = values
    self.isNarrow = isNarrow
    input = .constant(
      Tensor(TensorType(isNarrow ? .int8 : .int16, weights.type.shape), ints: values), "weights")
  }

  /// The values of weights that an evaluation has at hand.
  static func values(_ weights: Tensor, axis: Int, channelOf: (Int) -> Int) throws(Diagnostic) -> [Int32] {
    try SymmetricWeights(Operand(weights.type, constant: weights), axis: axis, channelOf: channelOf).values
  }
}
