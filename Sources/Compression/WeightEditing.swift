package import IR
import Operators
package import Support

extension Graph {
  /// Gives a layer other weights.
  ///
  /// Weights of floats keep a grid as the quantization of their tensor, so that the quantizer takes its scales. Integer weights
  /// become the multiples of the grid's scales, and the biases, which are in the scale input × weights, follow.
  ///
  /// - Parameters:
  ///   - weights: row after row, as ``WeightedLayer/weights``.
  ///   - grid: nil when the weights lie on the grid they had before.
  package mutating func replace(
    _ layer: WeightedLayer, weights: [Double], grid: WeightGrid? = nil
  ) throws(Diagnostic) {
    let ordered = layer.stored(weights)
    var type = layer.type
    let value: Tensor
    if layer.isQuantized {
      value = try layer.integers(weights, grid)
      type = value.type
    } else {
      if let grid { type.quantization = try grid.quantization(layer.axis) }
      value = Tensor(type, floats: ordered.map { Float($0) })
    }
    let own = nodes[layer.nodes[0]].inputs[layer.position]
    let id = add(constant: value, name: self[own].name)
    for index in layer.nodes {
      nodes[index].inputs[layer.position] = id
      guard layer.isQuantized, let position = layer.biasPosition, position < nodes[index].inputs.count else { continue }
      do throws(Diagnostic) {
        try rescaleBias(index, position, from: layer.type, to: type)
      } catch {
        throw error.located(location(nodes[index]))
      }
    }
  }

  /// A bias in the scale of new weights.
  private mutating func rescaleBias(
    _ index: Int, _ position: Int, from old: TensorType, to new: TensorType
  ) throws(Diagnostic) {
    let id = nodes[index].inputs[position]
    guard old.quantization != new.quantization, let bias = try operand(id).constant,
      let before = old.quantization?.scales, let after = new.quantization?.scales
    else { return }
    let values = try bias.wideInts("the bias")
    let input = Double(try self[nodes[index].inputs[0]].type.affine("the input").scale)
    let perChannel = max(1, values.count / max(before.count, after.count))
    let range = bias.type.element == .int64 ? Int64.min...Int64.max : Int64(Int32.min)...Int64(Int32.max)
    var steps: [Int64] = []
    for (place, value) in values.enumerated() {
      let channel = place / perChannel
      let ratio = Double(before[min(before.count - 1, channel)]) / Double(after[min(after.count - 1, channel)])
      guard let step = Int64(exactly: (Double(value) * ratio).rounded()), range.contains(step) else {
        throw Diagnostic(
          "compress.bias", "the bias of channel \(channel) does not fit into the scale of the new weights")
      }
      steps.append(step)
    }
    var type = bias.type
    if bias.type.quantization != nil {
      type.quantization = try Quantization(
        scales: after.map { Float(input * Double($0)) }, zeroPoints: [Int32](repeating: 0, count: after.count), axis: 0)
    }
    nodes[index].inputs[position] = add(constant: Tensor(type, wide: steps), name: self[id].name)
  }

  /// The real biases of the layer's first node; nil for a layer without.
  package func biases(_ layer: WeightedLayer) throws(Diagnostic) -> [Double]? { try biases(layer, layer.nodes[0]) }

  private func biases(_ layer: WeightedLayer, _ index: Int) throws(Diagnostic) -> [Double]? {
    guard let bias = try biasConstant(layer, index) else { return nil }
    if case .floats(let values) = bias.elements { return values.map { Double($0) } }
    let scales = try biasScales(layer, index, count: bias.type.shape.elementCount)
    return zip(try bias.wideInts("the bias"), scales).map { Double($0) * $1 }
  }

  /// Gives every node of a layer other biases; those that do not fit into 32 bits saturate.
  package mutating func replace(_ layer: WeightedLayer, biases: [Double]) throws(Diagnostic) {
    for index in layer.nodes { try replace(layer, index, biases) }
  }

  /// Adds to the biases of every node of a layer, which keep what else they differ by.
  mutating func shiftBiases(of layer: WeightedLayer, by changes: [Double]) throws(Diagnostic) {
    for index in layer.nodes {
      guard let own = try biases(layer, index), own.count == changes.count else { continue }
      try replace(layer, index, zip(own, changes).map { $0 + $1 })
    }
  }

  private mutating func replace(_ layer: WeightedLayer, _ index: Int, _ biases: [Double]) throws(Diagnostic) {
    guard let position = layer.biasPosition, let bias = try biasConstant(layer, index) else { return }
    let value: Tensor
    if case .floats = bias.elements {
      value = Tensor(bias.type, floats: biases.map { Float($0) })
    } else {
      let scales = try biasScales(layer, index, count: bias.type.shape.elementCount)
      value = Tensor(
        bias.type,
        ints: zip(biases, scales).map { value, scale in
          let steps = (value / scale).rounded()
          return steps.isNaN ? 0 : Int32(max(-0x1p31, min(0x1p31 - 1, steps)))
        })
    }
    let old = nodes[index].inputs[position]
    nodes[index].inputs[position] = add(constant: value, name: self[old].name)
  }

  private func biasConstant(_ layer: WeightedLayer, _ index: Int) throws(Diagnostic) -> Tensor? {
    let node = nodes[index]
    guard let position = layer.biasPosition, position < node.inputs.count else { return nil }
    return try operand(node.inputs[position]).constant
  }

  private func biasScales(_ layer: WeightedLayer, _ index: Int, count: Int) throws(Diagnostic) -> [Double] {
    let node = nodes[index]
    let input = Double(try self[node.inputs[0]].type.affine("the input").scale)
    let weights = self[node.inputs[layer.position]].type.quantization?.scales ?? [1]
    return (0..<count).map { input * Double(weights[weights.count == 1 ? 0 : $0 * weights.count / max(1, count)]) }
  }
}

extension WeightGrid {
  func quantization(_ axis: Int?) throws(Diagnostic) -> Quantization {
    try Quantization(scales: scales, zeroPoints: [Int32](repeating: 0, count: scales.count), axis: axis)
  }
}

extension WeightedLayer {
  /// Rows as the weights' tensor holds them.
  fileprivate func stored(_ rows: [Double]) -> [Double] {
    guard let axis, axis > 0 else { return rows }
    var values = [Double](repeating: 0, count: rows.count)
    for (value, place) in zip(rows, type.shape.rowOrder(axis)) { values[place] = value }
    return values
  }

  /// The weights as integers of a grid, or of the scales that they had.
  fileprivate func integers(_ rows: [Double], _ grid: WeightGrid?) throws(Diagnostic) -> Tensor {
    if let grid {
      let steps = rows.enumerated().map { Double(grid.steps($1, $0 / max(1, columns))) }
      return Tensor(
        TensorType(.int8, type.shape, try grid.quantization(axis)), ints: stored(steps).map { Int32($0) })
    }
    guard let own = type.quantization, let range = type.element.range else {
      throw Diagnostic("compress.weights", "the weights are integers without a scale")
    }
    let inner = own.axis.map { type.shape.strides[$0] } ?? max(1, rows.count)
    let steps = stored(rows).enumerated().map { index, value in
      let slice = index / inner % own.scales.count
      let step = (value / Double(own.scales[slice])).rounded() + Double(own.zeroPoints[slice])
      return Int32(max(Double(range.lowerBound), min(Double(range.upperBound), step.isNaN ? 0 : step)))
    }
    return Tensor(type, ints: steps)
  }
}
