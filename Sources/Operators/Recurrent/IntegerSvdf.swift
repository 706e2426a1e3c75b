package import IR
package import Support

/// ``Svdf`` in integer normal form.
///
/// Inputs: data, state, feature weights, time weights, and int32 biases of filters and units, into which the zero points of data
/// and state are folded. Sums wrap as those of the reference.
package struct IntegerSvdf: InPlaceOperator {
  package static let mnemonic = "integer.svdf"
  package static let kernels: [any Kernel] = [SvdfKernel()]
  package static let dataInputs: Int? = 2

  package let rank: Int
  package let stateZeroPoint: Int32
  package let featureScale: Requantization
  package let timeScale: Requantization
  package let stage: OutputStage

  package var inPlace: [(input: Int, output: Int)] { [(1, 1)] }

  package var attributes: Attributes {
    Attributes(
      [
        ("rank", .int(rank)), ("state_zero_point", .int(Int(stateZeroPoint))),
        ("multipliers", .ints([Int(featureScale.multiplier), Int(timeScale.multiplier)])),
        ("shifts", .ints([featureScale.shift, timeScale.shift])),
      ] + stage.attributes)
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 6...6)
    return [try Shape([inputs[0].type.shape[0], inputs[5].type.shape.elementCount]), inputs[1].type.shape]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    try require(inputs[0].type, "input", is: [.int8])
    try require(outputs[0], "output", is: [.int8])
    try require(inputs[1].type, sameElementAs: outputs[1], "states")
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    let (x, old) = (try inputs[0].ints("input"), try inputs[1].ints("state"))
    let (features, times) = (try inputs[2].ints("weights"), try inputs[3].ints("weights"))
    let (featureBias, bias) = (try inputs[4].ints("bias"), try inputs[5].ints("bias"))
    guard let range = outputs[1].element.range else { throw failure("type", "the state is no integer") }
    let dims = SvdfDimensions(inputs.map(\.type), rank: rank)
    let isByte = outputs[1].element.isByte
    var state = Array(old.dropFirst()) + [0]
    var result: [Int32] = []
    for batch in 0..<dims.batch {
      for filter in 0..<dims.filters {
        var sum = featureBias[filter]
        for i in 0..<dims.inputs { sum &+= features[filter * dims.inputs + i] &* x[batch * dims.inputs + i] }
        // The zero point is added behind the clamp, and the sum is cut to the type.
        let value = range.clamping(featureScale.apply(sum)) &+ stateZeroPoint
        state[dims.newest(batch, filter)] =
          isByte ? Int32(Int8(truncatingIfNeeded: value)) : Int32(Int16(truncatingIfNeeded: value))
      }
      for unit in 0..<dims.units {
        var sum = bias[unit]
        let taps = rank * dims.memory
        let first = (batch * dims.units + unit) * taps
        for k in 0..<taps { sum &+= times[unit * taps + k] &* state[first + k] }
        result.append(stage.apply(sum, timeScale))
      }
    }
    return [Tensor(outputs[0], ints: result), Tensor(outputs[1], ints: state)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    SvdfDimensions(inputs.map(\.type), rank: rank).multiplyAccumulates
  }
}
