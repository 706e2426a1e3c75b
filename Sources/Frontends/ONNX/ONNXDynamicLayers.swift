/// Layers of floats whose input is quantized while they run, as `quantize_dynamic` of ONNX Runtime writes them:
///
///     xq, xs, xz = DynamicQuantizeLinear(x)
///     y = Mul(Cast(MatMulInteger(xq, W, xz, wz)), Mul(xs, ws))
///
/// and the same with ConvInteger. Scales that are known at run time only need floats, so that such a layer is taken as what it
/// stands for: x times the real values of W. Other uses of DynamicQuantizeLinear stay as they are.
struct ONNXDynamicLayers {
  /// The domain of the nodes that stand for whole layers: inputs x, W, ws, wz and, for a matrix product, a bias.
  static let domain = "nncgen"

  private let nodes: [ONNXNode]
  /// The node that writes each value.
  private var writers: [String: Int] = [:]

  /// The nodes with such layers in the place of their parts.
  ///
  /// - Parameter results: names of values that are needed whatever the nodes do.
  static func recognized(_ nodes: [ONNXNode], results: Set<String>) -> [ONNXNode] {
    guard nodes.contains(where: { $0.operation == "DynamicQuantizeLinear" }) else { return nodes }
    let layers = ONNXDynamicLayers(nodes)
    let replaced = nodes.map { layers.layer($0) ?? $0 }
    // What only the parts read is needed no longer.
    let isPart: Set<String> = [
      "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger", "Cast", "Mul", "MatMulIntegerToFloat",
    ]
    var read = results
    var kept: [ONNXNode] = []
    for node in replaced.reversed() where !isPart.contains(node.operation) || !read.isDisjoint(with: node.outputs) {
      read.formUnion(node.inputs)
      kept.append(node)
    }
    return kept.reversed()
  }

  private init(_ nodes: [ONNXNode]) {
    self.nodes = nodes
    for (index, node) in nodes.enumerated() {
      for name in node.outputs where !name.isEmpty { writers[name] = index }
    }
  }

  private func writer(_ name: String, _ operations: [String]) -> ONNXNode? {
    guard let index = writers[name], operations.contains(nodes[index].operation) else { return nil }
    return nodes[index]
  }

  /// The float whose integers, scale and zero point these are; nil when they are no such three.
  private func source(_ integers: String, _ scale: String, _ zeroPoint: String) -> String? {
    guard let node = writer(integers, ["DynamicQuantizeLinear"]), node.inputs.count == 1,
      node.outputs == [integers, scale, zeroPoint]
    else { return nil }
    return node.inputs[0]
  }

  /// The layer whose last node is `node`; nil when it is none.
  private func layer(_ node: ONNXNode) -> ONNXNode? {
    if node.operation == "MatMulIntegerToFloat", node.domain == "com.microsoft" { return product(node) }
    guard node.operation == "Mul", node.domain.isEmpty, node.inputs.count == 2 else { return nil }
    for (sums, scale) in [(0, 1), (1, 0)] {
      guard let cast = writer(node.inputs[sums], ["Cast"]), cast.inputs.count == 1,
        let layer = writer(cast.inputs[0], ["MatMulInteger", "ConvInteger"]), layer.domain.isEmpty,
        (3...4).contains(layer.inputs.count), let factor = writer(node.inputs[scale], ["Mul"]), factor.inputs.count == 2
      else { continue }
      for (own, weights) in [(0, 1), (1, 0)] {
        guard let x = source(layer.inputs[0], factor.inputs[own], layer.inputs[2]) else { continue }
        return ONNXNode(
          layer, operation: layer.operation == "ConvInteger" ? "DynamicConv" : "DynamicMatMul", domain: Self.domain,
          inputs: [x, layer.inputs[1], factor.inputs[weights], layer.inputs.count > 3 ? layer.inputs[3] : ""],
          outputs: node.outputs)
      }
    }
    return nil
  }

  /// What is left when ONNX Runtime has put the last three nodes into one.
  private func product(_ node: ONNXNode) -> ONNXNode? {
    func input(_ position: Int) -> String { position < node.inputs.count ? node.inputs[position] : "" }
    guard let x = source(input(0), input(2), input(4)) else { return nil }
    return ONNXNode(
      node, operation: "DynamicMatMul", domain: Self.domain, inputs: [x, input(1), input(3), input(5), input(6)],
      outputs: node.outputs)
  }
}
