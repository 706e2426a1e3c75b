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

  /// - Parameter vectors: of the types of the graph's inputs; at most `most` of them are taken.
  init(_ graph: Graph, _ vectors: [[Tensor]], most: Int) throws(Diagnostic) {
    let count = min(most, vectors.count)
    self.vectors = (0..<count).map { vectors[$0 * vectors.count / count] }
    var wanted: [[Double]] = []
    let interpreter = try Interpreter(graph)
    for vector in self.vectors { wanted.append(try Self.answers(interpreter, vector)) }
    self.wanted = wanted
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
