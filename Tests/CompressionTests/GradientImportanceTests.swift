import Compression
import IR
import Operators
import Support
import TestSupport
import Testing

/// Importances against closed forms and against what happens to the loss.
@Suite struct GradientImportanceTests {
  /// A softmax of one dense layer, whose derivatives have closed forms: g = (p − y) x and tr H = |x|² Σ p (1 − p).
  private struct Regression {
    static let (depth, classes, count) = (5, 4, 6)
    let graph: Graph
    let weights: [Double]
    let vectors: [[Tensor]]
    let labels = (0..<6).map { $0 % 4 }
    /// Scores and probabilities of each vector.
    let scores: [[Double]]
    let probabilities: [[Double]]

    init() throws {
      var random = SplitMix64(seed: 11)
      let (depth, classes) = (Self.depth, Self.classes)
      var builder = GraphBuilder()
      let type = TensorType(.float32, try Shape([1, depth]))
      let input = builder.graph.add(TensorInfo(name: "x", type: type))
      let values = random.floats(depth * classes)
      let matrix = Tensor(TensorType(.float32, try Shape([classes, depth])), floats: values)
      let weights = builder.graph.add(constant: matrix, name: "w")
      let output = TensorType(.float32, try Shape([1, classes]))
      let sums = builder.node(
        FullyConnected(activation: .none, shape: [1, classes]), [input, weights], output, name: "FULLY_CONNECTED")
      builder.graph.inputs = [input]
      builder.graph.outputs = [builder.node(Softmax(beta: 1), [sums], output, name: "SOFTMAX")]
      graph = builder.graph
      self.weights = values.map { Double($0) }
      let data = (0..<Self.count).map { _ in random.floats(depth) }
      vectors = data.map { [Tensor(type, floats: $0)] }
      scores = data.map { x in
        (0..<classes).map { (unit: Int) -> Double in
          zip(values[unit * depth..<(unit + 1) * depth], x).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
      }
      probabilities = scores.map { scores in
        let powers = scores.map { RealFunctions.exp($0) }
        return powers.map { $0 / powers.reduce(0, +) }
      }
    }

    func x(_ vector: Int) throws -> [Double] { try vectors[vector][0].floats("x").map { Double($0) } }
    func error(_ vector: Int, _ unit: Int) -> Double {
      probabilities[vector][unit] - (labels[vector] == unit ? 1 : 0)
    }
  }

  @Test func firstOrderClosedForms() throws {
    let model = try Regression()
    let importance = try LayerImportance(model.graph, vectors: model.vectors, .labels(model.labels))
    #expect(importance.layers.count == 1)
    let (channels, taylor, damage) = (
      try importance.channelTaylor()[0], try importance.weightTaylor()[0], try importance.brainDamage()[0]
    )
    for unit in 0..<Regression.classes {
      let all = 0..<Regression.count
      let wanted = all.reduce(0) { $0 + (model.scores[$1][unit] * model.error($1, unit)).magnitude } / Double(all.count)
      #expect((channels[unit] - wanted).magnitude < 1e-5)
      for d in 0..<Regression.depth {
        let place = unit * Regression.depth + d
        let slopes = try all.map { model.error($0, unit) * (try model.x($0))[d] }
        let (w, count) = (model.weights[place], Double(all.count))
        #expect((taylor[place] - slopes.reduce(0) { $0 + (w * $1).magnitude } / count).magnitude < 1e-5)
        #expect((damage[place] - slopes.reduce(0) { $0 + $1 * $1 } / count * w * w / 2).magnitude < 1e-5)
      }
    }
  }

  @Test func tracesOfAClosedForm() throws {
    let model = try Regression()
    let importance = try LayerImportance(model.graph, vectors: model.vectors, .labels(model.labels), seed: 3)
    let wanted =
      try (0..<Regression.count).reduce(0.0) { sum, vector in
        let square = try model.x(vector).reduce(0) { $0 + $1 * $1 }
        return sum + square * model.probabilities[vector].reduce(0) { $0 + $1 * (1 - $1) }
      } / Double(Regression.count)
    let trace = try importance.hessianTraces(probes: 400)[0]
    print("trace of the Hessian: \(trace), in closed form \(wanted)")
    #expect((trace / wanted - 1).magnitude < 0.05)
    #expect(try importance.hessianTraces(probes: 2) == importance.hessianTraces(probes: 2))
  }

  /// The Gauss–Newton diagonal of outputs that are sums of inputs times weights is x².
  @Test func randomSignsForAFlatLoss() throws {
    let model = try Regression()
    var graph = model.graph
    graph.outputs = [graph.nodes[0].outputs[0]]
    graph.nodes.removeLast()
    let vector = model.vectors[0]
    let importance = try LayerImportance(graph, vectors: [vector])
    let x = try model.x(0)
    for (place, damage) in try importance.brainDamage()[0].enumerated() {
      let wanted = model.weights[place] * model.weights[place] * x[place % x.count] * x[place % x.count] / 2
      #expect((damage - wanted).magnitude < 1e-5)
    }
    // And so is the Hessian's, from differences.
    let trace = try importance.hessianTraces(probes: 1)[0]
    let square = x.reduce(0) { $0 + $1 * $1 }
    #expect((try #require(try importance.hessianTraces(probes: 300).first) / (4 * square) - 1).magnitude < 0.1)
    #expect(trace > 0)
  }

  /// Scaling a channel scales its activations, so that to first order the loss changes by the importance.
  @Test func channelsOfANetworkPredictTheLoss() throws {
    let (graph, vectors, labels) = try GradientNetworkTests.gesture(1)
    let importance = try LayerImportance(graph, vectors: vectors, .labels(labels))
    let channels = try importance.channelTaylor()
    let loss = try TrainingLoss(graph, .labels(labels), count: 1)
    var compared = 0
    let most = channels.flatMap { $0 }.max() ?? 0
    for (index, layer) in importance.layers.enumerated() {
      for channel in 0..<layer.channels {
        func scaled(_ factor: Double) throws -> Double {
          var changed = graph
          var weights = layer.weights
          for place in channel * layer.columns..<(channel + 1) * layer.columns { weights[place] *= factor }
          try changed.replace(layer, weights: weights)
          if var biases = try graph.biases(layer) {
            biases[channel] *= factor
            try changed.replace(layer, biases: biases)
          }
          return try loss.evaluate(0, try Interpreter(changed).run(vectors[0])).loss
        }
        let change = (try scaled(1.01) - scaled(0.99)) / 0.02
        #expect((change.magnitude - channels[index][channel]).magnitude < 2e-2 * most, "\(layer.name) \(channel)")
        compared += 1
      }
    }
    #expect(compared > 20)
  }

  /// Weights stand in rows of channels for depthwise layers, too: to first order the loss changes by the importance.
  @Test func weightsOfANetworkPredictTheLoss() throws {
    let (graph, vectors, labels) = try GradientNetworkTests.gesture(1)
    let importance = try LayerImportance(graph, vectors: vectors, .labels(labels))
    let taylor = try importance.weightTaylor()
    let loss = try TrainingLoss(graph, .labels(labels), count: 1)
    var random = SplitMix64(seed: 4)
    let depthwise = importance.layers.filter { $0.axis == 3 }
    for (index, layer) in importance.layers.enumerated() {
      let most = taylor[index].max() ?? 0
      for _ in 0..<8 {
        let place = Int.random(in: layer.weights.indices, using: &random)
        func scaled(_ factor: Double) throws -> Double {
          var changed = graph
          var weights = layer.weights
          weights[place] *= factor
          try changed.replace(layer, weights: weights)
          return try loss.evaluate(0, try Interpreter(changed).run(vectors[0])).loss
        }
        let change = (try scaled(1.02) - scaled(0.98)) / 0.04
        #expect((change.magnitude - taylor[index][place]).magnitude < 2e-2 * most + 1e-5, "\(layer.name) \(place)")
      }
    }
    print("layers of gesture: \(importance.layers.count), of them depthwise \(depthwise.count)")
  }
}
