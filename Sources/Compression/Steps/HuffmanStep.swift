import Frontends
import IR
package import Support

/// The file holds constants as canonical Huffman codes, of values, places in tables and runs of zeros, where that is shortest,
/// and says that C is to execute them from compressed forms too.
package struct HuffmanStep: CompressionStep {
  package static let name = "huffman"
  package static let summary = "codes of variable length in the file, and C that executes weights from compressed forms"
  package static let options: [StepOption] = []
  package static let isLossless = true

  package init(_ json: JSONCursor) throws(Diagnostic) { try Self.check(json) }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    network.packing = .coded
    network.graph.isCompressed = true
    return []
  }
}
