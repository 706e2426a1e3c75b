import Compiler
import Compression
import IR
import Operators
import Support
import TestSupport

/// Networks and recipes for the tests of compression.
enum CompressionGraphs {
  /// A model of the samples.
  static func sample(_ path: String) throws -> Graph {
    try Pipeline.read(try Platform.read("\(Repository.root)/Samples/\(path)"), file: path)
  }

  /// A dense layer without bias.
  static func dense(rows: Int, columns: Int, _ weights: [Double]) throws -> Graph {
    var b = GraphBuilder()
    let x = try b.realInput([1, columns])
    let w = try b.realConstant([rows, columns], weights.map { Float($0) })
    let op = FullyConnected(activation: .none, shape: [1, rows])
    b.graph.outputs = [b.node(op, [x, w], try b.real([1, rows]), name: op.mnemonic)]
    try b.graph.verify()
    return b.graph
  }

  static func recipe(_ text: String) throws -> Recipe { try Recipe(Array(text.utf8), file: "recipe.json") }

  static func step(_ text: String) throws -> any CompressionStep {
    try Recipe.step(JSONCursor(try JSONParser.parse(Array(text.utf8), file: "step.json"), file: "step.json"))
  }

  /// Layers of one convolution or dense layer each, with random weights and a bias, for every form that layers have.
  static let layers = ["dense", "pointwise", "padded", "strided", "grouped", "depthwise", "multiplied", "transposed"]

  static func layer(_ form: String, seed: UInt64) throws -> Graph {
    var random = SplitMix64(seed: seed)
    var b = GraphBuilder()
    let one = Extent(1, 1)
    let x = try b.realInput(form == "dense" ? [1, 24] : [1, 6, 7, 8])
    func conv(_ padding: Padding, stride: Extent = one, activation: Activation = .relu) -> Conv2D {
      Conv2D(stride: stride, dilation: one, padding: padding, activation: activation)
    }
    let depthwise = DepthwiseConv2D(stride: one, dilation: one, padding: .same, activation: .none)
    let (op, weights, output): (any Operator, [Int], [Int]) =
      switch form {
      case "dense": (FullyConnected(activation: .relu, shape: [1, 5]), [5, 24], [1, 5])
      case "pointwise": (conv(.valid), [4, 1, 1, 8], [1, 6, 7, 4])
      case "strided": (conv(.same, stride: Extent(2, 2)), [4, 3, 3, 8], [1, 3, 4, 4])
      case "grouped": (conv(.same), [4, 3, 3, 4], [1, 6, 7, 4])
      case "depthwise": (depthwise, [1, 3, 3, 8], [1, 6, 7, 8])
      case "multiplied": (depthwise, [1, 3, 3, 16], [1, 6, 7, 16])
      case "transposed":
        (
          TransposeConv(stride: Extent(2, 2), padding: .same, activation: .none, output: Extent(12, 14)),
          [3, 3, 3, 8], [1, 12, 14, 3]
        )
      default: (conv(.same), [4, 3, 3, 8], [1, 6, 7, 4])
      }
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &random) } }
    let inputs = [
      x, try b.realConstant(weights, values(weights.reduce(1, *))),
      try b.realConstant([output[output.count - 1]], values(output[output.count - 1])),
    ]
    b.graph.outputs = [b.node(op, inputs, try b.real(output), name: op.mnemonic)]
    try b.graph.verify()
    return b.graph
  }

  /// Vectors of random values, whose mean is not zero.
  static func vectors(_ graph: Graph, _ count: Int, seed: UInt64 = 5) throws -> [[Tensor]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      graph.inputs.map { id in
        let type = graph[id].type
        return Tensor(
          type, floats: (0..<type.shape.elementCount).map { _ in Float.random(in: -0.5...1.5, using: &random) })
      }
    }
  }
}
