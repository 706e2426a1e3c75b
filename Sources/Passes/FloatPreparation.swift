package import IR
package import Support

/// The rewrites of a float network before it is quantized or compressed: constants are known, transpositions out of the way, and
/// normalizations belong to the layers before them.
package enum FloatPreparation {
  package static func run(on graph: inout Graph) throws(Diagnostic) {
    for pass in [FoldConstants() as any Pass, ResolveIndices(), PushTransposes(), FuseFloatLayers()] {
      try pass.run(on: &graph)
    }
  }
}
