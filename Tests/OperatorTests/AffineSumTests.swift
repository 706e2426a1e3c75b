import Compiler
import IR
import Operators
import Support
import Testing

/// Sums in 32 bits equal the reference for every pair of inputs.
@Suite struct AffineSumTests {
  private func type(_ scale: Float, _ zeroPoint: Int32) throws -> TensorType {
    TensorType(.int8, try Shape([4]), try .perTensor(scale: scale, zeroPoint: zeroPoint))
  }

  /// The operator in integer normal form.
  private func sum(
    _ scales: [Float], _ zeroPoints: [Int32], subtracts: Bool = false, _ activation: Activation = .none
  ) throws -> IntegerAdd {
    let inputs = [Operand(try type(scales[0], zeroPoints[0])), Operand(try type(scales[1], zeroPoints[1]))]
    let output = [try type(scales[2], zeroPoints[2])]
    let folded =
      subtracts
      ? try Sub(activation: activation).folded(inputs, output)
      : try Add(activation: activation).folded(inputs, output)
    return try #require(folded.op as? IntegerAdd)
  }

  private func wrongPairs(_ op: IntegerAdd, _ affine: AffineSum) throws -> Int {
    let bytes = (Int32(-128)...127).map { $0 }
    let shape = try Shape([256 * 256])
    let operands = [bytes.flatMap { [Int32](repeating: $0, count: 256) }, (0..<256).flatMap { _ in bytes }]
    let type = TensorType(.int8, shape)
    let expected = try op.evaluate(operands.map { Tensor(type, ints: $0) }, as: [type])[0].ints("output")
    return zip(zip(operands[0], operands[1]), expected).count { pair, value in
      affine.apply(pair.0, pair.1, op.stage.clamp) != value
    }
  }

  /// Scales as networks have them: ratios at random and simple ones, where sums lie exactly between two output values.
  @Test(arguments: UInt64(1)...8)
  func equalsTheReferenceForEveryPair(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var exact = 0
    for _ in 0..<25 {
      let first = Float.random(in: 0.01...0.2, using: &random)
      let simple: [Float] = [1, 0.5, 2, 0.25]
      func ratio(_ range: ClosedRange<Float>) -> Float {
        Bool.random(using: &random)
          ? Float.random(in: range, using: &random) : simple.randomElement(using: &random) ?? 1
      }
      let second = first * ratio(0.05...8)
      let output = max(first, second) * ratio(0.3...2.5)
      let op = try sum(
        [first, second, output], (0..<3).map { _ in Int32.random(in: -128...127, using: &random) },
        subtracts: Bool.random(using: &random), Bool.random(using: &random) ? .none : .relu)
      guard let affine = AffineSum(op) else { continue }
      exact += 1
      #expect(try wrongPairs(op, affine) == 0, "\(op)")
    }
    // Nearly all have an exact form; a search that gives up would hide behind the full form.
    #expect(exact >= 24)
  }

  /// Outputs that are always clamped, that hardly move or that jump over their whole range.
  @Test func equalsTheReferenceForUnusualScales() throws {
    for scales in [[1, 1, 0.001], [0.001, 1, 0.9], [0.001, 0.001, 50], [1e-6, 30, 20], [1, 1e-9, 1]] as [[Float]] {
      for zeroPoints in [[0, 0, 0], [-128, 127, 127], [127, 127, -128], [-128, -128, -128]] as [[Int32]] {
        for activation in [Activation.none, .relu] {
          let op = try sum(scales, zeroPoints, activation)
          if let affine = AffineSum(op) { #expect(try wrongPairs(op, affine) == 0, "\(op)") }
        }
      }
    }
  }
}
