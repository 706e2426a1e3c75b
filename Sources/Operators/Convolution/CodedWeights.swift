import IR
import Support

/// The weights that are not zero, as two canonical Huffman codes: one of the weights, one of the gaps between them.
///
/// Gaps run on from one filter to the next, so that nothing marks a filter's end. This is the run-length and Huffman coding of
/// Han et al., "Deep Compression", 2016, with optimal codes for both and gaps of up to 255.
package struct CodedWeights {
  /// The place of the first weight.
  package let first: Int
  /// The weights' codes, each followed by that of the gap behind the weight; the last gap ends behind all filters.
  package let codes: [Int32]
  /// Tables of both codes, see ``CanonicalCode/table(_:)``.
  package let gaps: [Int32]
  package let values: [Int32]
  /// By how many bits all codes together are longer than the shortest ones.
  let extraBits: Int
  /// Places of the weights that have codes, some of them zeros that divide long gaps.
  package let places: [Int]
  /// The most weights with codes that a filter has.
  package let longest: Int

  /// Words that decoding needs.
  static let stateWords = 68

  var byteCount: Int { codes.count + gaps.count + values.count }

  /// - Parameter taps: weights of a filter.
  /// - Returns: nil for weights that are no int8, and where a number of codes is no byte.
  package init?(_ weights: [Int32], taps: Int) {
    guard taps > 0, weights.allSatisfy({ (-128...127).contains($0) }) else { return nil }
    let first = weights.firstIndex { $0 != 0 } ?? weights.count
    // A weight behind the last filter ends the last gap.
    let entries = SparseRun((weights + [1])[first...], reach: 255).entries
    var places: [Int] = []
    var place = first
    for entry in entries {
      place += entry.distance
      places.append(place)
    }
    places.removeLast()
    var gapCounts = [Int](repeating: 0, count: 256)
    for entry in entries.dropFirst() { gapCounts[entry.distance] += 1 }
    // Symbols in the order of the values: −128 is 0.
    var valueCounts = [Int](repeating: 0, count: 256)
    for entry in entries.dropLast() { valueCounts[Int(entry.weight) + 128] += 1 }
    if entries.count == 1 {
      // Tables that nothing is read from.
      gapCounts[1] = 1
      valueCounts[128] = 1
    }
    guard let gap = CanonicalCode(counts: gapCounts), let gaps = gap.table({ Int32($0) }),
      let value = CanonicalCode(counts: valueCounts), let values = value.table({ Int32($0) - 128 })
    else { return nil }
    var bits = CodeBits()
    for (entry, next) in zip(entries, entries.dropFirst()) {
      bits.append(Int(entry.weight) + 128, value)
      bits.append(next.distance, gap)
    }
    self.first = first
    self.places = places
    self.gaps = gaps
    self.values = values
    codes = bits.table
    extraBits = bits.extra
    var perFilter = [Int](repeating: 0, count: weights.count / taps)
    for place in places { perFilter[place / taps] += 1 }
    longest = perFilter.max() ?? 0
  }

  /// Adds the tables and gives the arguments for them.
  func write(_ code: inout LayerCode, shape: Shape) -> String {
    _ = code.function("huffman_start")
    _ = code.function("coded_run")
    let codes = code.table(
      "codes", .int8, codes, rowLength: 32,
      comment: "Weights \(shape) that are not zero and the gaps behind them, as codes of variable length.")
    let gaps = code.table(
      "gaps", .int8, gaps,
      comment: "The shortest length, how many codes there are of each length from 1 on, and their gaps.")
    let values = code.table(
      "values", .int8, values,
      comment: "The shortest length, how many codes there are of each length from 1 on, and their weights.")
    return "\(codes), \(gaps), \(values), /* first */ \(first)"
  }
}
