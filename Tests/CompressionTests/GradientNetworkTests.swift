import Compiler
import Compression
import Frontends
import IR
import Operators
import Support
import TestSupport
import Testing

/// Gradients and losses of whole networks.
@Suite struct GradientNetworkTests {
  /// A float network of gestures with vectors and their labels. The recorded samples are int8, as the integer network reads them.
  static func gesture(_ count: Int) throws -> (graph: Graph, vectors: [[Tensor]], labels: [Int]) {
    let folder = "\(Repository.root)/Samples/gesture"
    let graph = try CompressionGraphs.sample("gesture/model_float.tflite")
    let integers = try CompressionGraphs.sample("gesture/model.tflite")
    let samples = try Vectors.load(
      ["\(folder)/samples.npy"], for: integers.inputs.map { integers[$0] }, role: "input")
    let labels = TensorInfo(name: "label", type: TensorType(.int32, try Shape([1])))
    let numbers = try Vectors.load(["\(folder)/labels.npy"], for: [labels], role: "label")
    return (
      graph, try samples.prefix(count).map { try $0.map { try Dequantize.real($0) } },
      try numbers.prefix(count).map { Int(try $0[0].ints("a label")[0]) }
    )
  }

  /// The values of a loss for labels against its derivatives by inputs, weights and biases.
  @Test func crossEntropyOfANetwork() throws {
    let (graph, vectors, labels) = try Self.gesture(3)
    let loss = try TrainingLoss(graph, .labels(labels), count: vectors.count)
    var differences = try GradientDifferences(graph, seed: 9)
    for (index, vector) in vectors.enumerated() {
      try differences.compare(vector, elements: 12, step: 0x1p-8) { try loss.evaluate(index, $0) }
      let values = try differences.differentiator.values(vector)
      let probabilities = try #require(values[graph.outputs[0]]).floats("output")
      let expected = -RealFunctions.log(Double(probabilities[labels[index]]))
      #expect((try loss.evaluate(index, values).loss - expected).magnitude < 1e-4 * max(1, expected))
    }
    print(
      "gradients of gesture: \(differences.compared) compared, \(differences.skipped) skipped, "
        + "error \(differences.largestError)")
    #expect(differences.largestError < 3e-3)
    #expect(differences.compared > 5 * differences.skipped)
  }

  /// Every float model that was recorded or exported, as far as its operators have derivatives.
  @Test func recordedModels() throws {
    var random = SplitMix64(seed: 2)
    var refusals: Set<String> = []
    var (compared, skipped, largest) = (0, 0, 0.0)
    for folder in Repository.floatFixtures + Repository.onnxFixtures + Repository.exportedFixtures {
      let name = try Platform.list(folder.path).first { $0.hasPrefix("model.") } ?? ""
      guard let graph = try? Frontend.read(try folder.bytes(name), file: folder.description) else { continue }
      let isFloat = graph.outputs.contains { graph[$0].type.element == .float32 }
      guard isFloat, graph.inputs.allSatisfy({ graph[$0].type.element == .float32 }) else { continue }
      do {
        var differences = try GradientDifferences(graph, seed: 4)
        try differences.compare(random.vector(graph), elements: 3)
        #expect(differences.largestError < 1e-2, "\(folder.description): \(differences.largestError)")
        compared += differences.compared
        skipped += differences.skipped
        largest = max(largest, differences.largestError)
      } catch let error as Diagnostic {
        refusals.insert("\(error.id) \(error.message)")
      }
    }
    print("gradients of recorded models: \(compared) compared, \(skipped) skipped, error \(largest)")
    print(refusals.sorted().joined(separator: "\n"))
    #expect(compared > 500)
    #expect(compared > 5 * skipped)
    #expect(refusals.allSatisfy { $0.hasPrefix("gradient.") })
  }

  /// A logistic function of a single value is the probability of class 1.
  @Test func twoClasses() throws {
    var random = SplitMix64(seed: 6)
    var builder = GraphBuilder()
    let type = TensorType(.float32, try Shape([1, 3]))
    let single = TensorType(.float32, try Shape([1, 1]))
    let input = builder.graph.add(TensorInfo(name: "x", type: type))
    let weights = builder.graph.add(constant: Tensor(type, floats: random.floats(3)), name: "w")
    let sum = builder.node(
      FullyConnected(activation: .none, shape: [1, 1]), [input, weights], single, name: "FULLY_CONNECTED")
    builder.graph.inputs = [input]
    builder.graph.outputs = [builder.node(Logistic(), [sum], single, name: "LOGISTIC")]
    let graph = builder.graph
    for label in [0, 1] {
      let loss = try TrainingLoss(graph, .labels([label]), count: 1)
      let vector = random.vector(graph)
      let values = try Interpreter(graph).run(vector)
      let p = Double(try #require(values[graph.outputs[0]]).floats("p")[0])
      #expect((try loss.evaluate(0, values).loss + RealFunctions.log(label == 1 ? p : 1 - p)).magnitude < 1e-5)
      var differences = try GradientDifferences(graph, seed: 1)
      try differences.compare(vector, elements: 3) { try loss.evaluate(0, $0) }
      #expect(differences.largestError < 3e-3 && differences.compared == 6)
      let own = try TrainingLoss(graph, .answers, count: 1).evaluate(0, values).loss
      #expect((own + RealFunctions.log(max(p, 1 - p))).magnitude < 1e-5)
    }
    #expect(throws: Diagnostic.self) { try TrainingLoss(graph, .labels([2]), count: 1) }
  }

  @Test func squaredErrorOfOutputs() throws {
    let (graph, vectors, _) = try Self.gesture(2)
    let type = graph[graph.outputs[0]].type
    let wanted = vectors.map { _ in [Tensor(type, floats: Array(repeating: 0.25, count: type.shape.elementCount))] }
    let loss = try TrainingLoss(graph, .outputs(wanted), count: 2)
    var differences = try GradientDifferences(graph, seed: 9)
    for (index, vector) in vectors.enumerated() {
      try differences.compare(vector, elements: 8, step: 0x1p-8) { try loss.evaluate(index, $0) }
    }
    #expect(differences.largestError < 3e-3)
    #expect(!loss.isFlat)
  }

  /// Without labels the classes that the network finds most probable take their place.
  @Test func answersAreLabels() throws {
    let (graph, vectors, _) = try Self.gesture(20)
    let interpreter = try Interpreter(graph)
    let own = try vectors.map { vector -> Int in
      let output = try interpreter.outputs(vector)[0].floats("output")
      return output.indices.reduce(0) { output[$1] > output[$0] ? $1 : $0 }
    }
    let (first, second) = (
      try TrainingLoss(graph, .answers, count: 20), try TrainingLoss(graph, .labels(own), count: 20)
    )
    for (index, vector) in vectors.enumerated() {
      let values = try interpreter.run(vector)
      let (a, b) = (try first.evaluate(index, values), try second.evaluate(index, values))
      #expect(a.loss == b.loss)
      #expect(a.seeds == b.seeds)
    }
  }

  @Test func wrongTargetsAreRefused() throws {
    let (graph, vectors, labels) = try Self.gesture(3)
    for wrong in [TrainingTargets.labels([0, 1]), .labels([0, 1, 17]), .labels([0, -1, 1]), .outputs([])] {
      let error = #expect(throws: Diagnostic.self) { try TrainingLoss(graph, wrong, count: 3) }
      #expect(error?.category == .usage)
    }
    let none = #expect(throws: Diagnostic.self) { try LayerImportance(graph, vectors: [], .labels([])) }
    #expect(none?.id == "importance.vectors")
    let integers = try CompressionGraphs.sample("gesture/model.tflite")
    let error = #expect(throws: Diagnostic.self) { try LayerImportance(integers, vectors: vectors, .labels(labels)) }
    #expect(error?.id == "importance.type")
  }
}
