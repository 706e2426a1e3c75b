import IR
import Support

/// The constants of a weighted layer as they are written into C.
struct WeightedTables {
  private let weights: String
  private let rest: [String]

  /// - Parameter rowLength: weights on one line of the C.
  init(_ layer: Layer, _ stage: OutputStage, rowLength: Int, _ code: inout LayerCode) throws(Diagnostic) {
    let tables = try NarrowTables(layer, stage)
    weights = code.table(
      "weights", .int8, try layer.inputs[1].constantInts("the weights"),
      // Short rows share a line.
      rowLength: rowLength * max(1, 16 / max(1, rowLength)), comment: "Weights \(layer.inputs[1].type.shape).")
    rest = tables.write(&code)
  }

  /// The arguments of the kernels' functions for tables and output stage.
  var arguments: [String] { [weights + ", " + rest[0]] + rest.dropFirst() }

  /// Bytes of the tables of `layer`.
  static func byteCount(_ layer: Layer, _ stage: OutputStage) -> Int {
    layer.inputs[1].type.byteCount + ((try? NarrowTables(layer, stage))?.byteCount() ?? 0)
  }
}

extension OutputStage {
  /// Arguments for the parameters `zero_point, low, high`.
  var cArguments: String { "/* zero point */ \(zeroPoint), /* clamp */ \(clamp.lowerBound), \(clamp.upperBound)" }
}
