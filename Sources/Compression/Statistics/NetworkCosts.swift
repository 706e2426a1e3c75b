package import IR

/// What the kernels of a layer, or of a whole network, take on a target by its cost model.
package struct LayerCost: Equatable, Sendable {
  package var cycles: Int
  package var flash: Int

  package init(cycles: Int, flash: Int) {
    self.cycles = cycles
    self.flash = flash
  }
}

package struct NetworkCosts: Sendable {
  package let whole: LayerCost
  /// By the operator of the file.
  package let layers: [Origin: LayerCost]

  package init(whole: LayerCost, layers: [Origin: LayerCost]) {
    self.whole = whole
    self.layers = layers
  }
}
