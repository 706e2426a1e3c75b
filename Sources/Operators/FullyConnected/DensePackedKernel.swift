import IR
import Machine
package import Support

/// Matrix products four units at a time, for inputs of few rows: a word holds the weights of four units, and three
/// multiplications by an input serve all of them. Function `dense_packed`.
///
/// Let x be the inputs plus 128 (0 to 255), w the words with the weights plus 128 in the bytes c0 to c3, and S0 to S3 the sums
/// that are wanted, Sk = Σ x · weight k. A byte's sum is Σ x·ck = Sk + 128·Σx, so that the function, which starts its sums with
/// the right multiples of −Σx, has, modulo 2^32:
///
///     all    = Σ x · w                     = S0 + 2^8 S1 + 2^16 S2 + 2^24 S3
///     middle = Σ x · (w without c0 and c3) =          S1 +  2^8 S2
///     top    = Σ x · (w without c0 and c1) =                    S2 +  2^8 S3
///
/// Hence all − 2^8 middle = S0 + 2^24 S3: its lower 24 bits are those of S0, which is all of S0 when it is a signed number of 24
/// bits. Then all − 2^16 top − S0 = 2^8 S1, middle − S1 = 2^8 S2 and top − S2 = 2^8 S3 give 24 bits of each of the others. So
/// the function is exact when all four are numbers of 24 bits, which is checked for the weights of a layer; where they are
/// not, the inputs are summed up in pieces of ``safePiece``.
package struct DensePackedKernel: Kernel {
  package let name = "dense_packed"

  /// Inputs whose sums have 24 bits whatever the weights are: 256 · 255 · 128 < 2^23.
  static let safePiece = 256
  /// Inputs in one step of the C function's loop.
  static let step = 8

  private struct Packed {
    let rows: Int
    let depth: Int
    let units: Int
    let stage: OutputStage
    /// Four units to a word, for each four units as many words as there are inputs; zeros behind the last.
    let words: [Int32]
    /// Inputs that are summed up at once, and how many such pieces there are.
    let piece: Int
    let pieces: Int
    /// 128 times the sum of each unit's weights: what the 128 in the inputs adds.
    let shares: [Int32]

    var groups: Int { (units + 3) / 4 }

    /// What the sums begin with.
    func bias(_ tables: NarrowTables) -> [Int32] { zip(tables.bias, shares).map { $0 &- $1 } }
    /// Inputs, as the loop counts them.
    var steps: Int { (depth + step - 1) / step * step }

    init?(_ layer: Layer) {
      guard let product = MatrixProductKernel.product(layer),
        let weights = try? layer.inputs[1].constantInts("the weights")
      else { return nil }
      (rows, depth, units, stage) = product
      let (depth, units) = (depth, units)
      let words = UnitWords.bytes(weights, depth: depth, units: units)
      // The loop reads on to the end of its step; what it reads there is multiplied by 0.
      let padding = (step - depth % step) % step
      self.words = words + [Int32](repeating: 0, count: padding)
      var fits = true
      var shares: [Int32] = []
      for unit in 0..<units {
        let own = weights[unit * depth..<(unit + 1) * depth]
        let positive = own.reduce(0) { $0 + max(0, Int64($1)) }
        let negative = own.reduce(0) { $0 + min(0, Int64($1)) }
        fits = fits && positive * 255 < 1 << 23 && negative * 255 >= -(1 << 23)
        shares.append(Int32(truncatingIfNeeded: (positive + negative) * 128))
      }
      piece = fits ? depth + padding : safePiece
      pieces = fits ? 1 : (depth + safePiece - 1) / safePiece
      self.shares = shares
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let packed = Packed(layer), let tables = try? NarrowTables(layer, packed.stage) else { return nil }
    let groups = packed.rows * packed.groups
    return Work(
      [
        WorkItem("input", packed.rows * packed.depth), WorkItem("step", groups * packed.steps),
        WorkItem("group", groups * packed.pieces), WorkItem("output", packed.rows * packed.units),
      ],
      flash: packed.words.count * 4 + tables.byteCount(bias: packed.bias(tables)),
      scratch: packed.pieces * 4 + packed.steps)
  }

  package func obstacle(_ layer: Layer) -> String { MatrixProductKernel().obstacle(layer) }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: true) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let packed = Packed(layer) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, packed.stage)
    let weights = code.table(
      "weights", .int32, packed.words, rowLength: 8,
      comment:
        "Weights \(layer.inputs[1].type.shape) plus 128, four output channels to a word, the first in the lowest byte.")
    let arguments = tables.write(&code, bias: packed.bias(tables), function: "narrow_sums")
    code.call(
      code.function("dense_packed"),
      [
        "\(code.inputs[0]), \(code.outputs[0]), (uint32_t *)(void *)\(code.scratch)",
        "/* rows */ \(packed.rows), /* depth */ \(packed.depth), /* units */ \(packed.units)",
        "/* inputs in a piece, pieces */ \(packed.piece), \(packed.pieces)",
        weights,
      ] + arguments)
  }
}
