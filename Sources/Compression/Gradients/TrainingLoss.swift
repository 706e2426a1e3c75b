package import IR
import Operators
package import Support

/// What a network should answer to some vectors.
package enum TrainingTargets: Sendable {
  /// The right class of every row that the network classifies: most networks classify one row a vector.
  case labels([Int])
  /// The values of the outputs, for each vector a tensor an output.
  case outputs([[Tensor]])
  /// What the network answers itself: the class that it finds most probable, or its outputs as they are.
  case answers
}

/// The loss of a float network for some vectors: the mean over the rows of −ln p of the right class, or half the squared error
/// summed over all outputs.
///
/// Probabilities are those of a softmax at the end of the network, or of a logistic function that gives a single value: that
/// of class 1 beside class 0. With labels, outputs without either are read as the softmax's inputs. The logarithm is taken of
/// these inputs, so that it is exact for small probabilities, too.
package struct TrainingLoss: Sendable {
  private enum Form: Sendable {
    /// The classes of the rows of each vector; nil for those that the network finds most probable.
    case crossEntropy(ClassScores, labels: [[Int]]?)
    case squaredError([[Tensor]]?)
  }

  private let form: Form
  private let outputs: [TensorID]

  /// - Parameter count: the number of vectors.
  /// - Throws: when the targets do not suit the network or the number of vectors.
  package init(_ graph: Graph, _ targets: TrainingTargets, count: Int) throws(Diagnostic) {
    let place = Diagnostic.Location.file(graph.file)
    outputs = graph.outputs
    for id in graph.outputs where graph[id].type.element != .float32 {
      throw Diagnostic(
        "loss.output", at: place, "the output `\(graph[id].name)` holds integers; a loss needs outputs of floats")
    }
    let scores = graph.outputs.count == 1 ? graph.scores(of: graph.outputs[0]) : nil
    switch targets {
    case .outputs(let tensors):
      let suits = tensors.allSatisfy { vector in
        vector.count == graph.outputs.count
          && zip(vector, graph.outputs).allSatisfy {
            $0.type.element == .float32 && $0.type.shape.elementCount == graph[$1].type.shape.elementCount
          }
      }
      guard tensors.count == count, suits else {
        throw Diagnostic("loss.targets", .usage, at: place, "the wanted outputs do not suit \(count) vectors")
      }
      form = .squaredError(tensors)
    case .answers:
      guard let scores else {
        form = .squaredError(nil)
        return
      }
      form = .crossEntropy(scores, labels: nil)
    case .labels(let labels):
      guard graph.outputs.count == 1 else {
        throw Diagnostic("loss.labels", .usage, at: place, "labels need a network with one output")
      }
      let shape = graph[graph.outputs[0]].type.shape
      let own = scores ?? ClassScores(tensor: graph.outputs[0], depth: max(1, shape.dims.last ?? 1), beta: 1)
      let rows = max(1, shape.elementCount / own.depth)
      guard labels.count == count * rows, labels.allSatisfy({ (0..<own.classes).contains($0) }) else {
        throw Diagnostic(
          "loss.labels", .usage, at: place,
          "\(count) vectors need \(count * rows) labels from 0 to \(own.classes - 1)"
            + (labels.count == count * rows ? "" : ", but there are \(labels.count)"))
      }
      form = .crossEntropy(own, labels: (0..<count).map { Array(labels[$0 * rows..<($0 + 1) * rows]) })
    }
  }

  /// Whether the targets are the outputs themselves, so that the loss and its gradients are 0.
  package var isFlat: Bool { if case .squaredError(nil) = form { true } else { false } }

  /// The loss of vector `index`, and its derivatives by the tensors that it is computed from.
  ///
  /// - Parameters:
  ///   - values: of all tensors.
  ///   - answers: the values from which the network's own answers are taken; nil for `values`.
  package func evaluate(
    _ index: Int, _ values: [TensorID: Tensor], answers: [TensorID: Tensor]? = nil
  ) throws(Diagnostic) -> (loss: Double, seeds: [TensorID: [Float]]) {
    switch form {
    case .crossEntropy(let scores, let labels):
      let x = try Self.floats(scores.tensor, values)
      let own = try Self.floats(scores.tensor, answers ?? values)
      let rows = max(1, x.count / scores.depth)
      var loss = 0.0
      var seeds: [Float] = []
      for row in 0..<x.count / scores.depth {
        let range = row * scores.depth..<(row + 1) * scores.depth
        let (logits, before) = (scores.logits(x[range]), scores.logits(own[range]))
        let label = labels?[index][row] ?? Self.largest(before)
        let largest = logits[Self.largest(logits)]
        let powers = logits.map { RealFunctions.exp($0 - largest) }
        let sum = powers.reduce(0, +)
        loss += (RealFunctions.log(sum) + largest - logits[label]) / Double(rows)
        for (place, power) in powers.enumerated() where place >= scores.classes - scores.depth {
          seeds.append(Float(scores.beta * (power / sum - (place == label ? 1 : 0)) / Double(rows)))
        }
      }
      return (loss, [scores.tensor: seeds])
    case .squaredError(let targets):
      var loss = 0.0
      var seeds: [TensorID: [Float]] = [:]
      for (position, id) in outputs.enumerated() {
        let x = try Self.floats(id, values)
        var wanted = try Self.floats(id, answers ?? values)
        if let targets { wanted = try targets[index][position].floats("a target") }
        let errors = zip(x, wanted).map { $0 - $1 }
        loss += errors.reduce(0) { $0 + Double($1) * Double($1) } / 2
        seeds[id] = errors
      }
      return (loss, seeds)
    }
  }

  /// Derivatives by the tensors that the loss is computed from, whose gradients have on average the squares on the diagonal of
  /// the Gauss–Newton matrix Jᵀ J of the squared error: random signs for all outputs.
  package func randomSeeds(
    _ values: [TensorID: Tensor], _ random: inout SplitMix64
  ) throws(Diagnostic) -> [TensorID: [Float]] {
    var seeds: [TensorID: [Float]] = [:]
    for id in outputs { seeds[id] = try Self.floats(id, values).map { _ in random.nextSign() } }
    return seeds
  }

  private static func floats(_ id: TensorID, _ values: [TensorID: Tensor]) throws(Diagnostic) -> [Float] {
    guard let tensor = values[id] else { throw Diagnostic("loss.output", "an output has no value") }
    return try tensor.floats("an output")
  }

  /// The place of the first largest value.
  private static func largest(_ x: [Double]) -> Int { x.indices.reduce(0) { x[$1] > x[$0] ? $1 : $0 } }
}

/// A tensor of which probabilities of classes are computed: by a softmax of rows, or a logistic function of single values.
private struct ClassScores {
  let tensor: TensorID
  /// Elements of a row.
  let depth: Int
  let beta: Double
  var isLogistic = false

  /// Beside the one whose score is 0 a logistic function has one more.
  var classes: Int { isLogistic ? 2 : depth }

  /// The scores of all classes, whose softmax is the probabilities.
  func logits(_ row: ArraySlice<Float>) -> [Double] { (isLogistic ? [0] : []) + row.map { Double($0) * beta } }
}

extension Graph {
  /// What a softmax over the last axis, or a logistic function of a single value, reads that gives the output `id`.
  fileprivate func scores(of id: TensorID) -> ClassScores? {
    var id = id
    let producers = producers
    while let producer = producers[id] {
      let node = nodes[producer]
      let depth = max(1, self[id].type.shape.dims.last ?? 1)
      switch node.op {
      case is Reshape: id = node.inputs[0]
      case let op as Softmax: return ClassScores(tensor: node.inputs[0], depth: depth, beta: Double(op.beta))
      case is LogSoftmax: return ClassScores(tensor: node.inputs[0], depth: depth, beta: 1)
      case is Logistic where self[id].type.shape.elementCount == 1:
        return ClassScores(tensor: node.inputs[0], depth: 1, beta: 1, isLogistic: true)
      default: return nil
      }
    }
    return nil
  }
}
