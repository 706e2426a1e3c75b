import Machine
package import Support

/// Sum or difference by 32-bit multiplications, a run of elements at a time, where that is exact. Function `add_affine`.
package struct AddAffineKernel: Kernel {
  package let name = "add_affine"

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerAdd, AffineSum(op) != nil else { return nil }
    return runWork(layer)
  }

  package func obstacle(_ layer: Layer) -> String { "no parameters of 32 bits are exact for these scales" }

  package func order(_ layer: Layer) -> AccessOrder? { .elements }

  package func takesRows(_ layer: Layer) -> Bool { isOneRun(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerAdd, let sum = AffineSum(op) else { throw unsuitable(layer) }
    let function = code.function("add_affine")
    try writeRuns(layer, &code) { run in
      (
        function,
        [
          run, "/* multipliers */ \(sum.multipliers[0]), \(sum.multipliers[1])",
          "/* offset */ \(sum.offset), /* shift */ \(sum.shift)",
          "/* clamp */ \(op.stage.clamp.lowerBound), \(op.stage.clamp.upperBound)",
        ]
      )
    }
  }
}
