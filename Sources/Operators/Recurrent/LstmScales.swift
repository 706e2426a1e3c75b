import IR
import Support

/// The factors between the parts of a quantized ``Lstm``.
///
/// Gates have 12 fraction bits before their activation and 15 behind it. Source: `PrepareGateParametersInteger` in
/// `tensorflow/lite/micro/kernels/lstm_eval_common.cc`.
struct LstmScales: Equatable, Sendable {
  /// Of the sums for the input, forget, cell and output gate.
  let gates: GateScales
  /// Forget gate × cell state, input gate × cell gate, and output gate × activated cell state.
  let forget: Requantization
  let input: Requantization
  let hidden: Requantization
  let hiddenZeroPoint: Int32
  /// The largest magnitude of a cell state; nil for none.
  let cellClip: Int32?
  /// The largest magnitude of a gate before its activation; nil for none.
  let gateClip: Int32?
  /// How tanh reads the cell state, see ``SigmoidTable``.
  let tanhMultiplier: Int32
  let tanhShift: Int

  init(_ types: [TensorType], _ op: Lstm) throws(Diagnostic) {
    let data = try types[0].affine("the input")
    let state = try types[1].affine("the hidden state")
    let cell = try types[2].affine("the cell state")
    guard cell.zeroPoint == 0 else {
      throw Diagnostic("operator.scale", "the zero point of the cell state must be 0, but is \(cell.zeroPoint)")
    }
    func scales(_ weights: ArraySlice<TensorType>) throws(Diagnostic) -> [Float] {
      try weights.map { (type) throws(Diagnostic) in try type.gateScales(1)[0] }
    }
    gates = try GateScales(
      data: data.scale, hidden: state.scale, own: try scales(types[3...6]), recurrent: try scales(types[7...10]),
      gate: 0x1p-12)
    forget = try Requantization(scale: 0x1p-15 * Double(cell.scale) / Double(cell.scale))
    input = try Requantization(scale: 0x1p-30 / Double(cell.scale))
    hidden = try Requantization(scale: 0x1p-30 / Double(state.scale))
    hiddenZeroPoint = state.zeroPoint
    let steps = min(max(Double(op.cellClip) / Double(cell.scale), -32768), 32767)
    cellClip = op.cellClip > 0 ? Int32(steps) : nil
    gateClip = op.clipSteps(0x1p-12)
    // The nearest power of 2, by the significand: the logarithm's half lies at the square root of 2.
    let power = Int(cell.scale.exponent) + (cell.scale.significand > Float(2).squareRoot() ? 1 : 0)
    let left = 12 + power
    guard left <= 14, left >= -30 else {
      throw Diagnostic("operator.scale", "the scale \(cell.scale) of the cell state is not from 2^-42 to 2^2")
    }
    (tanhMultiplier, tanhShift) = left >= 0 ? (3 << Int32(left), 0) : (3, -left)
  }
}
