import Machine
package import Support

/// Product requantized in 32 bits, a run of elements at a time, where that is exact. Function `mul_narrow`.
package struct MulNarrowKernel: Kernel {
  package let name = "mul_narrow"

  /// The parameters of a product, exact for every pair of inputs.
  private func channel(_ op: IntegerMul) -> NarrowRequantization.Channel? {
    // A product of two ranges is smallest and largest at their ends.
    let ends = op.zeroPoints.map { [-128 - Int64($0), 127 - Int64($0)] }
    let products = ends[0].flatMap { a in ends[1].map { b in a * b } }
    guard let low = products.min(), let high = products.max() else { return nil }
    return NarrowRequantization(op.stage, ranges: [low...high]) { _ in op.scale }.channels[0]
  }

  package func work(_ layer: Layer) -> Work? {
    guard let op = layer.op as? IntegerMul, channel(op) != nil else { return nil }
    return runWork(layer)
  }

  package func obstacle(_ layer: Layer) -> String { "no parameters of 32 bits are exact for these scales" }

  package func order(_ layer: Layer) -> AccessOrder? { .elements }

  package func takesRows(_ layer: Layer) -> Bool { isOneRun(layer) }

  package func write(_ layer: Layer, into code: inout LayerCode) throws(Diagnostic) {
    guard let op = layer.op as? IntegerMul, let channel = channel(op) else { throw unsuitable(layer) }
    let function = code.function("mul_narrow")
    try writeRuns(layer, &code) { run in
      (
        function,
        [
          run, "/* zero points of the inputs */ \(op.zeroPoints[0]), \(op.zeroPoints[1])",
          "/* origin, limit */ \(channel.origin), \(channel.limit)",
          "/* multiplier, shift */ \(channel.multiplier)u, \(channel.shift)",
          "/* offset, turn, setback */ \(channel.offset)u, \(channel.turningPoint), \(channel.setback)u",
          "/* clamp */ \(op.stage.clamp.lowerBound)",
        ]
      )
    }
  }
}
