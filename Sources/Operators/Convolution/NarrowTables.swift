import IR
import Support

/// The constants of a layer whose accumulators become output values in 32 bits, wherever that is exact.
///
/// The C functions `narrow` and `narrow_sums` read them from rows of two or three words:
///
/// - what the sums begin with in 20 bits, the offset's 8 bits and the exponent's 4 bits, with the lowest last,
/// - the multiplier in 24 bits and those of the limit,
/// - in the form ``Form/setback`` the turn in 9 bits, and the setback.
///
/// What the sums begin with stands in a table of its own when it does not fit, or when all channels share a row.
struct NarrowTables {
  private enum Form: Int {
    /// No channel has a setback.
    case plain = 0
    case setback = 1
    /// Like the second; an exponent of 15 marks channels that take the full form: the offset's bits are its shift, the second
    /// word is its multiplier and the third one the zero point.
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
  /// - Parameter weights: rows with one weight of each channel.
  func biasOfBytes(weights: [Int32]) -> [Int32] {
    bias.enumerated().map { channel, value in
      stride(from: channel, to: weights.count, by: bias.count).reduce(value) { $0 &- 128 &* weights[$1] }
    }
  }

  private var rowLength: Int { form == .plain ? 2 : 3 }

  /// What the sums begin with fits into the rows.
  private func isPacked(_ bias: [Int32]) -> Bool {
    narrow.channels.count == bias.count && bias.allSatisfy { (-(1 << 19)..<1 << 19).contains($0) }
  }

  /// Bytes of the tables that ``write(_:bias:function:)`` adds for what the sums begin with.
  func byteCount(bias own: [Int32]? = nil) -> Int {
    4 * (narrow.channels.count * rowLength + (isPacked(own ?? bias) ? 0 : bias.count))
  }

  /// Adds the tables and gives the arguments for them and for the output stage.
  ///
  /// - Parameters:
  ///   - bias: what the sums begin with instead of ``bias``.
  ///   - function: what the kernel calls: `narrow` for one sum, or `narrow_sums`.
  func write(_ code: inout LayerCode, bias own: [Int32]? = nil, function: String = "narrow") -> [String] {
    _ = code.requantizeFunction(for: narrow.channels.indices.filter { narrow.channels[$0] == nil }.map { scales[$0] })
    _ = code.function(function)
    let bias = own ?? bias
    let isPacked = isPacked(bias)
    var biasTable = ""
    if !isPacked {
      biasTable = code.table(
        "bias", .int32, bias, rowLength: 8,
        comment: "Bias with everything folded in that is the same for all pixels.")
    }
    let values = narrow.channels.enumerated().flatMap { index, channel in
      row(channel, scales[index], bias: isPacked ? bias[index] : 0)
    }
    let full = narrow.channels.count { $0 == nil }
    let scaleTable = code.table(
      "scale", .int32, values, rowLength: rowLength * 4,
      comment: "Scales in 32 bits, exact for these weights: \(isPacked ? "bias, " : "")offset and exponent, "
        + "multiplier and limit" + (form == .plain ? "" : ", turn and setback")
        + (full > 0 ? "; \(full) in 64 bits." : "."))
    return [
      isPacked ? "\(scaleTable), /* step, shift */ \(rowLength), 12" : "\(biasTable), /* step, shift */ 1, 0",
      "\(scaleTable), /* row, form */ \(narrow.channels.count > 1 ? rowLength : 0), \(form.rawValue)",
      "/* clamp */ \(stage.clamp.lowerBound), /* span */ \(stage.clamp.upperBound - stage.clamp.lowerBound)",
    ]
  }

  private func row(_ channel: NarrowRequantization.Channel?, _ scale: Requantization, bias: Int32) -> [Int32] {
    guard let channel else {
      return [
        bias << 12 | Int32(UInt8(truncatingIfNeeded: scale.markedShift)) << 4 | 15, scale.multiplier, stage.zeroPoint,
      ]
    }
    let plain = [
      bias << 12 | Int32(truncatingIfNeeded: channel.fraction) << 4 | Int32(channel.exponent),
      Int32(bitPattern: channel.multiplier << 8 | channel.reach),
    ]
    return form == .plain ? plain : plain + [Int32(bitPattern: channel.turn << 23 | channel.setback)]
  }
}
