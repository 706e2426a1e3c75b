import Frontends
package import Support

/// The file holds constants as canonical Huffman codes, of values, places in tables and runs of zeros, where that is shortest.
package struct HuffmanStep: CompressionStep {
  package static let name = "huffman"
  package static let summary = "codes of variable length in the file, losslessly"
  package static let options: [StepOption] = []
  package static let isLossless = true

  package init(_ json: JSONCursor) throws(Diagnostic) { try Self.check(json) }

  package func apply(
    to network: inout CompressedNetwork, _ context: CompressionContext
  ) throws(Diagnostic) -> [String] {
    network.packing = .coded
    return []
  }
}
