package import IR
import Operators
package import Support

/// Random networks of one operator each, with shapes and values that reach the corners.
package struct RandomModels {
  package var random: SplitMix64
  var graph = Graph(file: "random")
  /// What the node writes behind its outputs.
  var states: [TensorID] = []

  /// Which weights convolutions and dense layers get.
  package enum Weights: Sendable {
    /// Random, or all at one extreme, or mostly zero.
    case any
    /// This share of them is not zero, and every fourth output channel has none.
    case density(Double)
    /// Signed numbers of so many bits.
    case bits(Int)
    /// -1, 0 and 1, and nothing else; this share is not 0.
    case ternary(Double)
    case all(Int32)
    /// One of them anywhere, and zeros.
    case single(Int32)
  }

  package var weights = Weights.any
  /// Images with hundreds of channels, and dense layers with hundreds of inputs.
  package var isDeep = false

  /// Nodes that make the operands of the operator, which come before it.
  var prologue: [Node] = []
  /// Whether integers have no scales.
  var arePlain = false

  /// Comparisons take only scales below 1.
  var largestScale = Float.infinity

  package init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// An operator with its operands and the types of its outputs.
  typealias Model = (op: any SourceOperator, operands: [TensorID], outputs: [TensorType])
  typealias Generator = @Sendable (inout RandomModels) throws -> Model

  /// How a model of each operator is drawn, by mnemonic, behind which a word may tell variants apart; a family of operators
  /// stands in a file of its own.
  static let generators: [String: Generator] = {
    var all: [String: Generator] = [:]
    for family in [
      weighted, elementwise, unary, functions, movement, reductions, recurrent, wide, rearrangement, matrices,
      arithmetic, axes, requantizing,
    ] {
      all.merge(family) { first, _ in first }
    }
    return all
  }()

  /// The mnemonics of all operators that can be made; a test compares them with the registry.
  package static let operators: [String] = generators.keys.sorted()

  /// Operators that are computed by few kernels, which each of them tests.
  package static let sharing: Set<String> = Set(
    [functions, rearrangement, arithmetic, axes, recurrent, requantizing].flatMap { $0.keys })

  // MARK: parts

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  mutating func pick<T>(_ values: [T]) -> T { values[int(0...values.count - 1)] }
  mutating func coin() -> Bool { int(0...1) == 1 }

  mutating func scale() -> Float {
    pick([0.001, 0.0117, 0.05, 0.0784, 0.3, 1.7]) * Float(int(100...199)) / 150
  }
  mutating func zeroPoint() -> Int32 { Int32(pick([-128, -128, 0, 127, int(-100...100)])) }

  mutating func type(_ dims: [Int], scale: Float? = nil, zero: Int32? = nil) throws -> TensorType {
    TensorType(
      .int8, try Shape(dims), try .perTensor(scale: scale ?? self.scale(), zeroPoint: zero ?? zeroPoint()))
  }

  mutating func input(_ type: TensorType) -> TensorID {
    let id = graph.add(TensorInfo(name: "input\(graph.inputs.count)", type: type))
    graph.inputs.append(id)
    return id
  }

  mutating func output(_ type: TensorType) -> TensorID {
    let id = graph.add(TensorInfo(name: "output\(graph.outputs.count)", type: type))
    graph.outputs.append(id)
    return id
  }

  mutating func weights(_ dims: [Int], channelAxis: Int, isPerTensor: Bool = false) throws -> TensorID {
    let shape = try Shape(dims)
    let kind = int(0...5)
    var place = 0
    if case .single = weights { place = int(0...max(0, shape.elementCount - 1)) }
    let values = (0..<shape.elementCount).map { index -> Int32 in
      switch (weights, kind) {
      case (.all(let value), _): value
      case (.single(let value), _): index == place ? value : 0
      case (.ternary(let density), _):
        Double.random(in: 0..<1, using: &random) >= density ? 0 : Int32(2 * int(0...1) - 1)
      case (.bits(let bits), _): Int32(int(-(1 << (bits - 1))...(1 << (bits - 1)) - 1))
      case (.density(let density), _):
        index / shape.strides[channelAxis] % 4 == 3 || Double.random(in: 0..<1, using: &random) >= density
          ? 0 : Int32(int(-128...127))
      case (.any, 0): -128
      case (.any, 1): 127
      case (.any, 2): int(0...4) == 0 ? Int32(int(-128...127)) : 0
      case (.any, _): Int32(int(-127...127))
      }
    }
    let perChannel = !isPerTensor && coin()
    let count = perChannel ? dims[channelAxis] : 1
    let quantization = try Quantization(
      scales: (0..<count).map { _ in scale() }, zeroPoints: [Int32](repeating: 0, count: count),
      axis: perChannel ? channelAxis : nil)
    return graph.add(constant: Tensor(TensorType(.int8, shape, quantization), ints: values), name: "weights")
  }

  mutating func bias(_ channels: Int) throws -> TensorID {
    let bound = pick([100, 20_000, 1 << 30])
    let values = (0..<channels).map { _ in Int32(int(-bound...bound)) }
    return graph.add(constant: Tensor(TensorType(.int32, try Shape([channels])), ints: values), name: "bias")
  }

  mutating func activation() -> Activation { pick([.none, .none, .relu, .relu6, .reluN1To1]) }
  mutating func padding() -> Padding { coin() ? .same : .valid }
  mutating func shape(ranks: ClosedRange<Int>, sizes: ClosedRange<Int> = 1...5) -> [Int] {
    (0..<int(ranks)).map { _ in int(sizes) }
  }

  func origin(_ name: String) -> Origin { Origin(index: 0, operatorName: name) }

  /// A tensor of floats that are the real values of an int8 input.
  mutating func realInput(_ dims: [Int]) throws -> TensorID {
    let quantized = input(try type(dims))
    let real = graph.add(TensorInfo(name: "real\(prologue.count)", type: TensorType(.float32, try Shape(dims))))
    prologue.append(Node(Dequantize(), inputs: [quantized], outputs: [real], origin: origin("dequantize")))
    return real
  }

  /// An int8 output of the float tensor `id`; one that depends on no input is added to an input.
  private mutating func quantizeOutput(_ id: TensorID, of inputs: [TensorID]) throws {
    let quantized = try type(graph[id].type.shape.dims)
    let isConstant = inputs.allSatisfy { graph[$0].constant != nil }
    let target = isConstant ? graph.add(TensorInfo(name: "quantized", type: quantized)) : output(quantized)
    graph.nodes.append(Node(Quantize(), inputs: [id], outputs: [target], origin: origin("quantize")))
    guard isConstant else { return }
    let data = input(try type(quantized.shape.dims))
    let sum = output(try type(quantized.shape.dims))
    graph.nodes.append(Node(Add(activation: .none), inputs: [data, target], outputs: [sum], origin: origin("add")))
  }

  // MARK: models

  /// A network of the operator `mnemonic`.
  package mutating func make(_ mnemonic: String) throws -> Graph {
    graph = Graph(file: "random \(mnemonic)")
    states = []
    guard let generator = Self.generators[mnemonic] else {
      throw Diagnostic("test.operator", .usage, "no generator for \(mnemonic)")
    }
    let (op, inputs, types) = try generator(&self)
    // Floats can't be computed: what comes of them is quantized.
    let isReal = inputs.allSatisfy { graph[$0].type.element == .float32 } && !inputs.isEmpty
    let outputs =
      types.map {
        isReal && $0.element == .float32 ? graph.add(TensorInfo(name: "real", type: $0)) : output($0)
      } + states
    graph.nodes = prologue + [Node(op, inputs: inputs, outputs: outputs, origin: origin(mnemonic))]
    prologue = []
    let kept = Set(graph.outputs + states)
    for id in outputs where !kept.contains(id) { try quantizeOutput(id, of: inputs) }
    try graph.verify()
    return graph
  }
}
