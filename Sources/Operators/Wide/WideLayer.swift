import IR
import Support

/// A layer with 16-bit activations and weights of 8 or 16 bits in integer normal form.
///
/// Inputs: int16 data; constant int8 or int16 weights; constant bias (int64, int32 or int16); multipliers and shifts, one or one for
/// each output channel. Zero points are 0.
protocol WideLayer: ClampingOperator, EmittableOperator {
  /// Bits of the reference's accumulators: 32 or 64. They decide how sums are rounded.
  var accumulatorBits: Int { get }
}

extension WideLayer {
  func checkWideLayer(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int16])
    try require(outputs[0], "output", is: [.int16])
    try require(inputs[1].type, "weights tensor", is: [.int8, .int16])
    // So that sums of products stay below 2^46.
    let products = multiplyAccumulates(inputs, outputs) / max(1, outputs[0].shape.elementCount)
    guard inputs[1].type.element == .int8 || products < 1 << 16 else {
      throw failure("weights", "an output sums \(products) products with weights of 16 bits, more than 65,535")
    }
    _ = try WideScales(self, inputs)
  }
}

/// Bias and scales of a layer with 16-bit activations: how its sums become output values.
///
/// Sums of 64 bits are scaled as ``Requantization/apply(wide:)`` does; sums of 32 bits wrap and are rounded as those of int8
/// layers.
struct WideScales {
  /// What the largest accumulators of 64 bits stay below.
  static let maximumBias: Int64 = 1 << 46
  /// Scales from 2^7 on are undefined for accumulators of 64 bits.
  static let maximumShift = 7

  private let bias: [Int64]
  private let scales: ScaleTables
  private let is32: Bool
  private let clamp: ClosedRange<Int32>

  init(_ layer: any WideLayer, _ inputs: [Operand]) throws(Diagnostic) {
    guard let bias = inputs[2].constant else { throw Diagnostic("operator.constant", "the bias must be constant") }
    try self.init(
      bias: try bias.wideInts("the bias"),
      try ScaleTables(multipliers: inputs[3].constant, shifts: inputs[4].constant),
      is32: layer.accumulatorBits == 32, clamp: layer.clamp)
  }

  /// Those of sums with 64 bits.
  ///
  /// - Parameter factors: one, or one for each channel.
  init(bias: [Int64], factors: [Requantization], clamp: ClosedRange<Int32>) throws(Diagnostic) {
    try self.init(bias: bias, ScaleTables(factors), is32: false, clamp: clamp)
  }

  private init(bias: [Int64], _ scales: ScaleTables, is32: Bool, clamp: ClosedRange<Int32>) throws(Diagnostic) {
    (self.bias, self.scales, self.is32, self.clamp) = (bias, scales, is32, clamp)
    guard is32 || scales.shifts.allSatisfy({ $0 <= Self.maximumShift }) else {
      throw Diagnostic("requantization.scale", "a ratio of scales of 128 or more is undefined for 64-bit accumulators")
    }
    guard is32 || self.bias.allSatisfy({ $0.magnitude < Self.maximumBias }) else {
      throw Diagnostic("operator.bias", "a bias of 2^46 or more is undefined for 64-bit accumulators")
    }
  }

  init(_ layer: any WideLayer, _ inputs: [Tensor]) throws(Diagnostic) {
    try self.init(layer, inputs.map { Operand($0.type, constant: $0) })
  }

  /// The output value for the products' sum.
  func apply(_ sum: Int64, channel: Int) -> Int32 {
    let scale = scales[channel]
    if is32 { return clamp.clamping(scale.apply(Int32(truncatingIfNeeded: sum &+ bias[channel]))) }
    return clamp.clamping(scale.apply(wide: sum + bias[channel]))
  }

  // MARK: C

  /// How the rows of the table are read by the C function `narrow_16`.
  private enum Form: Int {
    /// Bias; multiplier and, in the lowest 8 bits, shift to the right.
    case plain = 0
    /// Behind these the high word of the bias.
    case wideBias = 1
    /// Bias, multiplier and shift to the left; sums have 32 bits.
    case narrowSums = 2
  }

  private var form: Form {
    is32 ? .narrowSums : bias.allSatisfy { Int32(exactly: $0) != nil } ? .plain : .wideBias
  }

  var byteCount: Int { bias.count * (form == .plain ? 8 : 12) }

  /// Adds the table and gives the arguments `scale, form, low, high`.
  func write(_ code: inout LayerCode, role: String = "scale") -> String {
    let form = form
    let values = bias.indices.flatMap { channel -> [Int32] in
      let (low, scale) = (Int32(truncatingIfNeeded: bias[channel]), scales[channel])
      if form == .narrowSums { return [low, scale.multiplier, Int32(scale.shift)] }
      let factor = scale.reducedMultiplier << 8 | Int32(15 - scale.shift)
      return form == .plain ? [low, factor] : [low, factor, Int32(truncatingIfNeeded: bias[channel] >> 32)]
    }
    let content =
      switch form {
      case .plain: "bias, multiplier and shift"
      case .wideBias: "bias (low word), multiplier and shift, bias (high word)"
      case .narrowSums: "bias, multiplier, shift"
      }
    let table = code.table(
      role, .int32, values, rowLength: form == .plain ? 8 : 12, comment: "For each channel: \(content).")
    _ = code.function("scale")
    _ = code.function("narrow_16")
    return "\(table), /* form */ \(form.rawValue), /* clamp */ \(clamp.lowerBound), \(clamp.upperBound)"
  }
}
