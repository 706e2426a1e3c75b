import IR
import Support

/// Encodings as chains of steps in the graph header.
extension Encoding {
  /// Steps of a chain: a source, a table and zeros.
  private static let longestChain = 3

  /// - Parameter block: the bytes of the payload block that the member `block` of a step names.
  static func read(
    _ cursor: JSONCursor, _ block: (JSONCursor) throws(Diagnostic) -> [UInt8]
  ) throws(Diagnostic) -> Encoding {
    let steps = try cursor.items()
    guard let first = steps.first, steps.count <= longestChain else {
      throw cursor.failure("must be a chain of 1 to \(longestChain) steps")
    }
    var encoding = try source(first, block)
    for step in steps.dropFirst() {
      let kind = try step.member("kind")
      switch (try kind.string(), encoding) {
      case ("codebook", .packed), ("codebook", .huffman):
        try step.allowOnly(["kind", "block", "width"])
        let width = try step.optional("width")?.int(1...widestRow) ?? 1
        encoding = .codebook(encoding, table: try block(step), width: width)
      case ("sparse", .packed), ("sparse", .huffman), ("sparse", .dense), ("sparse", .codebook):
        try step.allowOnly(["kind", "gaps"])
        let gaps = try step.member("gaps")
        guard try gaps.items().count == 1, let own = try gaps.items().first else {
          throw gaps.failure("must be a chain of one step")
        }
        let source = try source(own, block)
        if case .dense = source { throw gaps.failure("must be `packed` or `huffman`") }
        encoding = .sparse(encoding, gaps: source)
      case ("codebook", _), ("sparse", _):
        throw kind.failure("can't follow the step before it")
      default:
        throw kind.failure("the step `\(try kind.string())` is not supported; `codebook` and `sparse` are")
      }
    }
    return encoding
  }

  private static func source(
    _ step: JSONCursor, _ block: (JSONCursor) throws(Diagnostic) -> [UInt8]
  ) throws(Diagnostic) -> Encoding {
    let kind = try step.member("kind")
    let counts = 0...Shape.maximumElements
    switch try kind.string() {
    case "dense":
      try step.allowOnly(["kind", "block"])
      return .dense(block: try block(step))
    case "packed":
      try step.allowOnly(["kind", "block", "count", "bits", "offset"])
      let offset = try step.member("offset").int(Int(Int32.min)...Int(Int32.max))
      return .packed(
        block: try block(step), count: try step.member("count").int(counts), bits: try step.member("bits").int(0...32),
        offset: Int32(truncatingIfNeeded: offset))
    case "huffman":
      try step.allowOnly(["kind", "block", "count"])
      return .huffman(block: try block(step), count: try step.member("count").int(counts))
    default:
      throw kind.failure(
        "the encoding `\(try kind.string())` is not supported; `dense`, `packed` and `huffman` are")
    }
  }

  /// The chain for the header.
  ///
  /// - Parameter block: stores a payload block and gives its index.
  func json(_ block: ([UInt8]) -> Int) -> JSON { .array(steps(block)) }

  private func steps(_ block: ([UInt8]) -> Int) -> [JSON] {
    func step(_ kind: String, _ bytes: [UInt8], _ more: [(String, JSON)] = []) -> JSON {
      .object([("kind", .string(kind)), ("block", .int(block(bytes)))] + more)
    }
    switch self {
    case .dense(let bytes): return [step("dense", bytes)]
    case .packed(let bytes, let count, let bits, let offset):
      return [
        step("packed", bytes, [("count", .int(count)), ("bits", .int(bits)), ("offset", .int(Int(offset)))])
      ]
    case .huffman(let bytes, let count): return [step("huffman", bytes, [("count", .int(count))])]
    case .codebook(let places, let table, let width):
      return places.steps(block) + [step("codebook", table, width > 1 ? [("width", .int(width))] : [])]
    case .sparse(let values, let gaps):
      return values.steps(block) + [.object([("kind", .string("sparse")), ("gaps", .array(gaps.steps(block)))])]
    }
  }
}
