/// At which rates the objective `balanced` exchanges cycles for memory.
package struct MemoryPrices: Equatable, Sendable {
  /// So many percent of flash or of RAM are worth one percent of the fastest choice's cycles.
  let cycles: Int
  /// The most cycles that are taken, in tenths of the fastest choice's; nil for no limit.
  let slowdown: Int?

  package static let usual = MemoryPrices(cycles: 2, slowdown: 11)
  /// Who compresses a network wants it small.
  package static let compressed = MemoryPrices(cycles: 1, slowdown: nil)
}
