package import IR
package import Support

/// A dense layer of low rank over time: each filter is a product of feature weights and time weights, and its memory of the
/// last inputs is a state.
///
/// Inputs: data [batch, inputs], state [batch, filters × memory], feature weights [filters, inputs], time weights [filters,
/// memory], and optionally a bias [units] with filters = units × rank. Outputs: [batch, units], and the state that the next
/// inference reads. All float32, or int8 with a state and time weights of int8 or int16 each. The activation is that of
/// floats; the quantized kernel has none. Source: `tensorflow/lite/micro/kernels/svdf_common.cc`.
package struct Svdf: QuantizedOperator, StatefulOperator {
  package static let mnemonic = "svdf"
  package static let statePairs: [(input: Int, output: Int)] = [(1, 1)]
  package let rank: Int
  package let activation: Activation

  package init(rank: Int, activation: Activation) {
    self.rank = rank
    self.activation = activation
  }

  package init(_ attributes: Attributes) throws(Diagnostic) {
    rank = try attributes.int("rank")
    activation = try attributes.activation()
  }

  package var attributes: Attributes {
    Attributes([("rank", .int(rank)), ("activation", .string(activation.rawValue))])
  }

  package func outputShapes(_ inputs: [Operand]) throws(Diagnostic) -> [Shape] {
    try require(inputs, count: 4...5)
    let shapes = inputs.map(\.type.shape)
    guard shapes.prefix(4).allSatisfy({ $0.rank == 2 && $0.elementCount > 0 }) else {
      throw failure("shape", "data, state and weights must have 2 dimensions, and none may be empty")
    }
    let (batch, filters, memory) = (shapes[0][0], shapes[2][0], shapes[3][1])
    guard rank > 0, filters % rank == 0 else {
      throw failure("rank", "\(filters) filters are no multiple of the rank \(rank)")
    }
    guard shapes[2][1] == shapes[0][1], shapes[3][0] == filters, shapes[1].dims == [batch, filters * memory] else {
      throw failure(
        "shape",
        "data \(shapes[0]), state \(shapes[1]), feature weights \(shapes[2]) and time weights \(shapes[3]) "
          + "do not belong together")
    }
    guard inputs.count < 5 || shapes[4].elementCount == filters / rank else {
      throw failure("bias", "the bias has \(shapes[4].elementCount) values for \(filters / rank) units")
    }
    return [try Shape([batch, filters / rank]), shapes[1]]
  }

  package func checkTypes(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) {
    guard inputs[1].type == outputs[1] else {
      throw failure("state", "the state is \(inputs[1].type) before and \(outputs[1]) after")
    }
    if inputs[0].type.element == .float32 {
      for type in inputs.map(\.type) + outputs { try require(type, "operand", is: [.float32]) }
      return
    }
    try require(inputs[0].type, "input", is: [.int8])
    try require(inputs[1].type, "state", is: [.int8, .int16])
    try require(inputs[2].type, "matrix of feature weights", is: [.int8])
    try require(inputs[3].type, "matrix of time weights", is: [.int8, .int16])
    // The reference reads both by the type of the state.
    try require(inputs[3].type, sameElementAs: inputs[1].type, "state and time weights")
    if inputs.count == 5 { try require(inputs[4].type, "bias", is: [.int32]) }
    try require(outputs[0], "output", is: [.int8])
    for input in inputs[2...] where input.constant == nil {
      throw failure("constant", "weights and bias must be constant")
    }
    _ = try scales(inputs.map(\.type), outputs)
  }

  /// The factors of the feature sums and of the time sums.
  ///
  /// The reference computes the first ratio, and the product of the second one, in single precision.
  private func scales(
    _ inputs: [TensorType], _ outputs: [TensorType]
  ) throws(Diagnostic) -> (feature: Requantization, time: Requantization) {
    let input = try inputs[0].affine("the input").scale
    let state = try inputs[1].affine("the state").scale
    let feature = try inputs[2].affine("the feature weights").scale
    let time = try inputs[3].affine("the time weights").scale
    let output = try outputs[0].affine("the output").scale
    return (
      try Requantization(scale: Double(input * feature / state)),
      try Requantization(scale: Double(state * time / output))
    )
  }

  package func evaluate(_ inputs: [Tensor], as outputs: [TensorType]) throws(Diagnostic) -> [Tensor] {
    guard inputs[0].type.element == .float32 else {
      let folded = try folded(inputs.map { Operand($0.type, constant: $0) }, outputs)
      return try folded.op.evaluate(folded.values(inputs), as: outputs)
    }
    let (x, old) = (try inputs[0].floats("input"), try inputs[1].floats("state"))
    let (features, times) = (try inputs[2].floats("weights"), try inputs[3].floats("weights"))
    let bias = inputs.count == 5 ? try inputs[4].floats("bias") : nil
    let dims = SvdfDimensions(inputs.map(\.type), rank: rank)
    var state = Array(old.dropFirst()) + [0]
    var result: [Float] = []
    for batch in 0..<dims.batch {
      for filter in 0..<dims.filters {
        var sum: Float = 0
        for i in 0..<dims.inputs { sum += features[filter * dims.inputs + i] * x[batch * dims.inputs + i] }
        state[dims.newest(batch, filter)] = sum
      }
      for unit in 0..<dims.units {
        var sum = bias?[unit] ?? 0
        for filter in unit * rank..<(unit + 1) * rank {
          var own: Float = 0
          for k in 0..<dims.memory {
            own += times[filter * dims.memory + k] * state[(batch * dims.filters + filter) * dims.memory + k]
          }
          sum += own
        }
        result.append(activation.apply(sum))
      }
    }
    return [Tensor(outputs[0], floats: result), Tensor(outputs[1], floats: state)]
  }

  package func multiplyAccumulates(_ inputs: [Operand], _ outputs: [TensorType]) -> Int {
    SvdfDimensions(inputs.map(\.type), rank: rank).multiplyAccumulates
  }

  package func folded(_ inputs: [Operand], _ outputs: [TensorType]) throws(Diagnostic) -> FoldedOperator {
    let dims = SvdfDimensions(inputs.map(\.type), rank: rank)
    let (input, state) = (try inputs[0].type.affine("the input"), try inputs[1].type.affine("the state"))
    let features = try inputs[2].constantInts("the feature weights")
    let times = try inputs[3].constantInts("the time weights")
    let bias = inputs.count == 5 ? try inputs[4].constantInts("the bias") : nil
    let taps = rank * dims.memory
    let featureBias = (0..<dims.filters).map { filter in
      0 &- input.zeroPoint &* features[filter * dims.inputs..<(filter + 1) * dims.inputs].reduce(0, &+)
    }
    let timeBias = (0..<dims.units).map { unit in
      (bias?[unit] ?? 0) &- state.zeroPoint &* times[unit * taps..<(unit + 1) * taps].reduce(0, &+)
    }
    let scales = try scales(inputs.map(\.type), outputs)
    let op = IntegerSvdf(
      rank: rank, stateZeroPoint: state.zeroPoint, featureScale: scales.feature, timeScale: scales.time,
      stage: OutputStage(zeroPoint: try outputs[0].affine("the output").zeroPoint, clamp: -128...127))
    return FoldedOperator(
      op,
      [
        .input(0), .input(1), .input(2), .input(3),
        .constant(Tensor(try plainType(.int32, [dims.filters]), ints: featureBias), "feature_bias"),
        .constant(Tensor(try plainType(.int32, [dims.units]), ints: timeBias), "bias"),
      ])
  }
}

extension Svdf: InternalRanges {
  /// The state has 16 bits; time weights have 10, so that a unit's sum of up to 128 products stays within 32 bits. Activations
  /// are what the range of the output leaves.
  ///
  /// Source: `operator_property.cc` in `tensorflow/lite/tools/optimize`.
  package var quantizationRule: QuantizationRule {
    .operands(
      OperandRules(
        sums: [
          .init(data: .input(0), weights: 2, axis: nil, target: .output(1)),
          .init(data: .output(1), weights: 3, bias: 4, axis: nil, target: .output(0), element: .int16, largest: 511),
        ],
        states: [.init(input: 1, output: 1, form: .symmetric)]))
  }

  /// What the state holds from before.
  package func internalValues(_ inputs: [Tensor]) throws(Diagnostic) -> [[Float]] {
    [[], try inputs[1].floats("the state")]
  }
}

/// The sizes of a layer with the operands of ``Svdf``.
struct SvdfDimensions {
  let batch: Int
  let inputs: Int
  let filters: Int
  let memory: Int
  let rank: Int

  init(_ types: [TensorType], rank: Int) {
    (batch, inputs) = (types[0].shape[0], types[0].shape[1])
    (filters, memory) = (types[3].shape[0], types[3].shape[1])
    self.rank = rank
  }

  var units: Int { filters / max(1, rank) }
  var multiplyAccumulates: Int { batch * filters * (inputs + memory) }

  /// The place of a filter's newest value in the state.
  func newest(_ batch: Int, _ filter: Int) -> Int { (batch * filters + filter + 1) * memory - 1 }
}
