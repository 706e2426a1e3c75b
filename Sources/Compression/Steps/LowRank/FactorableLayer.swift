import IR
import Operators
import Support

/// A dense layer or an ordinary convolution of floats, whose weights can be factored.
struct FactorableLayer {
  let layer: WeightedLayer
  let filters: Int
  let height: Int
  let width: Int
  let depth: Int
  private let isDense: Bool

  /// A dense layer and a 1×1 convolution have a single tap.
  var taps: Int { height * width }

  /// - Returns: nil for other layers: depthwise, grouped and transposed convolutions, recurrent layers, integers.
  init?(_ layer: WeightedLayer, _ graph: Graph) {
    let dims = layer.type.shape.dims
    guard layer.axis == 0, layer.position == 1, !layer.isQuantized, !layer.weights.isEmpty else { return nil }
    let nodes = layer.nodes.map { graph.nodes[$0] }
    if nodes.allSatisfy({ $0.op is FullyConnected }) {
      (filters, height, width, depth, isDense) = (dims[0], 1, 1, dims[1], true)
    } else if nodes.allSatisfy({ $0.op is Conv2D && graph[$0.inputs[0]].type.shape.dims.last == dims.last }) {
      (filters, height, width, depth, isDense) = (dims[0], dims[1], dims[2], dims[3], false)
    } else {
      return nil
    }
    self.layer = layer
  }

  /// Such as `NAME (3x3 convolution of 16 channels to 24)`.
  var text: String {
    let kind =
      isDense
      ? "dense layer of \(depth) inputs to \(filters)"
      : "\(height)x\(width) convolution of \(depth) channels to \(filters)"
    return "\(layer.name) (\(kind))"
  }

  /// An operator of a chain, with the types of its weights and of its output.
  struct Link {
    let op: any SourceOperator
    let weights: TensorType
    let output: TensorType
  }

  /// The operators of a chain in the place of one of the layer's nodes.
  func links(_ chain: [FactorLayer], for node: Node, in graph: Graph) throws(Diagnostic) -> [Link] {
    var links: [Link] = []
    var input = graph[node.inputs[0]].type
    for (index, factor) in chain.enumerated() {
      let isLast = index == chain.count - 1
      let weights = TensorType(.float32, try Shape(isDense ? [factor.dims[0], factor.dims[3]] : factor.dims))
      let op: any SourceOperator
      if let dense = node.op as? FullyConnected {
        op = FullyConnected(
          activation: isLast ? dense.activation : .none,
          shape: isLast ? dense.shape : Array(dense.shape.dropLast()) + [factor.dims[0]], arithmetic: dense.arithmetic)
      } else if let own = node.op as? Conv2D {
        let options = own.options.part(factor.movement, activation: isLast ? own.options.activation : .none)
        op = factor.isDepthwise ? DepthwiseConv2D(options) : Conv2D(options)
      } else {
        throw Diagnostic("compress.low-rank", at: graph.location(node), "can't be factored")
      }
      let output = TensorType(.float32, try op.outputShapes([Operand(input), Operand(weights)])[0])
      links.append(Link(op: op, weights: weights, output: output))
      input = output
    }
    return links
  }

  /// Of the layer itself and of a chain in its place, in all of its nodes.
  func multiplyAccumulates(_ chain: [FactorLayer], in graph: Graph) throws(Diagnostic) -> (own: Int, chain: Int) {
    var (own, new) = (0, 0)
    for index in layer.nodes {
      let node = graph.nodes[index]
      let types = node.inputs.map { Operand(graph[$0].type) }
      own += node.op.multiplyAccumulates(types, graph.outputTypes(node))
      var input = types[0]
      for link in try links(chain, for: node, in: graph) {
        new += link.op.multiplyAccumulates([input, Operand(link.weights)], [link.output])
        input = Operand(link.output)
      }
    }
    return (own, new)
  }
}

extension ConvolutionOptions {
  /// What one of the factors of a convolution takes over. Zeros around the image stay zeros behind a layer without bias.
  fileprivate func part(_ movement: FactorLayer.Movement, activation: Activation) -> ConvolutionOptions {
    let (rows, columns) = (movement == .all || movement == .rows, movement == .all || movement == .columns)
    func part(_ extent: Extent, _ fallback: Int) -> Extent {
      Extent(rows ? extent.height : fallback, columns ? extent.width : fallback)
    }
    let padding: Padding =
      switch padding {
      case .same where rows || columns: .same
      case .explicit(let before, let after) where rows || columns:
        .explicit(before: part(before, 0), after: part(after, 0))
      default: .valid
      }
    return ConvolutionOptions(
      stride: part(stride, 1), dilation: part(dilation, 1), padding: padding, activation: activation,
      arithmetic: arithmetic)
  }
}

extension Graph {
  /// Puts chains of smaller layers in the place of layers. The last one of a chain takes over bias, activation, output and
  /// name, the others are called `NAME:reduced` and, in the middle of three, `NAME:core`.
  mutating func replace(_ chains: [(site: FactorableLayer, chain: [FactorLayer])]) throws(Diagnostic) {
    var places: [Int: (site: FactorableLayer, chain: [FactorLayer], weights: [TensorID])] = [:]
    for (site, chain) in chains {
      guard let first = site.layer.nodes.first else { continue }
      let links = try site.links(chain, for: nodes[first], in: self)
      let name = self[nodes[first].inputs[1]].shortName
      var weights: [TensorID] = []
      for (index, (link, factor)) in zip(links, chain).enumerated() {
        let value = Tensor(link.weights, floats: factor.weights.map { Float($0) })
        weights.append(add(constant: value, name: name + Self.suffix(index, of: chain.count)))
      }
      for node in site.layer.nodes { places[node] = (site, chain, weights) }
    }
    var result: [Node] = []
    for (index, node) in nodes.enumerated() {
      guard let (site, chain, weights) = places[index] else {
        result.append(node)
        continue
      }
      let links = try site.links(chain, for: node, in: self)
      let name = self[node.outputs[0]].shortName
      var input = node.inputs[0]
      for (place, link) in links.enumerated() {
        let isLast = place == links.count - 1
        let output =
          isLast
          ? node.outputs[0] : add(TensorInfo(name: name + Self.suffix(place, of: links.count), type: link.output))
        result.append(
          Node(
            link.op, inputs: [input, weights[place]] + (isLast ? Array(node.inputs.dropFirst(2)) : []),
            outputs: [output], origin: node.origin))
        input = output
      }
    }
    nodes = result
  }

  private static func suffix(_ index: Int, of count: Int) -> String {
    index == count - 1 ? "" : index == 0 ? ":reduced" : ":core"
  }
}
