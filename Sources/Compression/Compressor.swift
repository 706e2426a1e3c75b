import Frontends
package import IR
import Operators
import Quantization
package import Support

/// Vectors with the classes that they belong to.
package struct LabelledVectors: Sendable {
  /// Of the types of the original network's inputs.
  package let inputs: [[Tensor]]
  package let labels: [Int]

  package init(inputs: [[Tensor]], labels: [Int]) {
    self.inputs = inputs
    self.labels = labels
  }

  /// The part of the vectors whose first output is largest at the label.
  package func accuracy(of graph: Graph) throws(Diagnostic) -> Double {
    let interpreter = try Interpreter(graph)
    var right = 0
    for (answer, label) in zip(try interpreter.outputs(inSequence: try graph.inputs(inputs)), labels)
    where answer.first?.indexOfLargest == label {
      right += 1
    }
    return Double(right) / Double(max(1, labels.count))
  }
}

/// Takes a network through the steps of a recipe, and measures it after each.
package struct Compressor {
  package private(set) var network: CompressedNetwork
  package private(set) var statistics: [CompressionStatistics] = []
  private let context: CompressionContext
  private let evaluation: LabelledVectors?
  private let originals: [WeightedLayer]
  /// Vectors for the error of the outputs, and the original answers.
  private let vectors: [[Tensor]]
  private let answers: [[Tensor]]

  /// Vectors that run after each step.
  private static let mostVectors = 128

  /// - Parameter probes: vectors with which the error of the outputs is measured, where the calibration vectors are no typical
  ///   ones and there are none with labels.
  package init(
    _ graph: Graph, _ context: CompressionContext, evaluation: LabelledVectors?, probes: [[Tensor]] = []
  ) throws(Diagnostic) {
    let network = try CompressedNetwork(graph)
    self.network = network
    self.context = context
    self.evaluation = evaluation
    originals = try network.original.weightedLayers()
    guard !originals.isEmpty else {
      throw Diagnostic("compress.layers", at: .file(graph.file), "has no layer with constant weights")
    }
    for layer in originals where !layer.weights.allSatisfy(\.isFinite) {
      throw Diagnostic(
        "compress.weights", at: network.original.location(network.original.nodes[layer.nodes[0]]),
        "has a weight that is no finite number")
    }
    for (index, vector) in context.calibration.enumerated() where !vector.allSatisfy(\.isFinite) {
      throw Diagnostic(
        "compress.calibrate", .usage, "calibration vector \(index) holds a value that is no finite number")
    }
    let all = context.calibration.isEmpty || !probes.isEmpty ? evaluation?.inputs ?? probes : context.calibration
    let count = min(Self.mostVectors, all.count)
    vectors = (0..<count).map { all[$0 * all.count / count] }
    answers = try Interpreter(network.original).outputs(inSequence: vectors)
    try measure("original", [])
  }

  /// Applies the steps of a recipe; a network that is still float afterwards becomes int8.
  package mutating func run(_ recipe: Recipe) throws(Diagnostic) {
    for step in recipe.steps { try apply(step) }
    if network.isFloat { try apply(try QuantizeStep(JSONCursor(.object([]), file: recipe.name))) }
  }

  package mutating func apply(_ step: any CompressionStep) throws(Diagnostic) {
    let notes = try step.apply(to: &network, context)
    try network.graph.verify()
    try measure(step.name, notes)
  }

  private mutating func measure(_ step: String, _ notes: [String]) throws(Diagnostic) {
    context.progress("measurement", 0, 1)
    let decibels =
      vectors.isEmpty
      ? nil
      : try OutputFidelity.measure(float: network.original, answers: answers, network.graph, vectors).map(\.decibels)
        .min()
    statistics.append(
      try CompressionStatistics(
        step: step, network, originals: originals, outputDecibels: decibels,
        accuracy: try evaluation?.accuracy(of: network.graph), notes: notes))
  }

  /// The compressed network as a `model.bin`.
  package func modelBinary() throws(Diagnostic) -> [UInt8] {
    try ModelBinaryWriter.write(network.graph.compacted, network.packing)
  }
}

extension Tensor {
  fileprivate var isFinite: Bool {
    guard case .floats(let values) = elements else { return true }
    return values.allSatisfy(\.isFinite)
  }
}
