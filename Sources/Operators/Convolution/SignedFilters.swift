import IR
import Machine
import Support

/// The filters of a convolution of lanes whose negative and positive weights are walked apart, so that no sum is negative:
/// pixels are taken plus 128, and the magnitudes of the negative weights come first.
struct SignedFilters {
  let shape: LaneConvolution
  /// The words of each filter; two of them are the numbers of words of each sign.
  let filters: [[Int32]]
  /// The sum of each filter's weights.
  private let totals: [Int32]

  /// What the sums begin with: the pixels have 128 too much.
  private func bias(_ tables: NarrowTables) -> [Int32] { zip(tables.bias, totals).map { $0 &- $1 &* 128 } }

  /// Words with weights.
  var words: Int { filters.reduce(0) { $0 + $1.count - 2 } }

  /// Bytes of all words.
  var byteCount: Int { 4 * filters.reduce(0) { $0 + $1.count } }

  /// - Parameters:
  ///   - isPossible: whether a weight can be written.
  ///   - words: writes a filter.
  init?(_ layer: Layer, where isPossible: (Int32) -> Bool = { _ in true }, words: (ArraySlice<Int32>) -> [Int32]) {
    guard let shape = LaneConvolution(layer), let weights = try? layer.inputs[1].constantInts("the weights"),
      weights.allSatisfy(isPossible)
    else { return nil }
    self.shape = shape
    let rows = (0..<shape.filters).map { weights[$0 * shape.taps..<($0 + 1) * shape.taps] }
    filters = rows.map(words)
    totals = rows.map { $0.reduce(0, &+) }
  }

  /// Work and bytes of a layer.
  ///
  /// - Parameters:
  ///   - word: what a kernel calls the work of a word.
  ///   - taps: taps of the patch.
  func work(_ layer: Layer, word: String, taps: Int) -> Work? {
    guard let tables = try? NarrowTables(layer, shape.stage) else { return nil }
    return Work(
      [
        WorkItem(word, shape.groups * words), WorkItem("filter", shape.groups * shape.filters),
        WorkItem("output", layer.outputs[0].shape.elementCount),
      ] + shape.patchWork,
      flash: byteCount + tables.byteCount(bias: bias(tables)), scratch: LaneConvolution.sumBytes + taps * 8)
  }

  /// Writes the table `role` and the calls of the function `name`.
  func write(
    _ layer: Layer, _ name: String, role: String, comment: String, into code: inout LayerCode
  ) throws(Diagnostic) {
    let tables = try NarrowTables(layer, shape.stage)
    let words = code.table(role, .int32, filters.flatMap { $0 }, rowLength: 8, comment: comment)
    let arguments = tables.write(&code, bias: bias(tables), function: "narrow_sums")
    shape.call(name, [words] + arguments, &code)
  }
}
