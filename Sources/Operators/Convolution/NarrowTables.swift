import IR
import Support

/// The constants of a layer whose accumulators become output values in 32 bits, wherever that is exact.
struct NarrowTables {
  /// What stands in the table of scales for each channel; the C function `narrow` knows the same forms.
  private enum Form: Int {
    /// Multiplier with shift, offset, limit.
    case plain = 0
    /// Also the value of accumulator 0, and the setback below it.
    case setback = 1
    /// Like the second; a shift of 255 marks channels with the full multiplier, its shift and the zero point instead.
    case mixed = 2
  }

  private let narrow: NarrowRequantization
  private let scales: ScaleTables
  private let stage: OutputStage
  private let form: Form
  /// What the sums begin with: the bias minus the origin of each channel.
  let bias: [Int32]

  init(_ layer: Layer, _ stage: OutputStage) throws(Diagnostic) {
    let own = try layer.inputs[2].constantInts("the bias")
    scales = try ScaleTables(multipliers: layer.inputs[3].constant, shifts: layer.inputs[4].constant)
    let ranges = try layer.accumulatorRanges()
    self.stage = stage
    // One scale for all channels must be exact for all of their accumulators.
    let common = ranges.dropFirst().reduce(ranges.first ?? 0...0) {
      min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
    }
    let scales = scales
    let narrow = NarrowRequantization(stage, ranges: scales.isPerChannel ? ranges : [common]) { scales[$0] }
    self.narrow = narrow
    form = narrow.isMixed ? .mixed : narrow.hasSetback ? .setback : .plain
    bias = own.enumerated().map { channel, value in
      value &- (narrow.channels[narrow.channels.count > 1 ? channel : 0]?.origin ?? 0)
    }
  }

  /// ``bias`` for pixels that are kept as bytes plus 128.
  ///
  /// - Parameter weights: `taps` rows with one weight of each channel.
  func biasOfBytes(weights: [Int32], taps: Int) -> [Int32] {
    bias.enumerated().map { channel, value in
      (0..<taps).reduce(value) { $0 &- 128 &* weights[$1 * bias.count + channel] }
    }
  }

  private var valuesPerChannel: Int { form == .plain ? 3 : 5 }

  /// Bytes of the tables that ``write(_:bias:)`` adds.
  var byteCount: Int { 4 * (bias.count + narrow.channels.count * valuesPerChannel) }

  /// Adds the tables and gives the arguments for them and for the output stage.
  ///
  /// - Parameters:
  ///   - bias: what the sums begin with instead of ``bias``.
  ///   - function: what the kernel calls: `narrow` for one sum, or `narrow_sums`.
  func write(_ code: inout LayerCode, bias own: [Int32]? = nil, function: String = "narrow") -> [String] {
    _ = code.requantizeFunction()
    _ = code.function(function)
    let biasTable = code.table(
      "bias", .int32, own ?? bias, rowLength: 8,
      comment: "Bias with everything folded in that is the same for all pixels.")
    let values = narrow.channels.enumerated().flatMap { index, channel in row(channel, scales[index]) }
    let full = narrow.channels.count { $0 == nil }
    let scaleTable = code.table(
      "scale", .int32, values, rowLength: valuesPerChannel,
      comment: "Scales in 32 bits, exact for these weights: multiplier and shift, offset, limit"
        + (form == .plain ? "" : ", zero, setback") + (full > 0 ? "; \(full) in 64 bits." : "."))
    return [
      biasTable,
      "\(scaleTable), /* row, form */ \(narrow.channels.count > 1 ? valuesPerChannel : 0), \(form.rawValue)",
      "/* clamp */ \(stage.clamp.lowerBound), /* span */ \(stage.clamp.upperBound - stage.clamp.lowerBound)",
    ]
  }

  private func row(_ channel: NarrowRequantization.Channel?, _ scale: Requantization) -> [Int32] {
    guard let channel else { return [-0x100_0000, scale.multiplier, Int32(scale.shift), stage.zeroPoint, 0] }
    let factor = Int32(bitPattern: channel.multiplier | UInt32(channel.shift) << 24)
    let plain = [factor, Int32(bitPattern: channel.offset), channel.limit]
    return form == .plain ? plain : plain + [0 &- channel.origin, channel.setback]
  }
}
