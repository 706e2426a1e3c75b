import Compression
import IR
import Operators
import Support
import TestSupport
import Testing

/// The derivative of every operator against differences of its values.
@Suite struct GradientOperatorTests {
  /// Operators of floats without a derivative here: rounded ones and recurrent ones.
  private static let refused: Set<String> = ["floor_division", "gru", "lstm", "quantize", "rnn", "svdf"]

  /// Those without a form in which floats become floats, and one that is tested by itself.
  private static let withoutModels: Set<String> = [
    "arg_max", "arg_min", "broadcast_args", "compare", "dequantize", "exp", "integer_arithmetic", "l2_pool_2d", "log",
    "logical", "quantize", "rank", "shape",
  ]

  /// The operator of a random integer model on floats; nil when it has no float form for these operands.
  private static func real(_ graph: Graph, _ mnemonic: String, biasesToo: Bool, _ random: inout SplitMix64) -> Graph? {
    guard let node = graph.nodes.first(where: { $0.op.mnemonic == mnemonic }) else { return nil }
    var result = Graph(file: graph.file)
    func element(_ id: TensorID) -> ElementType {
      switch graph[id].type.element {
      case .int8, .uint8, .int16, .float32: .float32
      case .int32 where biasesToo: .float32
      case let other: other
      }
    }
    var inputs: [TensorID] = []
    for id in node.inputs {
      let type = TensorType(element(id), graph[id].type.shape)
      var info = TensorInfo(name: graph[id].name, type: type, constant: graph[id].constant)
      if info.constant != nil, type.element == .float32 {
        info.constant = Tensor(type, floats: random.floats(type.shape.elementCount)).bytes
      }
      inputs.append(result.add(info))
      if info.constant == nil { result.inputs.append(result.tensors.indices.last.map(TensorID.init) ?? TensorID(0)) }
    }
    do {
      let shapes = try node.op.outputShapes(inputs.map { try result.operand($0) })
      let outputs = zip(node.outputs, shapes).map { id, shape in
        result.add(TensorInfo(name: "output", type: TensorType(element(id), shape)))
      }
      result.nodes = [Node(node.op, inputs: inputs, outputs: outputs, origin: node.origin)]
      result.outputs = outputs
      try result.verify()
    } catch {
      return nil
    }
    let isReal = inputs.contains { result[$0].type.element == .float32 }
    return isReal && result.outputs.contains { result[$0].type.element == .float32 } ? result : nil
  }

  @Test(arguments: OperatorRegistry.source.map { $0.mnemonic })
  func randomModels(_ mnemonic: String) throws {
    var random = SplitMix64(seed: 7)
    var (models, compared, skipped, error) = (0, 0, 0, 0.0)
    for generator in RandomModels.operators
    where generator == mnemonic || generator.hasPrefix(mnemonic + " ") {
      for seed in 0..<40 {
        var draw = RandomModels(seed: UInt64(seed))
        guard let integers = try? draw.make(generator) else { continue }
        for biasesToo in [false, true] {
          guard let graph = Self.real(integers, mnemonic, biasesToo: biasesToo, &random) else { continue }
          if Self.refused.contains(mnemonic) {
            let refusal = #expect(throws: Diagnostic.self) { try Differentiator(graph) }
            #expect(refusal?.id == "gradient.operator" && refusal?.location != .unknown)
            models += 1
            break
          }
          var differences = try GradientDifferences(graph, seed: UInt64(seed))
          var vector = random.vector(graph)
          if mnemonic == "rsqrt" {
            vector = try vector.map { Tensor($0.type, floats: try $0.floats("x").map(\.magnitude)) }
          }
          try differences.compare(vector, elements: 4)
          #expect(differences.largestError < 5e-3, "\(mnemonic) \(seed): \(differences.largestError)")
          models += 1
          compared += differences.compared
          skipped += differences.skipped
          error = max(error, differences.largestError)
          break
        }
      }
    }
    print("gradient of \(mnemonic): \(models) models, \(compared) compared, \(skipped) skipped, error \(error)")
    #expect((models == 0) == Self.withoutModels.contains(mnemonic))
    if models > 0, !Self.refused.contains(mnemonic) { #expect(compared > 3 * skipped) }
  }

  @Test func meanSquaresOverWindows() throws {
    var random = SplitMix64(seed: 3)
    for padding in [Padding.same, .valid] {
      let op = L2Pool2D(filter: Extent(3, 2), stride: Extent(2, 1), padding: padding, activation: .relu6)
      var builder = GraphBuilder()
      let type = TensorType(.float32, try Shape([2, 5, 4, 3]))
      builder.graph.inputs = [builder.graph.add(TensorInfo(name: "x", type: type))]
      let output = TensorType(.float32, try op.outputShapes([Operand(type)])[0])
      builder.graph.outputs = [builder.node(op, builder.graph.inputs, output, name: "L2_POOL_2D")]
      var differences = try GradientDifferences(builder.graph, seed: 5)
      try differences.compare(random.vector(builder.graph), elements: 100)
      #expect(differences.largestError < 1e-3)
      #expect(differences.compared > 90)
    }
  }

  /// Rounding has no useful derivative, and states would need gradients through time.
  @Test func roundingAndStatesAreRefused() throws {
    var builder = GraphBuilder()
    let real = TensorType(.float32, try Shape([1, 4]))
    let input = builder.graph.add(TensorInfo(name: "x", type: real))
    let rounded = builder.node(Quantize(), [input], try builder.type([1, 4]), name: "QUANTIZE")
    builder.graph.inputs = [input]
    builder.graph.outputs = [builder.node(Dequantize(), [rounded], real, name: "DEQUANTIZE")]
    let refusal = #expect(throws: Diagnostic.self) { try Differentiator(builder.graph) }
    #expect(refusal?.description == "error: example: operator 0 (QUANTIZE) `t1`: gradients can't pass through quantize")
    builder.graph.nodes = []
    builder.graph.outputs = [input]
    _ = try Differentiator(builder.graph)
    builder.graph.states = [State(current: input, next: input, initial: [UInt8](repeating: 0, count: 16))]
    let other = #expect(throws: Diagnostic.self) { try Differentiator(builder.graph) }
    #expect(other?.id == "gradient.state")
  }

  /// Where the function is defined, on both sides of its kinks.
  @Test(arguments: PointwiseFunction.Kind.allCases)
  func functions(_ kind: PointwiseFunction.Kind) throws {
    var random = SplitMix64(seed: 3)
    let range: ClosedRange<Float> =
      switch kind {
      case .inverseHyperbolicCosine: 1.2...3
      case .logarithm, .squareRoot, .power, .reciprocal: 0.3...3
      case .arccosine, .arcsine, .inverseHyperbolicTangent: -0.9...0.9
      case .tangent: -1.2...1.2
      default: -3...3
      }
    for (a, b) in [(0.5, 0.75), (1.5, 2), (-0.5, 1)] as [(Float, Float)] {
      var builder = GraphBuilder()
      let type = TensorType(.float32, try Shape([64]))
      let input = builder.graph.add(TensorInfo(name: "x", type: type))
      builder.graph.inputs = [input]
      builder.graph.outputs = [builder.node(PointwiseFunction(kind, a, b), [input], type, name: "function")]
      var differences = try GradientDifferences(builder.graph, seed: 5)
      let values = (0..<64).map { _ in
        range.lowerBound + (range.upperBound - range.lowerBound) * Float(random.nextUnit())
      }
      try differences.compare([Tensor(type, floats: values)], elements: 64)
      #expect(differences.largestError < 5e-3, "\(kind) \(a) \(b): \(differences.largestError)")
      #expect(differences.compared > 40, "\(kind) \(a) \(b): \(differences.compared)")
    }
  }
}
