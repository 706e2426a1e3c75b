import Compiler
import IR
import Operators
import Quantization
import Support
import TestSupport
import Testing

/// Float layers with states become integer ones, whose scales hold what is computed at any step.
@Suite struct RecurrentQuantizationTests {
  private static let (inputs, units, time) = (3, 8, 12)

  enum Layer: String, CaseIterable, Sendable {
    case lstm, gruBefore, gruAfter, tanh, relu

    var states: Int { self == .lstm ? 2 : 1 }
  }

  /// A float layer with random weights of the size that training begins with, and the states that it leaves.
  private func layer(
    _ layer: Layer, _ b: inout GraphBuilder, _ data: TensorID, states: [TensorID?], seed: UInt32
  ) throws -> [TensorID] {
    var random = seed
    let inputs = b.graph[data].type.shape[2]
    let units = Self.units
    func constant(_ dims: [Int], _ b: inout GraphBuilder) throws -> TensorID {
      let values = (0..<(try Shape(dims).elementCount)).map { _ -> Float in
        random = random &* 1_664_525 &+ 1_013_904_223
        return (Float(random >> 8) / 0x1p23 - 1) / Float(units).squareRoot()
      }
      return try b.realConstant(dims, values)
    }
    var operands = [data]
    for state in states {
      operands.append(try state ?? b.realConstant([1, units], [Float](repeating: 0, count: units)))
    }
    let op: any SourceOperator
    switch layer {
    case .lstm:
      op = Lstm(isTimeMajor: false, cellClip: 0)
      for depth in [inputs, units] { for _ in 0..<4 { operands.append(try constant([units, depth], &b)) } }
      for _ in 0..<4 { operands.append(try constant([units], &b)) }
    case .gruBefore, .gruAfter:
      op = Gru(isTimeMajor: false, resetAfter: layer == .gruAfter)
      for dims in [[3, units, inputs], [3, units, units], [3, units], [3, units]] {
        operands.append(try constant(dims, &b))
      }
    case .tanh, .relu:
      op = Rnn(isTimeMajor: false, function: layer == .tanh ? .tanh : .relu)
      for dims in [[units, inputs], [units, units], [units]] { operands.append(try constant(dims, &b)) }
    }
    let output = b.node(op, operands, try b.real([1, b.graph[data].type.shape[1], units]), name: "RECURRENT")
    let left = try (0..<layer.states).map { _ in
      b.graph.add(TensorInfo(name: "left\(b.graph.tensors.count)", type: try b.real([1, units])))
    }
    b.graph.nodes[b.graph.nodes.count - 1].outputs = [output] + left
    return [output] + left
  }

  /// The quantized network, after a look whether the integer normal form computes the same.
  private func quantize(_ builder: GraphBuilder, _ outputs: [TensorID], scale: Float = 1) throws -> QuantizedNetwork {
    var graph = builder.graph
    graph.outputs = outputs
    try graph.verify()
    let network = try Pipeline.quantize(graph, vectors: graph.realVectors(20, scale: scale), .minmax)
    let lowered = try Pipeline.lower(network.graph)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 4)
    #expect(
      try Interpreter(network.graph).outputs(inSequence: vectors).map { $0.map(\.elements) }
        == Interpreter(lowered).outputs(inSequence: vectors).map { $0.map(\.elements) })
    return network
  }

  @Test(arguments: Layer.allCases)
  func sequencesComeCloseToTheFloatNetwork(_ kind: Layer) throws {
    for seed in UInt32(1)...3 {
      var b = GraphBuilder()
      let x = try b.realInput([1, Self.time, Self.inputs])
      let y = try layer(kind, &b, x, states: .init(repeating: nil, count: kind.states), seed: seed)[0]
      let network = try quantize(b, [y])
      #expect(network.fidelity[0].decibels > 34, "\(kind): \(network.fidelity[0].decibels) dB")
    }
  }

  /// States that last from one inference to the next: what is carried has 16 bits and is no output of 8 bits.
  @Test(arguments: Layer.allCases)
  func statesLast(_ kind: Layer) throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 2, Self.inputs])
    let states = try (0..<kind.states).map { _ in
      b.graph.add(TensorInfo(name: "state\(b.graph.tensors.count)", type: try b.real([1, Self.units])))
    }
    let outputs = try layer(kind, &b, x, states: states, seed: 5)
    for (current, next) in zip(states, outputs.dropFirst()) {
      b.graph.states.append(State(current: current, next: next, initial: [UInt8](repeating: 0, count: 4 * Self.units)))
    }
    let network = try quantize(b, [outputs[0]])
    #expect(network.fidelity[0].decibels > 34, "\(kind): \(network.fidelity[0].decibels) dB")
    let types = network.graph.states.map { network.graph[$0.current].type }
    let wide = kind == .lstm ? [false, true] : [kind == .gruBefore || kind == .gruAfter]
    #expect(types.map(\.element) == wide.map { $0 ? .int16 : .int8 })
    for (type, isWide) in zip(types, wide) {
      let quantization = try #require(type.quantization)
      if isWide {
        #expect(quantization.zeroPoints == [0] && quantization.scales[0].significand == 1)
      } else {
        #expect(quantization == network.graph[network.graph.outputs[0]].type.quantization)
      }
    }
    #expect(network.graph.mnemonics.count == 1)
  }

  /// States that go from one layer to another, and to outputs, have 8 bits between the layers.
  @Test(arguments: [Layer.lstm, .gruAfter])
  func statesGoToOtherLayers(_ kind: Layer) throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, Self.time, Self.inputs])
    let first = try layer(kind, &b, x, states: .init(repeating: nil, count: kind.states), seed: 7)
    let second = try layer(kind, &b, x, states: first.dropFirst().map { $0 }, seed: 8)
    let network = try quantize(b, [second[0], second[kind.states]])
    #expect(network.graph.outputs.allSatisfy { network.graph[$0].type.element == .int8 })
    #expect(network.graph.mnemonics.contains("quantize"))
    for output in network.fidelity { #expect(output.decibels > 30, "\(kind): \(output.decibels) dB") }
  }

  /// A cell state that is large in the middle and 0 at the end decides the scale all the same.
  @Test func scalesCoverAllSteps() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 5, 2])
    // The first input opens the forget gate, the second one is added to the cell.
    func matrix(_ values: [Float]) throws -> TensorID { try b.realConstant([1, values.count], values) }
    let weights: [[Float]] = [[0, 0], [20, 0], [0, 20], [0, 0]]
    var operands = [x, try matrix([0]), try matrix([0])]
    for row in weights { operands.append(try matrix(row)) }
    for _ in 0..<4 { operands.append(try matrix([0])) }
    for bias in [20, 0, 0, 20] as [Float] { operands.append(try b.realConstant([1], [bias])) }
    let y = b.node(Lstm(isTimeMajor: false, cellClip: 0), operands, try b.real([1, 5, 1]), name: "LSTM")
    let left = try (0..<2).map { _ in b.graph.add(TensorInfo(name: "left", type: try b.real([1, 1]))) }
    b.graph.nodes[0].outputs = [y] + left
    b.graph.outputs = [y]
    try b.graph.verify()
    let steps: [Float] = [1, 1, 1, 1, 1, 1, 1, 1, -1, 0]
    let vector = [Tensor(b.graph[x].type, floats: steps)]
    let network = try Pipeline.quantize(b.graph, vectors: [vector], .mse)
    // The cell state goes to 4, and then to 0: 4 = 2^15 steps.
    let cell = try #require(network.graph[network.graph.nodes[0].outputs[2]].type.quantization)
    #expect(try cell == .perTensor(scale: 0x1p-13, zeroPoint: 0))
    // One scale for each matrix, and the bias in the scale input × weights.
    let operandsOfNode = try network.graph.operands(network.graph.nodes[0])
    #expect(try operandsOfNode[4].constantInts("weights") == [127, 0])
    let scales = [operandsOfNode[0], operandsOfNode[4], operandsOfNode[12]].map { $0.type.quantization?.scales[0] ?? 0 }
    #expect(scales[1] == 20 / 127 && scales[2] == Float(Double(scales[0]) * Double(scales[1])))
  }

  /// SVDF: the state and the time weights have 16 bits, of which the latter use 10.
  @Test func filtersOverTime() throws {
    var b = GraphBuilder()
    let x = try b.realInput([1, 6])
    let values = (0..<48).map { Float($0 * 37 % 48) / 24 - 1 }
    let state = b.graph.add(TensorInfo(name: "state", type: try b.real([1, 32])))
    let operands = [
      x, state, try b.realConstant([8, 6], values), try b.realConstant([8, 4], Array(values.prefix(32))),
      try b.realConstant([4], [0.5, -1, 2, 0]),
    ]
    let y = b.node(Svdf(rank: 2, activation: .relu), operands, try b.real([1, 4]), name: "SVDF")
    let next = b.graph.add(TensorInfo(name: "next", type: try b.real([1, 32])))
    b.graph.nodes[0].outputs = [y, next]
    b.graph.states = [State(current: state, next: next, initial: [UInt8](repeating: 0, count: 128))]
    let network = try quantize(b, [y])
    #expect(network.fidelity[0].decibels > 40, "\(network.fidelity[0].decibels) dB")
    let types = try network.graph.operands(network.graph.nodes[0]).map(\.type)
    #expect(types.map(\.element) == [.int8, .int16, .int8, .int16, .int32])
    let times = try network.graph.operands(network.graph.nodes[0])[3].constantInts("times")
    #expect(times.map(\.magnitude).max() == 511)
  }

  /// An ONNX network with states that are constants, inputs of other layers and outputs, in C.
  @Test func networksBecomeC() throws {
    let folder = try #require(Repository.onnxFixtures.first { $0.description == "recurrent" })
    let graph = try Pipeline.read(try folder.bytes("model.onnx"), file: "recurrent")
    let network = try Pipeline.quantize(graph, vectors: graph.realVectors(20), .mse)
    for output in network.fidelity { #expect(output.decibels > 30, "\(output.decibels) dB") }
    let lowered = try Pipeline.lower(network.graph)
    let vectors = VectorGenerator.vectors(for: lowered.inputs.map { lowered[$0].type }, count: 4)
    let expected = try Interpreter(lowered).outputs(inSequence: vectors)
    let actual = try Pipelines.runEmitted(lowered, flags: Pipelines.sanitizers, vectors: vectors)
    #expect(Verification.compare(expected, actual) == nil)
  }
}
