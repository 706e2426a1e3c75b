package import IR
import Operators
package import Support

/// Constant weights of a network, of floats or integers, as compression sees them: a matrix of real numbers with a row for
/// each output channel.
///
/// Convolutions with weights [filters, height, width, depth] have `filters` rows of height · width · depth columns, dense layers
/// [units, depth] the matrix that they are; a depthwise convolution [1, height, width, channels] has `channels` rows of
/// height · width columns.
package struct WeightedLayer: Sendable {
  /// The nodes that read these weights, in their order; the first one gives the layer its name.
  package let nodes: [Int]
  /// Positions of the weights and of the bias among the inputs of the nodes.
  package let position: Int
  package let biasPosition: Int?
  /// The axis of the output channels; nil for weights with one scale, which are one row.
  package let axis: Int?
  package let name: String
  package let type: TensorType
  /// The number of rows.
  package let channels: Int
  /// The real weights, row after row.
  package let weights: [Double]

  /// The number of weights in a row.
  package var columns: Int { channels == 0 ? 0 : weights.count / channels }

  package func row(_ channel: Int) -> ArraySlice<Double> { weights[channel * columns..<(channel + 1) * columns] }

  /// The part of the weights that is not zero.
  package var density: Double {
    weights.isEmpty ? 1 : Double(weights.count { $0 != 0 }) / Double(weights.count)
  }

  /// Whether the layer computes in integers.
  package var isQuantized: Bool { type.element != .float32 }
}

extension [WeightedLayer] {
  /// Fails when no layer has the name, which a recipe gives.
  func requireLayer(_ name: String) throws(Diagnostic) {
    guard !contains(where: { $0.name == name }) else { return }
    throw Diagnostic(
      "compress.layer", .usage, "no layer with weights is called `\(name)`",
      notes: ["layers are called \(map { "`\($0.name)`" }.joined(separator: ", "))"])
  }
}

/// The real values that integers of some scales stand for: whole multiples of the scale.
package struct WeightGrid: Equatable, Sendable {
  /// For the whole layer, or one for each row.
  package let scales: [Float]
  /// The integers that there are, for each scale: −7 to 7 for 4 bits, or any 16 beside each other with zero among them.
  package let integers: [ClosedRange<Int32>]

  package init(scales: [Float], integers: [ClosedRange<Int32>]) {
    self.scales = scales
    self.integers = integers
  }

  /// Integers of both signs up to a magnitude.
  package init(scales: [Float], largest: Int32) {
    self.init(scales: scales, integers: [ClosedRange<Int32>](repeating: -largest...largest, count: scales.count))
  }

  package func scale(_ channel: Int) -> Double { Double(scales[scales.count == 1 ? 0 : channel]) }

  /// The multiple of the scale next to `value`, ties away from zero.
  package func steps(_ value: Double, _ channel: Int) -> Int32 {
    let steps = (value / scale(channel)).rounded()
    let own = integers[integers.count == 1 ? 0 : channel]
    return Int32(max(Double(own.lowerBound), min(Double(own.upperBound), steps.isNaN ? 0 : steps)))
  }
}

// MARK: - reading

extension Graph {
  /// The layers with constant weights, in the order of the nodes; weights that several nodes read are one layer.
  package func weightedLayers() throws(Diagnostic) -> [WeightedLayer] {
    var order: [TensorID] = []
    var places: [TensorID: (nodes: [Int], position: Int, bias: Int?, axis: Int?)] = [:]
    for (index, node) in nodes.enumerated() {
      for sum in node.constantSums
      where sum.weights < node.inputs.count && self[node.inputs[sum.weights]].constant != nil {
        let id = node.inputs[sum.weights]
        if places[id] == nil {
          order.append(id)
          places[id] = ([], sum.weights, sum.bias.flatMap { $0 < node.inputs.count ? $0 : nil }, sum.axis)
        }
        if places[id]?.nodes.last != index { places[id]?.nodes.append(index) }
      }
    }
    var layers: [WeightedLayer] = []
    for id in order {
      guard let place = places[id], let values = try operand(id).constant else { continue }
      do throws(Diagnostic) {
        layers.append(
          WeightedLayer(
            nodes: place.nodes, position: place.position, biasPosition: place.bias, axis: place.axis,
            name: self[nodes[place.nodes[0]].outputs[0]].shortName, type: values.type,
            channels: place.axis.map { values.type.shape[$0] } ?? 1,
            weights: try values.rows(along: place.axis)))
      } catch {
        throw error.located(location(nodes[place.nodes[0]]))
      }
    }
    return layers
  }
}

extension Node {
  /// The products with constant matrices that the node sums.
  fileprivate var constantSums: [OperandRules.Sum] {
    switch (op as? any SourceOperator)?.quantizationRule {
    case .weighted(let axis): [OperandRules.Sum(data: .input(0), weights: 1, bias: 2, axis: axis, target: .output(0))]
    case .operands(let rules): rules.sums
    default: []
    }
  }
}

extension Tensor {
  /// The real values with the slices of `axis` one after the other.
  fileprivate func rows(along axis: Int?) throws(Diagnostic) -> [Double] {
    let values = try real()
    guard let axis, axis > 0 else { return values }
    return type.shape.rowOrder(axis).map { values[$0] }
  }

  /// The exact real values.
  private func real() throws(Diagnostic) -> [Double] {
    switch elements {
    case .floats(let values): return values.map { Double($0) }
    case .wide: throw Diagnostic("compress.weights", "weights of 64 bits can't be compressed")
    case .ints(let values):
      guard let own = type.quantization else {
        throw Diagnostic("compress.weights", "the weights are integers without a scale")
      }
      let inner = own.axis.map { type.shape.strides[$0] } ?? max(1, values.count)
      return values.enumerated().map { index, value in
        let slice = index / inner % own.scales.count
        return Double(own.scales[slice]) * Double(Int64(value) - Int64(own.zeroPoints[slice]))
      }
    }
  }
}

extension Shape {
  /// For each element of the slices of `axis`, one after the other, its place in row-major order.
  package func rowOrder(_ axis: Int) -> [Int] {
    let inner = strides[axis]
    let count = dims[axis]
    let outer = elementCount / max(1, inner * count)
    return (0..<count).flatMap { slice in
      (0..<outer).flatMap { block in (0..<inner).map { (block * count + slice) * inner + $0 } }
    }
  }
}
