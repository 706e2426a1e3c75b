import IR
import Operators
import Quantization
import Support

/// How far the answers of a changed network lie from those that it gave before, for some vectors.
///
/// Answers are the outputs; of one that a softmax or logistic function makes, what goes into that function, whose results hardly
/// change for classes that are far ahead.
struct OutputError {
  private let vectors: [[Tensor]]
  private let wanted: [[Double]]
  /// Numbers of values that belong together in one answer, as the logits of one choice do.
  private let rows: [Int]

  /// - Parameter vectors: of the types of the graph's inputs; at most `most` of them are taken.
  init(_ graph: Graph, _ vectors: [[Tensor]], most: Int) throws(Diagnostic) {
    let count = min(most, vectors.count)
    self.vectors = (0..<count).map { vectors[$0 * vectors.count / count] }
    var wanted: [[Double]] = []
    let interpreter = try Interpreter(graph)
    for vector in self.vectors { wanted.append(try Self.answers(interpreter, vector)) }
    self.wanted = wanted
    rows = graph.answers.flatMap { id in
      let length = max(1, graph[id].type.channelCount)
      return [Int](repeating: length, count: graph[id].type.shape.elementCount / length)
    }
  }

  /// The mean squared distance, and the mean squared answer.
  func measure(_ graph: Graph) throws(Diagnostic) -> (noise: Double, signal: Double) {
    var (noise, signal, count) = (0.0, 0.0, 0.0)
    let interpreter = try Interpreter(graph)
    for (vector, wanted) in zip(vectors, wanted) {
      for (x, y) in zip(wanted, try Self.answers(interpreter, vector)) {
        noise += (x - y) * (x - y)
        signal += x * x
        count += 1
      }
    }
    return (noise / max(1, count), signal / max(1, count))
  }

  /// The mean divergence between the probabilities that answers stand for as logits, Σ p log(p / q) with q of the changed network.
  func divergence(_ graph: Graph) throws(Diagnostic) -> Double {
    guard rows.contains(where: { $0 > 1 }) else {
      throw Diagnostic(
        "compress.classes", .usage, "the network answers with single numbers, which are no probabilities of classes",
        notes: ["take the sensitivity `outputs`"])
    }
    let interpreter = try Interpreter(graph)
    var sum = 0.0
    for (vector, wanted) in zip(vectors, wanted) {
      let found = try Self.answers(interpreter, vector)
      var start = 0
      for length in rows {
        let (p, q) = (Self.logarithms(wanted[start..<start + length]), Self.logarithms(found[start..<start + length]))
        for (x, y) in zip(p, q) { sum += RealFunctions.exp(x) * (x - y) }
        start += length
      }
    }
    return max(0, sum / Double(max(1, vectors.count)))
  }

  /// Logarithms of the probabilities of logits.
  private static func logarithms(_ logits: ArraySlice<Double>) -> [Double] {
    let most = logits.max() ?? 0
    let total = RealFunctions.log(logits.reduce(0) { $0 + RealFunctions.exp($1 - most) })
    return logits.map { $0 - most - total }
  }

  private static func answers(_ interpreter: Interpreter, _ vector: [Tensor]) throws(Diagnostic) -> [Double] {
    let values = try interpreter.run(vector)
    var answers: [Double] = []
    for id in interpreter.graph.answers {
      if let value = values[id] { answers += try value.realValues }
    }
    return answers
  }
}

extension Graph {
  /// The outputs, and instead of one that a monotonic function at the end makes, what that function reads.
  var answers: [TensorID] {
    let producers = self.producers
    return outputs.map { output in
      var id = output
      while let index = producers[id] {
        let op = nodes[index].op
        guard op is Softmax || op is LogSoftmax || op is Logistic || op is Dequantize || op is Quantize || op is Reshape
        else { break }
        id = nodes[index].inputs[0]
      }
      return id
    }
  }
}
