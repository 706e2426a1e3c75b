package import IR
package import Support

/// Any function of one 8-bit value, as a table: what chains of unary operators become.
///
/// Inputs: 8-bit data, and a constant table of 256 values indexed by the byte of the data (for int8, −1 is byte 255).
package struct Lookup: SpatialOperator {
  package static let mnemonic = "integer.lookup"
  package static let kernels: [any Kernel] = [LookupKernel()]
  package static let dataInputs: Int? = 1

  package init() {}
  package var attributes: Attributes { Attributes() }

  package func access(_ layer: Layer, input: Int) -> SpatialAccess? { SpatialAccess(elementwise: layer, input: input) }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 2...2)
    return [inputs[0].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8, .uint8])
    try require(outputs[0], "output", is: [.int8, .uint8])
    guard try inputs[1].constantInts("the table").count == 256 else {
      throw failure("table", "the table must have 256 values")
    }
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let table = try inputs[1].ints("table")
    return [Tensor(outputs[0], ints: try inputs[0].ints("input").map { table[Int(UInt8(truncatingIfNeeded: $0))] })]
  }
}

extension Lookup: ChannelOperator {
  package func channelLinks(_ layer: Layer) -> [ChannelLink]? { linkEach(layer.outputs[0].channelCount) }

  package func channelRanges(_ layer: Layer, _ inputs: [ChannelRanges]) throws(Diagnostic) -> [ChannelRanges] {
    let table = try layer.inputs[1].constantInts("the table")
    return [
      inputs[0].map { range in
        let values = range.map { table[Int(UInt8(truncatingIfNeeded: $0))] }
        return (values.min() ?? 0)...(values.max() ?? 0)
      }
    ]
  }
}
