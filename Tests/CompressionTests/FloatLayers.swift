import IR
import Operators
import Support

/// Small float networks for tests of steps.
struct FloatLayers {
  var graph = Graph(file: "example")
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func values(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
  }

  mutating func tensor(_ dims: [Int]) throws -> Tensor {
    let type = TensorType(.float32, try Shape(dims))
    return Tensor(type, floats: values(type.shape.elementCount))
  }

  mutating func input(_ dims: [Int]) throws -> TensorID {
    let id = graph.add(TensorInfo(name: "x", type: TensorType(.float32, try Shape(dims))))
    graph.inputs.append(id)
    return id
  }

  /// A layer behind `input` with weights of the shape `dims`; its output becomes the graph's.
  mutating func layer(
    _ op: any SourceOperator, _ input: TensorID, _ dims: [Int], _ weights: [Float], bias: Int?, name: String
  ) throws -> TensorID {
    let type = TensorType(.float32, try Shape(dims))
    var inputs = [input, graph.add(constant: Tensor(type, floats: weights), name: "\(name)/w")]
    if let bias { inputs.append(graph.add(constant: try tensor([bias]), name: "\(name)/b")) }
    var operands: [Operand] = []
    for id in inputs { operands.append(try graph.operand(id)) }
    let output = graph.add(
      TensorInfo(name: name, type: TensorType(.float32, try op.outputShapes(operands)[0])))
    graph.nodes.append(
      Node(
        op, inputs: inputs, outputs: [output], origin: Origin(index: graph.nodes.count, operatorName: op.mnemonic)))
    graph.outputs = [output]
    return output
  }

  /// Weights [filters, height, width, depth] that channels of a smaller number mix.
  mutating func mixed(_ filters: Int, _ taps: Int, _ depth: Int, left: Int, right: Int) -> [Float] {
    let (a, core, b) = (values(filters * left), values(left * taps * right), values(right * depth))
    var weights = [Float](repeating: 0, count: filters * taps * depth)
    for n in 0..<filters {
      for t in 0..<taps {
        for c in 0..<depth {
          var sum: Float = 0
          for p in 0..<left {
            for q in 0..<right { sum += a[n * left + p] * core[(p * taps + t) * right + q] * b[q * depth + c] }
          }
          weights[(n * taps + t) * depth + c] = sum
        }
      }
    }
    return weights
  }
}

extension Graph {
  /// A network of one layer.
  static func single(
    _ op: any SourceOperator, input: [Int], weights dims: [Int], _ weights: [Float], bias: Int? = nil, seed: UInt64 = 1
  ) throws -> Graph {
    var layers = FloatLayers(seed: seed)
    let x = try layers.input(input)
    _ = try layers.layer(op, x, dims, weights, bias: bias, name: "layer")
    return layers.graph
  }
}

/// The energy of the differences over the energy of the first values.
func distance(_ a: Tensor, _ b: Tensor) throws -> Double {
  let (x, y) = (try a.floats("a"), try b.floats("b"))
  let noise = zip(x, y).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
  return noise / max(1e-30, x.reduce(0.0) { $0 + Double($1) * Double($1) })
}
