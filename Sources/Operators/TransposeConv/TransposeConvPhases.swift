package import IR
package import Support

/// A TRANSPOSE_CONV as ordinary convolutions.
///
/// The rows of the output that are a stride apart read the same rows of the filter: with the padding p, the output row q·s + r
/// reads, of the input row i, the filter's row q·s + r + p − i·s. So for each r there are rows k = (r + p) mod s + j·s of the
/// filter, and the input's row for each is q + ⌊(r + p) / s⌋ − j: a convolution with stride 1 whose filter is these rows in
/// reverse. Columns likewise. Each of the stride's height × width phases has the same products as the original, so the sums are
/// equal.
package struct TransposeConvPhases: Sendable {
  /// One of the convolutions: its operator, and which weights it has.
  package struct Phase: Sendable {
    package let op: any Operator
    package let weights: Tensor
    /// Bias with the input zero point's share.
    package let bias: Tensor
  }

  /// Along one axis: the filter's rows in the order of the input's rows, −1 for rows of zeros; and how many of them lie
  /// before the first pixel.
  private struct Taps {
    let rows: [Int]
    let before: Int

    init(phase: Int, size: Int, stride: Int, padding: Int) {
      let (whole, first) = ((phase + padding) / stride, (phase + padding) % stride)
      let own = Array(Swift.stride(from: first, to: size, by: stride))
      // Where no row before the first pixel is read, rows of zeros begin at that pixel.
      let missing = max(0, whole - (own.count - 1))
      rows = [Int](repeating: -1, count: missing) + own.reversed()
      before = own.count - 1 - whole + missing
    }
  }

  /// By rows, then by columns.
  package let phases: [Phase]
  /// Multipliers and shifts of all phases.
  package let scales: [Tensor]
  /// Rows and columns of each phase.
  package let size: Extent

  package init(_ op: TransposeConv, _ inputs: [Operand], _ output: TensorType) throws(Diagnostic) {
    let types = inputs.map(\.type)
    let weights = types[1].shape
    let before = try op.padBefore(weights)
    let size = Extent(
      (op.output.height + op.stride.height - 1) / op.stride.height,
      (op.output.width + op.stride.width - 1) / op.stride.width)
    let values = try inputs[1].constantInts("the weights")
    let zeroPoint = try types[0].affine("the input").zeroPoint
    let stage = try op.stage(output)
    let isWide = output.element == .int16
    var phases: [Phase] = []
    for y in 0..<op.stride.height {
      let rows = Taps(phase: y, size: weights[1], stride: op.stride.height, padding: before.height)
      for x in 0..<op.stride.width {
        let columns = Taps(phase: x, size: weights[2], stride: op.stride.width, padding: before.width)
        var own: [Int32] = []
        for filter in 0..<weights[0] {
          for row in rows.rows {
            for column in columns.rows {
              let start = ((filter * weights[1] + row) * weights[2] + column) * weights[3]
              own += (0..<weights[3]).map { row < 0 || column < 0 ? 0 : values[start + $0] }
            }
          }
        }
        let shape = try Shape([weights[0], rows.rows.count, columns.rows.count, weights[3]])
        let geometry = ConvolutionGeometry(
          stride: Extent(1, 1), dilation: Extent(1, 1), padBefore: Extent(rows.before, columns.before),
          padValue: zeroPoint, output: size, stage: stage)
        phases.append(
          Phase(
            op: isWide ? WideConv2D(geometry: geometry, accumulatorBits: 64) : IntegerConv2D(geometry: geometry),
            weights: Tensor(TensorType(.int8, shape), ints: own),
            bias: try Self.bias(inputs, own, channels: weights[0], zeroPoint: isWide ? 0 : zeroPoint)))
      }
    }
    self.phases = phases
    self.size = size
    scales = try op.scales(types, output).constants().compactMap {
      if case .constant(let value, _) = $0 { value } else { nil }
    }
  }

  /// The bias with the input zero point's share of a phase's weights.
  private static func bias(
    _ inputs: [Operand], _ weights: [Int32], channels: Int, zeroPoint: Int32
  ) throws(Diagnostic) -> Tensor {
    if zeroPoint == 0, inputs.count > 2, let bias = inputs[2].constant { return bias }
    let count = max(1, weights.count / channels)
    let folded = try foldedBias(
      inputs.count > 2 ? try inputs[2].constantInts("the bias") : nil, weights: weights, channels: channels,
      inputZeroPoint: zeroPoint
    ) { $0 / count }
    guard case .constant(let value, _) = folded else {
      throw Diagnostic("operator.constant", "the bias must be constant")
    }
    return value
  }
}
