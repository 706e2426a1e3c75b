import IR
import Machine
package import Support

/// Matrix products four units at a time, for inputs of few rows: a word holds the weights of four units, and three
/// multiplications by an input serve all of them. Function `dense_packed`.
///
/// Let x be the inputs, w the words with the weights plus 128 in the bytes c0 to c3, and S0 to S3 the sums that are wanted,
/// Sk = Σ x · weight k. A byte's sum is Σ x·ck = Sk + 128·Σx, so that the function, which starts its sums with the right
/// multiples of −128·Σx, has, modulo 2^32:
///
///     all      = Σ x · w                     = S0 + 2^8 S1 + 2^16 S2 + 2^24 S3
///     top      = Σ x · (w without c0 and c1) =                    S2 +  2^8 S3
///     middle   = Σ x · (w without c0 and c3) =          S1 +  2^8 S2
///     reversed = Σ x · (w, bytes reversed)   = S3 + 2^8 S2 + 2^16 S1 + 2^24 S0
///
/// of which it needs three, in 32 bits, for four sums, which it gets in 24 bits each.
///
/// With the middle: all − 2^8 middle = S0 + 2^24 S3, and its lower 24 bits are those of S0, which is all of S0 when it is a
/// signed number of 24 bits. Then all − 2^16 top − S0 = 2^8 S1, middle − S1 = 2^8 S2 and top − S2 = 2^8 S3 give 24 bits of each
/// of the others.
///
/// With the bytes reversed, for which Arm has an instruction: say S2 = s + 2^8 a with 0 ≤ s < 256; a is a signed number of 16
/// bits when S2 is one of 24. Then s is the lowest byte of top, and top / 2^8 = a + S3 modulo 2^24 without it. The lower 16 bits
/// of reversed are those of S3 + 2^8 s, so that a = top / 2^8 + 2^8 s − reversed modulo 2^16, which is all of a. S3 follows
/// from top. S0 and S1 come in the same way from all − 2^16 top = S0 + 2^8 S1 and (reversed − S3 − 2^8 S2) / 2^16 = S1 + 2^8 S0.
///
/// So the function is exact when all four are numbers of 24 bits, which is checked for the weights of a layer: the inputs are at
/// most 127 and at least −128. Where they are not, the inputs are summed up in pieces of ``safePiece``.
package struct DensePackedKernel: Kernel {
  package let name = "dense_packed"

  /// Inputs whose sums have 24 bits whatever the weights are, a multiple of ``run``: 504 · 128 · 128 < 2^23.
  static let safePiece = 504
  /// Inputs in one round of the C function's loop; it goes over the rest one by one.
  static let run = 8

  private struct Packed {
    let rows: Int
    let depth: Int
    let units: Int
    let stage: OutputStage
    /// Four units to a word, for each four units as many words as there are inputs.
    let words: [Int32]
    /// Inputs that are summed up at once, and how many such pieces there are.
    let piece: Int
    let pieces: Int

    var groups: Int { (units + 3) / 4 }
    /// Inputs behind the last whole round of the loop.
    var rest: Int { depth % run }

    init?(_ layer: Layer) {
      guard let product = MatrixProductKernel.product(layer),
        let weights = try? layer.inputs[1].constantInts("the weights")
      else { return nil }
      (rows, depth, units, stage) = product
      let (depth, units) = (depth, units)
      words = UnitWords.bytes(weights, depth: depth, units: units)
      let fits = (0..<units).allSatisfy { unit in
        let own = weights[unit * depth..<(unit + 1) * depth]
        let positive = own.reduce(0) { $0 + max(0, Int64($1)) }
        let negative = own.reduce(0) { $0 - min(0, Int64($1)) }
        return positive * 127 + negative * 128 < 1 << 23 && positive * 128 + negative * 127 <= 1 << 23
      }
      piece = fits ? depth : safePiece
      pieces = fits ? 1 : (depth + safePiece - 1) / safePiece
    }
  }

  package func work(_ layer: Layer) -> Work? {
    guard let packed = Packed(layer), let tables = try? NarrowTables(layer, packed.stage) else { return nil }
    let groups = packed.rows * packed.groups
    return Work(
      [
        WorkItem("input", packed.rows * packed.depth), WorkItem("step", groups * (packed.depth - packed.rest)),
        WorkItem("rest", groups * packed.rest), WorkItem("group", groups * packed.pieces),
        WorkItem("output", packed.rows * packed.units),
      ],
      flash: packed.words.count * 4 + tables.byteCount(), scratch: packed.pieces * 4)
  }

  package func obstacle(_ layer: Layer) -> String { MatrixProductKernel().obstacle(layer) }

  package func order(_ layer: Layer) -> AccessOrder? { .pixels(count: 1, gathers: false) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let packed = Packed(layer) else { throw unsuitable(layer) }
    let tables = try NarrowTables(layer, packed.stage)
    let weights = code.table(
      "weights", .int32, packed.words, rowLength: 8,
      comment:
        "Weights \(layer.inputs[1].type.shape) plus 128, four output channels to a word, the first in the lowest byte.")
    let arguments = tables.write(&code)
    _ = code.function("dense_sums")
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
